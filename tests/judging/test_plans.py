"""Protocols of predictions: those of a comparison where it had made them, checked where a file names them."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.judged import NUMBERS, answers, given
from helpers.judged import SLICES as EIGHT
from helpers.protocol_slices import make_slices

from hilum.errors import HilumError
from hilum.judging.plans import judged_protocols, wrong_with
from hilum.judging.trained import Trained
from hilum.scoring import protocols
from hilum.scoring.left_out import COPY, TWO_LABELS, UNKNOWN
from hilum.scoring.protocols import PROTOCOLS, RULES, distinct_rows

CLASSES = ("a", "b", "c")
SLICES = replace(make_slices(4), classes=CLASSES)
TEST = np.flatnonzero(SLICES.split == 2)
KNOWN = Trained(SLICES.split < 2, 0, "train and valid")


def _judged(*scored, trained=KNOWN, slices=SLICES):
    return judged_protocols(given(None, *scored, classes=CLASSES), slices, trained)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_told_is_what_a_comparison_leaves_of_the_same_split(seed):
    slices = replace(make_slices(seed), classes=CLASSES)
    trained = Trained(slices.split < 2, 0, "train and valid")
    found = _judged(answers(np.flatnonzero(slices.split == 2), classes=3), trained=trained, slices=slices)
    for name in PROTOCOLS[:3]:
        plan = RULES[name].plan(slices, 1, 0)
        if plan is None:
            assert name not in found.plans
            assert any("is left out" in note for note in found.notes)
        else:
            assert found.plans[name].scored.tolist() == plan.scored.tolist()
            assert found.plans[name].repeats[0][0].train.tolist() == np.flatnonzero(slices.split < 2).tolist()
    assert np.array_equal(
        np.sort(found.reported[[not one for one in found.left_out]]), found.plans[found.headline].scored
    )


def test_protocols_of_a_comparison_are_taken_as_they_are():
    plans = {name: RULES[name].plan(SLICES, 2, 0) for name in PROTOCOLS}
    named = [answers(plan.scored, name, folds=plan.folds, classes=3) for name, plan in plans.items()]
    found = _judged(*named)
    assert not any("Serious" in note for note in found.notes)
    assert list(found.plans) == list(PROTOCOLS)
    assert found.headline == "strict"
    for name, plan in plans.items():
        assert found.plans[name].scored.tolist() == plan.scored.tolist()
        if plan.folds is not None:
            assert np.array_equal(found.plans[name].folds, plan.folds)
            for one, other in zip(found.plans[name].repeats[0], plan.repeats[0], strict=True):
                assert one.whole.tolist() == other.whole.tolist()
    left = {reason for reason in found.left_out if reason}
    assert left <= {TWO_LABELS, COPY}


def test_a_training_score_is_called_one():
    rows = np.flatnonzero(EIGHT.split < 2)
    eight = replace(EIGHT, classes=("a", "b"), conflicting=NUMBERS == 3)
    known = Trained(eight.split < 2, 4, "train and valid of slices")
    found = judged_protocols(given(None, answers(rows, classes=2), classes=("a", "b")), eight, known)
    assert [*found.plans] == ["given"]
    assert found.notes[0] == (
        "All 4 scored slices are ones that were trained on (train and valid of slices), or copies of these, so this is "
        "a training score and says nothing about new slices. The protocol no copies is left out."
    )


def test_a_protocol_that_keeps_nothing_says_what_each_slice_was_left_out_for():
    eight = replace(EIGHT, classes=("a", "b"))
    known = Trained(eight.split < 2, 4, "train")
    found = judged_protocols(given(None, answers(np.array([1, 7]), classes=2), classes=("a", "b")), eight, known)
    assert found.notes[0] == (
        "The protocol no copies keeps no slice and is left out. 2 slices were left out: 1 (a training slice, or a copy "
        "of one), 1 (a picture that carries two labels)."
    )


def test_folds_that_divide_a_chest_are_not_strict():
    rows = protocols.distinct_rows(SLICES)
    found = _judged(answers(TEST, classes=3), answers(rows, "strict", folds=rows[None] % 3, classes=3))
    assert "strict" not in found.plans
    assert any(note.startswith("Serious: under strict (0.87)") for note in found.notes)
    found = _judged(answers(TEST, classes=3), answers(rows, "strict", classes=3))
    assert any("has no folds under strict (0.87)" in note for note in found.notes)


def test_slices_that_were_trained_on_are_not_without_copies_whatever_they_are_called():
    found = _judged(answers(TEST, classes=3), answers(TEST, "no-copies", classes=3))
    expected = _judged(answers(TEST, classes=3))
    assert found.plans["no-copies"].scored.tolist() == expected.plans["no-copies"].scored.tolist()
    assert any(note.startswith("Serious: under no copies, a file has") for note in found.notes)


def test_rows_of_folds_must_be_clean_in_every_repeat_and_for_every_model():
    rows, groups = np.arange(len(SLICES.labels)), SLICES.strict
    unknown = Trained(np.zeros(len(SLICES.labels), np.bool_), 0, "the other folds")
    kept = groups % 5  # whole groups are held out, but for one slice in the second repeat of the second model
    torn = kept.copy()
    row = int(np.flatnonzero(np.bincount(groups)[groups] > 1)[0])
    torn[row] = (torn[row] + 1) % 5
    folds = {"a": np.stack([kept, kept]), "b": np.stack([kept, torn])}
    of = [answers(rows, folds=its, classes=3, model=name) for name, its in folds.items()]
    found = _judged(*of, trained=unknown)
    clean = groups != groups[row]
    assert set(found.plans["no-look-alikes"].scored) == {
        one for one in _judged(of[0], trained=unknown).plans["no-look-alikes"].scored if clean[one]
    }
    for model, its in folds.items():
        plan = found.predictions[model]["given"].plan
        assert np.array_equal(plan.folds, its)
        fit = plan.repeats[1][0]
        assert set(fit.whole) == set(rows) - set(fit.score)


def test_classes_that_the_predictions_lack_are_left_out():
    slices = replace(SLICES, labels=np.where(SLICES.labels == 2, -1, SLICES.labels), classes=CLASSES[:2])
    found = _judged(answers(TEST, classes=2), slices=slices)
    assert (slices.labels[found.plans["given"].scored] >= 0).all()
    assert found.left_out.count(UNKNOWN) == (slices.labels[TEST] < 0).sum()
    assert all((slices.labels[fit.whole] >= 0).all() for fit in found.plans["given"].repeats[0])
    with pytest.raises(HilumError, match="with --map"):
        _judged(answers(TEST[slices.labels[TEST] < 0], classes=2), slices=slices)


def test_without_what_was_trained_on_there_are_no_look_alikes_of_it():
    found = _judged(answers(TEST, classes=3), trained=Trained(np.zeros(len(SLICES.labels), np.bool_), 0, None))
    assert list(found.plans) == ["given", "no-copies"]
    kept = TEST[~SLICES.conflicting[TEST]]
    assert len(found.plans["no-copies"].scored) == len(np.unique(SLICES.picture[kept]))
    assert any("--trained-on" in note for note in found.notes)


def test_figures_as_reported_are_needed():
    with pytest.raises(HilumError, match="not given, whose rows are what was reported"):
        _judged(answers(TEST, "strict", classes=3))


@pytest.mark.parametrize(
    ("protocol", "rows", "folds", "says"),
    [
        ("strict", [2, 4, 6], None, "no folds under strict"),
        ("strict", [4, 5, 6], [0, 1, 1], "2 slices of which a look-alike, or a slice with the same id, is in another"),
        ("strict", [4, 5, 6], [0, 0, 1], None),
        ("grouped", [4, 5, 6], [0, 1, 1], None),
        ("grouped", [2, 3, 6], [0, 1, 1], "2 slices of which the same slice is in another fold"),
        ("grouped", [0, 1, 6], [0, 0, 1], "1 slice that is a copy or carries two labels"),
        ("grouped", [4, 6, 7], [0, 0, 1], "1 slice that is a copy or carries two labels"),
        ("no-copies", [3, 5, 6], None, "1 slice of which the same slice was trained on"),
        ("no-copies", [5, 6], None, None),
        ("no-look-alikes", [5, 6], None, "1 slice of which a look-alike, or a slice with the same id, was trained on"),
        ("no-look-alikes", [6], None, None),
    ],
)
def test_what_is_wrong_is_said(protocol, rows, folds, says):
    trained = Trained(np.isin(NUMBERS, [2, 4]), 2, "a list")
    of = answers(rows, protocol, folds=None if folds is None else np.array([folds]), classes=2)
    wrong = wrong_with(protocol, [of], EIGHT, trained, "a file")
    assert (wrong is None) == (says is None)
    assert says is None or (wrong.startswith("Serious: ") and says in wrong)


def test_folds_of_a_second_repeat_or_model_are_checked_too():
    slices = make_slices(2)
    rows = distinct_rows(slices)
    whole = slices.strict[rows] % 4
    torn = answers(rows, "strict", folds=np.stack([whole, np.arange(len(rows)) % 4]), classes=3)
    sound = answers(rows, "strict", folds=whole[None], classes=3)
    trained = Trained(np.zeros(len(slices.labels), np.bool_), 0, None)
    assert wrong_with("strict", [sound], slices, trained, "a file") is None
    assert "other" in wrong_with("strict", [torn], slices, trained, "a file")
    assert wrong_with("strict", [sound, torn], slices, trained, "a file")
