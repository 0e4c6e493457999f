"""The comparison: what is scored and how the best is chosen, on phantom slices and, slowly, on real ones."""

import dataclasses
import shutil

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss

import hilum
from hilum.backbones.engine import engine_name
from hilum.backbones.zoo import DEFAULT_NAMES, ZOO
from hilum.comparison.options import default_models
from hilum.errors import HilumError
from hilum.features.extract import extract_features
from hilum.slices.table import read_table

LITE0 = "efficientnet_lite0"
pytestmark = pytest.mark.usefixtures("used_cache")


def _result(compared, name):
    return next(result for result in compared.results if result.name == name)


def test_models_that_ran_and_one_that_could_not(compared, phantom_table):
    assert [result.name for result in compared.results] == ["cnn", LITE0]
    (missing,) = compared.unavailable
    assert (missing.name, missing.title, missing.tag) == ("vgg16", "VGG16", "vgg16.tv_in1k")
    assert "HILUM_OFFLINE" in missing.reason
    assert compared.settings.models == ("cnn", LITE0, "vgg16")
    assert compared.table is phantom_table
    assert compared.settings.negative == "normal"
    assert not compared.settings.random_weights


def test_every_model_is_scored_on_the_same_slices(compared, phantom_table):
    for result in compared.results:
        assert result.probabilities.shape == (48, 4)
        np.testing.assert_allclose(result.probabilities.sum(1), 1, atol=1e-6)
        rows = phantom_table.in_split("valid")
        labels, probabilities = phantom_table.labels[rows], result.probabilities[rows]
        assert result.valid.n == rows.sum()
        assert result.valid.loss == pytest.approx(log_loss(labels, probabilities, labels=range(4)), abs=1e-9)
        assert result.valid.accuracy == accuracy_score(labels, probabilities.argmax(1))
        assert np.array_equal(result.valid.confusion, confusion_matrix(labels, probabilities.argmax(1)))


def test_logistic_heads_are_fitted_on_train_alone_and_averaged_over_seeds(compared, phantom_table):
    features = extract_features(phantom_table, LITE0)
    train = phantom_table.in_split("train")
    labels, groups = phantom_table.labels, compared.audit.slices.strict
    heads = [
        hilum.LogisticHead(seed=compared.settings.seed + number).fit(features[train], labels[train], groups[train])
        for number in range(5)
    ]
    result = _result(compared, LITE0)
    np.testing.assert_allclose(result.probabilities, np.mean([head.predict_proba(features) for head in heads], 0))
    assert result.history == tuple(heads[0].history_)
    assert result.best_epoch == heads[0].best_epoch_


def test_softmax_heads_are_stopped_on_valid(phantom_table):
    compared = hilum.compare(phantom_table, [LITE0], head="softmax", protocols=["given"])
    features = extract_features(phantom_table, LITE0)
    train, valid = phantom_table.in_split("train"), phantom_table.in_split("valid")
    labels = phantom_table.labels
    heads = [hilum.SoftmaxHead(seed=number) for number in range(5)]
    for head in heads:
        head.fit(features[train], labels[train], features[valid], labels[valid])
    result = _result(compared, LITE0)
    np.testing.assert_allclose(result.probabilities, np.mean([head.predict_proba(features) for head in heads], 0))
    assert result.history == tuple(heads[0].history_)


def test_an_ensemble_is_the_mean_of_its_members(phantom_table):
    members = [LITE0, "resnet50"]
    compared = hilum.compare(phantom_table, members, random_weights=True, ensemble=members[::-1])
    one, other, both = compared.results
    assert both.name == f"{LITE0}+resnet50"
    np.testing.assert_allclose(both.probabilities, (one.probabilities + other.probabilities) / 2)
    for name, predictions in both.predictions.items():
        mean = (one.predictions[name].probabilities + other.predictions[name].probabilities) / 2
        np.testing.assert_allclose(predictions.probabilities, mean)
    assert both.seconds.total == pytest.approx(one.seconds.total + other.seconds.total)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["cnn", LITE0], "names cnn, which is no frozen backbone"),
        (["xception", LITE0], "names xception"),
        ([LITE0], "needs two"),
    ],
)
def test_an_ensemble_that_cannot_be_is_refused(phantom_table, asked, says):
    with pytest.raises(HilumError, match=says):
        hilum.compare(phantom_table, ["cnn", LITE0, "vgg16"], ensemble=asked)


def test_an_ensemble_that_lacks_weights_is_said(phantom_table, tmp_path):
    compared = hilum.compare(
        phantom_table, [LITE0, "vgg16"], ensemble=[LITE0, "vgg16"], protocols=["given"], weights=tmp_path
    )
    assert "vgg16" in compared.unavailable[-1].reason
    assert compared.unavailable[-1].name == f"{LITE0}+vgg16"


