"""Scores against the similarity above which slices are kept together."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import hilum
from hilum.audit.duplicates import SAME_SLICE, SIMILARITIES
from hilum.backbones.weights import local_weights
from hilum.backbones.zoo import backbone
from hilum.comparison.similarity import similarity_curve
from hilum.features.extract import extract
from hilum.options import FeatureOptions
from hilum.progress import silent

LITE0 = "efficientnet_lite0"


def test_points_say_how_many_folds_they_come_from(compared):
    scored = [point for point in compared.curve if point["scores"]]
    assert scored
    assert all(2 <= point["folds"] <= 5 for point in scored)
    for point in compared.curve:
        assert (point["folds"] is None) == (not point["scores"])
        fewer = point["folds"] is not None and point["folds"] < 5
        assert any(f"{point['folds']} folds instead of 5" in note for note in point["notes"]) == fewer
    assert any(point["notes"] for point in compared.curve), "phantoms are so alike that groups are few"


def test_groups_grow_fewer_and_larger_as_less_alike_slices_are_joined(compared):
    points = sorted(compared.curve, key=lambda point: point["strength"])
    assert len(points) > 1
    for lower, higher in itertools.pairwise(points):
        assert lower["groups"] <= higher["groups"]
        assert lower["largest"] >= higher["largest"]
    for point in points:
        assert point["groups"] == len(np.unique(compared.audit.groups.at(point["strength"])))


def test_the_curve_has_the_likeness_of_strict_and_ends_where_links_turn_false(
    phantom_table, compared, use_shared_cache
):
    features = {LITE0: _features(phantom_table)}
    results = [result for result in compared.results if result.name == LITE0]

    def curve(likeness, **purity):
        groups = compared.audit.groups
        known = groups.purity.model_copy(update=purity)
        audit = replace(compared.audit, groups=replace(groups, likeness=likeness, purity=known))
        return similarity_curve(audit, features, results, compared.settings, silent)

    whole = curve(0.93, false_below=None)
    assert [point["strength"] for point in whole] == sorted({*SIMILARITIES, 0.93})
    assert not any(point["false_links"] for point in whole)
    assert not any("links are false" in note for point in whole for note in point["notes"])
    ended = curve(0.93, false_below=0.9)
    assert [point["strength"] for point in ended][:4] == [0.85, 0.9, 0.92, 0.93]
    assert [point["strength"] for point in ended if point["false_links"]] == [0.85]
    tried = [point["strength"] for point in ended if point["scores"] or point["notes"]]
    assert tried == [0.85, 0.9, 0.93, 0.95, 0.99]
    (note,) = [note for point in ended for note in point["notes"] if "links are false" in note]
    assert note.startswith("The curve ends here, since below 0.90 links are false")
    assert note in ended[0]["notes"]


def test_folds_that_a_protocol_has_run_are_not_run_again(phantom_table, compared, use_shared_cache):
    features = {LITE0: _features(phantom_table)}
    (result,) = [result for result in compared.results if result.name == LITE0]

    def scores(**predictions):
        known = [replace(result, predictions=predictions)]
        curve = similarity_curve(compared.audit, features, known, compared.settings, silent)
        return {point["strength"]: point["scores"] for point in curve if point["scores"]}

    fresh = scores()
    assert scores(**result.predictions) == fresh
    grouped = result.predictions["grouped"]
    wrong = replace(grouped, by_seed=np.full_like(grouped.by_seed, 1 / grouped.by_seed.shape[2]))
    changed = scores(**result.predictions | {"grouped": wrong})
    assert [similarity for similarity in fresh if changed[similarity] != fresh[similarity]] == [SAME_SLICE]


def test_ensembles_are_scored_beside_their_members(phantom_table, phantom_audit, use_shared_cache):
    members = [LITE0, "resnet50"]
    options = {"random_weights": True, "size": 64, "scales": "last", "repeats": 1, "audited": phantom_audit}
    compared = hilum.compare(phantom_table, members, ensemble=members, **options)
    scored = [point["scores"] for point in compared.curve if point["scores"]]
    assert scored
    assert all(scores.keys() == {*members, f"{LITE0}+resnet50"} for scores in scored)
    one, other, both = compared.results
    assert (
        both.predictions.keys()
        == one.predictions.keys()
        == {"given", "no-copies", "no-look-alikes", "grouped", "strict"}
    )
    for name, predictions in both.predictions.items():
        mean = (one.predictions[name].probabilities + other.predictions[name].probabilities) / 2
        np.testing.assert_allclose(predictions.probabilities, mean)
    np.testing.assert_allclose(both.probabilities, (one.probabilities + other.probabilities) / 2)
    assert both.seconds.total == pytest.approx(one.seconds.total + other.seconds.total)


def _features(table):
    known = backbone(LITE0)
    return extract(table, known, local_weights(known, None), FeatureOptions())
