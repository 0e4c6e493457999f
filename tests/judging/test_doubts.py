import numpy as np
import pytest
from helpers.judged import answers
from helpers.tables import CHESTS, table_of
from hypothesis import given as drawn
from hypothesis import strategies as st

from hilum.judging.cells import Texts
from hilum.judging.classes import reading_of
from hilum.judging.doubts import (
    about_answers,
    about_labels,
    about_missing,
    about_order,
    about_predicted,
    about_splits,
    about_trained,
)
from hilum.judging.given import Answers
from hilum.judging.trained import Trained

TABLE = table_of()
READING = reading_of(TABLE.classes, ("cancer", "healthy"), {"normal": "healthy"}, None)
TRUTH = np.array([0, 1, 1, 0, 0, 1])
EVERY = np.arange(6)


def labels(*names):
    return list(about_labels(Texts.of(np.arange(6), names), EVERY, READING, TABLE, "p.csv"))


def test_labels_as_in_the_folder_or_the_predictions_are_fine():
    assert not labels("cancer", "normal", "Normal", "cancer", "", "healthy")


def test_labels_that_contradict_the_folder_are_said_with_the_first_of_them():
    (said,) = labels("normal", "normal", "normal", "cancer", "cancer", "cancer")
    assert f"in 2 of 6 rows: {CHESTS[0]} (normal), {CHESTS[5]} (cancer). The folder's labels are scored." in said


@pytest.mark.parametrize("classes_only", [True, False])
def test_answers_that_are_all_right_may_be_the_labels(classes_only):
    right = list(about_answers(np.eye(2)[TRUTH], EVERY, READING, TABLE, classes_only))
    assert "Every answer is right" in right[0]
    wrong = list(about_answers(np.eye(2)[1 - TRUTH], EVERY, READING, TABLE, classes_only))
    assert [line for line in (*right[1:], *wrong) if "All probabilities are 0 or 1" not in line] == []
    assert len(wrong) == (not classes_only)


def test_probabilities_that_are_right_are_no_labels():
    assert not list(about_answers(np.eye(2)[TRUTH] * 0.8 + 0.1, EVERY, READING, TABLE, False))


def test_a_predicted_class_beside_probabilities_should_be_that_of_the_highest():
    shares = np.array([[0.5, 0.5], [0.50001, 0.49999], [0.2, 0.8]])
    assert not list(about_predicted(np.array([1, 1, 1]), shares, "p.csv"))
    (said,) = about_predicted(np.array([1, -1, 0]), shares, "p.csv")
    assert "in 2 of 3 rows" in said


def test_slices_that_the_folder_trains_on_are_named():
    (said,) = about_splits(np.array([1, 3]), TABLE, "p.csv")
    assert said == f"p.csv calls 1 slice test, but the folder train or valid: {CHESTS[1]}."
    assert not list(about_splits(np.array([3, 4]), TABLE, "p.csv"))
    assert not list(about_splits(np.array([1, 3]), table_of(split_drawn=True), "p.csv"))


@pytest.mark.parametrize(
    ("scored", "drawn", "lacking"), [([3, 4], False, [5]), ([1, 3, 4], False, [0, 5]), ([3], True, [0, 1, 2, 4, 5])]
)
def test_slices_of_a_scored_split_without_a_prediction_are_named(scored, drawn, lacking):
    (said,) = about_missing(np.array(scored), np.array([], np.intp), table_of(split_drawn=drawn))
    assert f"slice{'s' if len(lacking) > 1 else ''}, {', '.join(CHESTS[row] for row in lacking[:3])}" in said


def test_slices_of_other_splits_need_no_prediction():
    assert not list(about_missing(np.array([3, 4, 5]), np.array([], np.intp), TABLE))
    assert not list(about_missing(np.array([3, 4]), np.array([5]), TABLE))
    assert not list(about_missing(np.array([], np.intp), np.array([], np.intp), TABLE))


def _said_of_trained(trained, *models):
    return list(about_trained(models or (answers(np.arange(20)),), Trained(np.arange(30) < trained, 0, "train of a")))


def test_many_scored_slices_that_count_as_trained_on_are_said():
    assert not _said_of_trained(0) + _said_of_trained(1)
    assert _said_of_trained(2)[0].startswith(
        "Serious: 2 of the 20 scored slices are in train of a, which counts as trained on. If the model was trained on "
        "another split, give it with --table or --trained-on."
    )
    assert "All 20 scored slices are in" in _said_of_trained(30)[0]


def test_slices_in_other_folds_are_trained_on_as_they_should_be():
    assert not _said_of_trained(30, answers(np.arange(20), folds=np.arange(20)[None] % 2))


MANY = table_of([f"test/{name}/{number}.png" for name, of in (("a", 9), ("b", 8), ("c", 7)) for number in range(of)])
ABC = reading_of(MANY.classes, MANY.classes, {}, None)


def _order(called, models=("m",), count=24):
    shares = np.eye(3)[called][None] * 0.9 + 0.03
    return list(about_order([Answers(name, "given", np.arange(count), shares, None) for name in models], ABC, MANY))


def test_another_order_of_the_classes_that_would_be_right_is_named():
    turned = (MANY.labels + 1) % 3
    turned[0] = 0
    (said,) = _order(turned)
    assert said == (
        "The predictions are right for 4 % of the slices; with the class names in another order (b means a, c means b, "
        "a means c) they would be for 96 %. Check the order of the class names."
    )
    assert ["of m " in said or "of n " in said for said in _order(turned, ("m", "n"))] == [True, True]
    assert not _order(turned[:19], count=19)


def test_rows_in_another_order_are_worse_than_the_commonest_class():
    (said,) = _order(np.arange(1, 25) % 3)
    assert said.startswith("The predictions are right for 33 % of the slices, worse than always naming the commonest")
    assert said.endswith("(38 %). Are rows and paths in the same order?")


@drawn(st.lists(st.integers(0, 2), min_size=24, max_size=24))
def test_predictions_no_worse_than_guessing_are_not_doubted(called):
    assert bool(_order(np.array(called))) == (np.mean(np.array(called) == MANY.labels) < 9 / 24)