@pytest.mark.parametrize(("scales", "width"), [(1, 2048), (2, 1024 + 2048)])
def test_features_come_from_one_scale_or_two(phantom_table, scales, width):
    options = {"random_weights": True, "size": 64, "protocols": ["given"]}
    compared = hilum.compare(phantom_table, ["resnet50"], scales=scales, **options)
    assert compared.results[0].facts["width"] == width


def test_repeats_reach_the_heads(phantom_table, used_cache):
    result = _result(hilum.compare(phantom_table, [LITE0], protocols=["given"], repeats=2), LITE0)
    assert len(result.predictions["given"].by_seed) == len(result.predictions["unseen"].by_seed) == 2


def test_other_numbers_of_scales_are_refused(phantom_table):
    with pytest.raises(HilumError, match=r"^scales must be 1 or 2, not 3"):
        hilum.compare(phantom_table, ["resnet50"], scales=3)


def test_an_unknown_head_is_refused(phantom_table):
    with pytest.raises(HilumError, match="no head 'forest'"):
        hilum.compare(phantom_table, [LITE0], head="forest")


def test_given_and_its_interval_are_of_the_same_predictions(compared, phantom_table):
    for result in compared.results:
        given = result.predictions["given"]
        test = phantom_table.in_split("test")
        np.testing.assert_array_equal(given.probabilities[0], result.probabilities[test])
        figures = compared.worth.figures["given"][result.name]
        truth, called = phantom_table.labels[test], result.probabilities[test].argmax(1)
        assert figures.f1_macro.value == pytest.approx(f1_score(truth, called, average="macro", zero_division=0))
        assert figures.f1_macro.low is None  # each class of this small test split is of one patient
        assert figures.over_floor is None
    for row in compared.worth.differences["given"]:
        assert row.f1_macro.difference is None
        assert not row.f1_macro.told_apart
        assert row.first is None
    strict = compared.worth.figures["strict"][LITE0].f1_macro
    assert strict.low <= strict.value <= strict.high


def test_what_did_not_go_as_a_protocol_says_is_among_the_notes(compared):
    notes = [f"{name}: {note}" for name, plan in compared.plans.items() for note in plan.notes]
    assert any("folds instead of 5: there are" in note for note in notes)
    assert set(notes) <= set(compared.notes)


def test_points_of_the_curve_say_how_many_folds_they_come_from(compared):
    scored = [point for point in compared.curve if point["scores"]]
    assert all(2 <= point["folds"] <= 5 for point in scored)
    for point in compared.curve:
        assert (point["folds"] is None) == (not point["scores"])
        fewer = point["folds"] is not None and point["folds"] < 5
        assert any(f"{point['folds']} folds instead of 5" in note for note in point["notes"]) == fewer
    assert any(point["notes"] for point in compared.curve), "phantoms are so alike that groups are few"


def test_only_of_the_public_set_it_is_said_that_defaults_were_chosen_on_it(compared):
    assert not any("public set" in note for note in compared.notes)


def test_the_cnn_runs_no_folds_unless_asked(compared):
    assert _result(compared, "cnn").predictions.keys() == {"given", "unseen"}
    assert _result(compared, LITE0).predictions.keys() == {"given", "unseen", "grouped", "strict"}


def test_protocols_can_be_limited(compared, phantom_table):
    other = hilum.compare(phantom_table, [LITE0], protocols=["unseen"], audited=compared.audit)
    assert other.results[0].predictions.keys() == {"given", "unseen"}
    assert other.curve == ()
    with pytest.raises(HilumError, match=r"no protocol 'cross'.*strict"):
        hilum.compare(phantom_table, [LITE0], protocols=["cross"], audited=compared.audit)


def test_facts_of_the_models(compared):
    facts = _result(compared, LITE0).facts
    assert facts["tag"] == "tf_efficientnet_lite0.in1k"
    assert (facts["size"], facts["scales"], facts["width"], facts["licence"]) == (224, 2, 112 + 1280, "apache-2.0")
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


def test_the_same_again_and_from_an_empty_cache(compared, phantom_table, tmp_path, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    again = hilum.compare(phantom_table, ["cnn", LITE0, "vgg16"], cnn_epochs=2)
    assert _result(again, LITE0).seconds.cached
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "empty"))
    afresh = hilum.compare(phantom_table, ["cnn", LITE0, "vgg16"], cnn_epochs=2)
    assert not _result(afresh, LITE0).seconds.cached
    for other in (again, afresh):
        assert other.best.name == compared.best.name
        assert other.unavailable == compared.unavailable
        for first, second in zip(compared.results, other.results, strict=True):
            np.testing.assert_array_equal(first.probabilities, second.probabilities)
            assert first.history == second.history
            assert first.valid == second.valid


