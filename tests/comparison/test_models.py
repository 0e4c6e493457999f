"""Running one model: what its heads and its CNN are trained on, and what follows the seed, the size and the crop."""

from dataclasses import replace

import numpy as np
import pytest

import hilum
from hilum.audit.audit import first_look
from hilum.audit.blanked import blanked_features
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import local_weights
from hilum.backbones.zoo import ZOO, backbone
from hilum.comparison.models import run_backbone, run_cnn
from hilum.comparison.options import RunOptions
from hilum.features.extract import extract, extract_features
from hilum.heads.hierarchical import HierarchicalHead
from hilum.heads.logistic import LogisticHead
from hilum.options import FeatureOptions
from hilum.progress import silent
from hilum.scoring.scoring import plans_for

LITE0 = "efficientnet_lite0"
pytestmark = pytest.mark.usefixtures("use_shared_cache")


def _result(compared, name):
    return next(result for result in compared.results if result.name == name)


def _default_head(table, seed):
    return HierarchicalHead(table.classes.index("normal"), seed=seed)


@pytest.fixture
def run(phantom_table, phantom_audit):
    """Compares models under the given split: `run(LITE0, size=64).results`."""

    def compare(*models, **options):
        return hilum.compare(phantom_table, models, **{"protocols": ["given"], "audited": phantom_audit, **options})

    return compare


def test_heads_are_fitted_on_train_alone_and_averaged_over_seeds(compared, phantom_table):
    features = extract_features(phantom_table, LITE0)
    train = phantom_table.in_split("train")
    labels, groups = phantom_table.labels, compared.audit.slices.strict
    heads = [
        _default_head(phantom_table, compared.settings.seed + number).fit(features[train], labels[train], groups[train])
        for number in range(5)
    ]
    result = _result(compared, LITE0)
    np.testing.assert_allclose(result.probabilities, np.mean([head.predict_proba(features) for head in heads], 0))
    assert result.history == tuple(heads[0].history_)
    assert result.best_epoch == heads[0].best_epoch_


def test_the_floor_is_the_same_heads_on_blanked_pictures(compared, phantom_table):
    weights = local_weights(backbone(LITE0), None)
    looks, options = compared.audit.looks, compared.settings
    features = blanked_features(phantom_table, looks, backbone(LITE0), weights, options)
    train, test = phantom_table.in_split("train"), phantom_table.in_split("test")
    labels, groups = phantom_table.labels, compared.audit.slices.strict
    heads = [
        _default_head(phantom_table, number).fit(features[train], labels[train], groups[train]) for number in range(5)
    ]
    result = _result(compared, LITE0)
    expected = np.mean([head.predict_proba(features[test]) for head in heads], 0)
    np.testing.assert_allclose(result.floors["given"].probabilities[0], expected)
    for result in compared.results:
        assert result.floors.keys() == result.predictions.keys()
        for name, floor in result.floors.items():
            assert floor.plan is result.predictions[name].plan
            assert not np.array_equal(floor.by_seed, result.predictions[name].by_seed)


def test_slices_of_another_table_are_scored_after_those_of_the_first(compared, phantom_table):
    """And so they are on blanked pictures."""
    table, looks = phantom_table, compared.audit.looks
    given = compared.plans["given"].once()
    (fit,) = given.repeats[0]
    rows = np.arange(len(table.rows), 2 * len(table.rows))
    plans = {"given": given, "strict": replace(given, scored=rows, repeats=((replace(fit, score=rows),),))}
    known = backbone(LITE0)
    result, features = run_backbone(
        [(table, looks)] * 2, known, local_weights(known, None), compared.settings, plans, silent
    )
    assert len(features.values) == len(table.rows)
    np.testing.assert_allclose(result.predictions["strict"].probabilities[0], result.probabilities)
    blanked = result.floors["strict"].probabilities[:, given.scored]
    np.testing.assert_allclose(blanked, result.floors["given"].probabilities)


def test_heads_learn_from_views_and_score_slices_as_they_are(run, phantom_table):
    """And so does the floor, from views of blanked pictures."""
    (plain,) = run(LITE0, repeats=1, head="logistic").results
    (result,) = run(LITE0, repeats=1, head="logistic", views=("mirrored", "up")).results
    known = backbone(LITE0)
    how = known, local_weights(known, None), FeatureOptions()
    features = [extract(phantom_table, *how, view=view).values for view in (None, "mirrored", "up")]
    train, test = (np.flatnonzero(phantom_table.in_split(split)) for split in ("train", "test"))
    groups = np.array([row.group for row in phantom_table.rows])[train]
    rows, labels = np.concatenate([of[train] for of in features]), phantom_table.labels[train]
    head = LogisticHead().fit(rows, np.tile(labels, 3), np.tile(groups, 3))
    np.testing.assert_allclose(result.probabilities[test], head.predict_proba(features[0][test]), atol=1e-6)
    for name in plain.floors:
        assert not np.allclose(result.floors[name].by_seed, plain.floors[name].by_seed)


def test_what_plans_share_is_trained_once(compared):
    for result in compared.results:
        for of in (result.predictions, result.floors):
            whole, part = of["no-copies"], of["no-look-alikes"]
            places = np.searchsorted(whole.plan.scored, part.plan.scored)
            np.testing.assert_array_equal(part.by_seed, whole.by_seed[:, places])


