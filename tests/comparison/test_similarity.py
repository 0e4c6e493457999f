"""Scores against the similarity above which slices are kept together."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import hilum
from hilum.audit.duplicates import SAME_SLICE
from hilum.comparison.similarity import similarity_curve
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


def test_folds_that_a_protocol_has_run_are_not_run_again(phantom_table, compared, use_shared_cache):
    features = {LITE0: hilum.extract_features(phantom_table, LITE0)}
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
    options = {"random_weights": True, "size": 64, "scales": 1, "repeats": 1, "audited": phantom_audit}
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