def test_another_seed_differs(compared, phantom_table):
    other = hilum.compare(phantom_table, ["cnn", LITE0], cnn_epochs=2, seed=1)
    assert not np.array_equal(_result(other, "cnn").probabilities, _result(compared, "cnn").probabilities)
    # A logistic head has one solution; what the seed draws are the folds.
    grouped, before = (_result(run, LITE0).predictions["grouped"] for run in (other, compared))
    assert not np.array_equal(grouped.probabilities, before.probabilities)
    assert _result(other, LITE0).seconds.cached


def test_a_model_named_twice_runs_once(compared, phantom_table):
    other = hilum.compare(phantom_table, [LITE0, LITE0])
    assert [result.name for result in other.results] == [LITE0]
    np.testing.assert_array_equal(other.results[0].probabilities, _result(compared, LITE0).probabilities)


def test_random_weights_are_flagged_and_follow_the_seed(compared, phantom_table):
    options = {"random_weights": True, "size": 64, "epochs": 2}
    first, same, other = (hilum.compare(phantom_table, [LITE0], seed=seed, **options).results[0] for seed in (0, 0, 1))
    assert first.facts["weights"] == {"origin": "random", "digest": "random"}
    assert first.facts["size"] == 64
    np.testing.assert_array_equal(first.probabilities, same.probabilities)
    assert not np.array_equal(first.probabilities, other.probabilities)
    assert hilum.compare(phantom_table, [LITE0], **options).settings.random_weights


def test_without_crop_scores_differ(compared, phantom_table):
    whole = hilum.compare(phantom_table, ["cnn"], cnn_epochs=2, crop=False)
    assert not whole.settings.crop
    assert not np.array_equal(whole.results[0].probabilities, _result(compared, "cnn").probabilities)


# -------------------------------------------------------------------------------------------------------- the best


def _scored(template, name, table, valid, test):
    """A result whose chances for the true class are as given for each slice of valid and test."""
    probabilities = np.full((len(table.rows), len(table.classes)), 0.0)
    for split, chances in (("train", 0.7), ("valid", valid), ("test", test)):
        for number in np.flatnonzero(table.in_split(split)):
            chance = chances if np.isscalar(chances) else chances[number % len(chances)]
            probabilities[number] = (1 - chance) / (len(table.classes) - 1)
            probabilities[number, table.labels[number]] = chance
    rows = table.in_split("valid")
    figures = {
        "f1_macro": f1_score(table.labels[rows], probabilities[rows].argmax(1), average="macro"),
        "loss": log_loss(table.labels[rows], probabilities[rows], labels=range(len(table.classes))),
    }
    known = template.valid.model_copy(update=figures)
    return dataclasses.replace(template, name=name, probabilities=probabilities, valid=known)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("models", "best"),
    [
        # name: chances of the true class on valid, on test
        ({"a": ([0.9, 0.1], 0.9), "b": (0.6, [0.6, 0.1, 0.1])}, "b"),  # valid decides, whatever test says
        ({"a": (0.6, 0.9), "b": (0.8, 0.5), "c": (0.7, 0.9)}, "b"),  # all perfect on valid: the lowest loss there
        ({"a": (0.99, 0.5), "b": (0.6, 0.99), "c": ([0.99, 0.0], 1.0)}, "a"),
        ({"a": ([0.4, 0.4, 0.05], 0.4), "b": ([0.9, 0.9, 0.04], 0.4)}, "b"),  # equal macro-F1 below 1
    ],
)
def test_the_best_is_chosen_on_valid(compared, phantom_table, models, best, reverse):
    results = [
        _scored(compared.results[0], name, phantom_table, *chances)
        for name, chances in sorted(models.items(), reverse=reverse)
    ]
    comparison = dataclasses.replace(compared, results=tuple(results))
    assert comparison.best.name == best


def test_of_equals_the_first_is_best(compared, phantom_table):
    results = tuple(_scored(compared.results[0], name, phantom_table, 0.6, 0.6) for name in ("z", "a"))
    assert dataclasses.replace(compared, results=results).best.name == "z"