def test_an_ensembles_floor_is_the_mean_of_its_members(run):
    names = [LITE0, "resnet50"]
    options = {"random_weights": True, "size": 64, "scales": "last", "repeats": 2, "ensemble": names}
    *members, ensemble = run(*names, **options).results
    for name, floor in ensemble.floors.items():
        expected = np.mean([member.floors[name].by_seed for member in members], 0)
        np.testing.assert_allclose(floor.by_seed, expected)
    cheap = run(*names, floor="cheap", **options).results
    assert [result.floors for result in cheap] == [{}, {}, {}]
    for result, other in zip(cheap, [*members, ensemble], strict=True):
        np.testing.assert_array_equal(result.probabilities, other.probabilities)


def test_softmax_heads_are_stopped_on_valid(run, phantom_table):
    (result,) = run(LITE0, head="softmax", repeats=2).results
    features = extract_features(phantom_table, LITE0)
    train, valid = phantom_table.in_split("train"), phantom_table.in_split("valid")
    labels = phantom_table.labels
    heads = [hilum.SoftmaxHead(seed=number) for number in range(2)]
    for head in heads:
        head.fit(features[train], labels[train], features[valid], labels[valid])
    np.testing.assert_allclose(result.probabilities, np.mean([head.predict_proba(features) for head in heads], 0))
    assert result.history == tuple(heads[0].history_)
    assert len(result.predictions["given"].by_seed) == len(result.predictions["no-copies"].by_seed) == 2


@pytest.mark.parametrize(("scales", "width"), [("last", 2048), ("earlier", 1024), ("both", 3072)])
def test_features_come_from_one_scale_or_two(run, scales, width):
    (result,) = run("resnet50", scales=scales, random_weights=True, size=64).results
    assert result.facts["width"] == width


def test_the_cnn_runs_no_folds_unless_asked(compared):
    assert _result(compared, "cnn").predictions.keys() == {"given", "no-copies", "no-look-alikes"}
    assert _result(compared, LITE0).predictions.keys() == {"given", "no-copies", "no-look-alikes", "grouped", "strict"}


def test_facts_of_the_models(compared):
    facts = _result(compared, LITE0).facts
    assert facts["tag"] == "tf_efficientnet_lite0.in1k"
    assert (facts["size"], facts["scales"], facts["width"], facts["licence"]) == (224, "earlier", 112, "apache-2.0")
    assert facts["engine"] == compared.settings.engine == engine_name("auto")
    assert facts["weights"]["origin"] == "package"
    assert len(facts["weights"]["digest"]) == 64
    cnn = _result(compared, "cnn")
    assert "tag" not in cnn.facts
    assert len(cnn.history) <= 2
    assert cnn.seconds.features == 0
    for result in compared.results:
        seconds = result.seconds
        assert min(seconds.decoding, seconds.head) > 0
        assert seconds.total == pytest.approx(seconds.decoding + seconds.features + seconds.head)


def test_another_seed_differs(compared, run):
    other = run("cnn", LITE0, cnn_epochs=2, seed=1, protocols=["grouped"])
    assert not np.array_equal(_result(other, "cnn").probabilities, _result(compared, "cnn").probabilities)
    # Features and labels determine a head; what the seed draws are the folds.
    grouped, before = (_result(run, LITE0).predictions["grouped"] for run in (other, compared))
    assert not np.array_equal(grouped.probabilities, before.probabilities)
    assert _result(other, LITE0).seconds.cached


def test_random_weights_are_flagged_and_follow_the_seed(run, tmp_path, monkeypatch):
    runs = []
    for cache, seed in (("first", 0), ("second", 0), ("first", 1)):
        monkeypatch.setenv("HILUM_CACHE", str(tmp_path / cache))
        runs.append(run(LITE0, random_weights=True, size=64, seed=seed))
    first, same, other = (compared.results[0] for compared in runs)
    assert runs[0].settings.random_weights
    assert first.facts["weights"] == {"origin": "random", "digest": "random"}
    assert first.facts["size"] == 64
    np.testing.assert_array_equal(first.probabilities, same.probabilities)
    assert not np.array_equal(first.probabilities, other.probabilities)


def test_without_crop_scores_differ(compared, run):
    whole = run("cnn", cnn_epochs=2, crop=False)
    assert not whole.settings.crop
    assert not np.array_equal(whole.results[0].probabilities, _result(compared, "cnn").probabilities)


@pytest.mark.slow
@pytest.mark.parametrize("known", ZOO, ids=lambda known: known.name)
def test_every_backbone_end_to_end_on_random_weights(known, run):
    size = 96
    (result,) = run(known.name, scales="both", random_weights=True, size=size).results
    assert result.facts["width"] > known.width
    assert result.facts["size"] == size
    assert np.isfinite(result.probabilities).all()
    assert result.probabilities.std(0).max() > 1e-4  # slices are told apart at all


@pytest.mark.slow
def test_the_cnn_on_real_slices_beats_the_published_one(chest_ctscan, use_shared_cache):
    table = hilum.read_table(chest_ctscan)
    looked = first_look(table)
    plans, _ = plans_for(looked.slices, ["given"], repeats=1, seed=0)
    result = run_cnn([(table, looked.looks)], RunOptions(floor="cheap"), plans, silent)
    assert result.valid.n == 72
    assert result.valid.accuracy > 0.736
