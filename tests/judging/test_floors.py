"""Floors of a judgement: trained on what the models were trained on, once for protocols that share it."""

import numpy as np
import pytest
from helpers.judged import answers, given
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hilum.judging.floors import with_judged_floors
from hilum.judging.plans import judged_protocols
from hilum.judging.trained import Trained
from hilum.progress import silent
from hilum.slices.pixels import squares_of

pytestmark = pytest.mark.usefixtures("use_shared_cache")


def _floors(table, audit, trained):
    of = given(table, answers(np.flatnonzero(table.in_split("test"))))
    plans = judged_protocols(of, audit.slices, trained).plans
    return with_judged_floors(audit, plans, audit.slices, "normal", "cheap", 0), plans


def test_the_floor_of_pixels_learns_what_was_trained_on(phantom_table, phantom_audit):
    table = phantom_table
    trained = Trained(table.in_split("train"), 16, "a list")
    audit, plans = _floors(table, phantom_audit, trained)
    pixels = squares_of(table, 32, False, "", silent).reshape(len(table.rows), -1)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    model.fit(pixels[trained.rows], table.labels[trained.rows])
    for name, plan in plans.items():
        called = model.predict(pixels[plan.scored])
        found = audit.floors[name]["32x32 pixels"]
        assert found.accuracy.value == pytest.approx(accuracy_score(table.labels[plan.scored], called))
        assert audit.floor_draws[name]["32x32 pixels"][0] == found.f1_macro.value
    assert audit.floor == "cheap"


def test_no_floor_learns_a_slice_that_it_is_scored_on(phantom_table, phantom_audit):
    table = phantom_table
    rows = np.flatnonzero(table.in_split("test"))
    half = table.in_split("train")
    half[rows[::2]] = True
    both, plans = _floors(table, phantom_audit, Trained(half, int(half.sum()), "a list"))
    train = table.in_split("train")
    apart, _ = _floors(table, phantom_audit, Trained(train, int(train.sum()), "a list"))
    assert plans["given"].scored.tolist() == rows.tolist()
    assert both.floors["given"] == apart.floors["given"]


def test_where_all_that_was_trained_on_is_scored_there_are_none(phantom_table, phantom_audit):
    test = phantom_table.in_split("test")
    audit, plans = _floors(phantom_table, phantom_audit, Trained(test, int(test.sum()), "a list"))
    assert audit.floors == {"given": {}} == {name: {} for name in plans}
    assert audit.notes[-1].startswith("There are no floors under as reported: of what was trained on, no two classes")


def test_without_training_slices_of_two_classes_there_are_none(phantom_table, phantom_audit):
    one = phantom_table.in_split("train") & (phantom_table.labels == 0)
    audit, plans = _floors(phantom_table, phantom_audit, Trained(one, int(one.sum()), "a list"))
    assert audit.floors == {name: {} for name in plans}
    assert audit.notes[-1].startswith("There are no floors under as reported, no copies and no look-alikes (ids):")