# -------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"epochs": 0}, "^epochs must be 1 or more, not 0"),
        ({"cnn_epochs": -1}, "^cnn_epochs must be 1 or more"),
        ({"patience": 0}, "^patience must be 1 or more"),
        ({"size": 31}, "^size must be from 32 to 4096, not 31"),
        ({"seed": -1}, "^seed must be from 0"),
        ({"seed": 2**32}, "^seed must be from 0"),
        ({"engine": "tensorrt"}, "no engine 'tensorrt'"),
        ({"negative": "healthy"}, "no class 'healthy'.*adenocarcinoma"),
        ({"models": ["cnn", "alexnet"]}, "no model 'alexnet'"),
        ({"models": ["timm:alexnet_of_old"]}, "no model 'alexnet_of_old'"),
        ({"weights": "/no/such/folder"}, "/no/such/folder does not exist"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_settings_that_make_no_sense(phantom_table, options, match):
    with pytest.raises(HilumError, match=match):
        hilum.compare(phantom_table, **{"models": ["cnn"], "cnn_epochs": 1, **options})


def test_no_model_to_be_had(phantom_table, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    with pytest.raises(HilumError, match=r"No model could be had.*vgg16: .*resnet50: ") as raised:
        hilum.compare(phantom_table, ["vgg16", "resnet50"])
    assert "hilum weights pull" in str(raised.value)


def test_a_damaged_weights_file_is_no_missing_one(phantom_table, tmp_path):
    (tmp_path / "vgg16.tv_in1k.safetensors").write_bytes(b"damaged")
    with pytest.raises(HilumError, match=r"vgg16\.tv_in1k\.safetensors"):
        hilum.compare(phantom_table, ["cnn", "vgg16"], cnn_epochs=1, weights=tmp_path)


def test_the_default_models(tmp_path):
    assert default_models() == DEFAULT_NAMES  # without the CNN
    assert set(default_models()) == {row.name for row in ZOO} - {"densenet169"}
    (tmp_path / "densenet169.tv_in1k.safetensors").touch()
    assert default_models(tmp_path) == (*DEFAULT_NAMES, "densenet169")


# -------------------------------------------------------------------------------------------------------- negative


@pytest.fixture
def renamed_table(phantom, tmp_path):
    """The phantom's slices with `normal` called `healthy`."""
    root = tmp_path / "renamed"
    shutil.copytree(phantom, root)
    for split in ("train", "valid", "test"):
        (root / split / "normal").rename(root / split / "healthy")
    return read_table(root)


@pytest.mark.parametrize(("asked", "negative"), [("normal", None), (None, None), ("healthy", "healthy")])
def test_the_negative_class(renamed_table, asked, negative):
    compared = hilum.compare(renamed_table, ["cnn"], cnn_epochs=1, negative=asked)
    assert compared.settings.negative == negative
    binary = compared.worth.figures["given"]["cnn"].binary
    if negative is None:
        assert binary is None
    else:
        assert binary.negative == "healthy"
        rows = renamed_table.in_split("test")
        called = compared.results[0].probabilities[rows].argmax(1) == renamed_table.classes.index("healthy")
        truly = renamed_table.labels[rows] == renamed_table.classes.index("healthy")
        assert binary.specificity.value == pytest.approx(called[truly].mean())
        assert binary.sensitivity.value == pytest.approx(1 - called[~truly].mean())


# ------------------------------------------------------------------------------------------------------------ slow


@pytest.mark.slow
@pytest.mark.parametrize("row", ZOO, ids=lambda row: row.name)
def test_every_backbone_end_to_end_on_random_weights(row, phantom_table, tmp_path):
    size = 128 if row.name == "efficientnet_v2_l" else None
    compared = hilum.compare(phantom_table, [row.name], random_weights=True, epochs=2, size=size)
    (result,) = compared.results
    assert result.facts["width"] > row.width
    assert result.facts["size"] == (size or row.size)
    assert np.isfinite(result.probabilities).all()
    assert (compared.save(tmp_path / "run") / "report.html").stat().st_size > 0


@pytest.mark.slow
def test_the_largest_backbone_at_its_own_size(tmp_path):
    hilum.write_phantom(tmp_path / "phantom", 36, 0)
    compared = hilum.compare(read_table(tmp_path / "phantom"), ["efficientnet_v2_l"], random_weights=True, epochs=2)
    assert compared.results[0].facts["size"] == 384
    assert np.isfinite(compared.results[0].probabilities).all()


@pytest.fixture
def real_table(chest_ctscan, shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))
    return read_table(chest_ctscan)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [(LITE0, 0.88), ("xception", 0.84), ("densenet169", 0.90)])
def test_real_slices(real_table, weights_folder, name, least):
    compared = hilum.compare(real_table, [name], weights=weights_folder)
    figures = compared.worth.figures["given"][name]
    assert figures.n == 315
    assert figures.f1_macro.value >= least
    assert any("chosen on train and valid of this public set" in note for note in compared.notes)


@pytest.mark.slow
def test_the_cnn_on_real_slices_beats_the_published_one(real_table):
    compared = hilum.compare(real_table, ["cnn"])
    (result,) = compared.results
    assert result.valid.n == 72
    assert result.valid.accuracy > 0.736
