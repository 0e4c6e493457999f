"""What a head chose, as records keep it."""

import pytest

from hilum.records.heads import ChosenScorer

CHOSEN = {"question": "type", "kind": "kernel", "strength": 0.1, "gamma": 0.5, "at_edge": True}


def test_it_is_read_as_it_was_made():
    assert ChosenScorer.made(CHOSEN).as_json() == CHOSEN


def test_a_linear_scorer_inside_the_range_needs_neither_a_width_nor_a_word_on_it():
    scorer = ChosenScorer.made({"question": "class", "kind": "linear", "strength": 1.0})
    assert (scorer.gamma, scorer.at_edge) == (None, False)


@pytest.mark.parametrize("changed", [{"kind": "forest"}, {"strength": None}, {"strength": float("inf")}, {"width": 1}])
def test_what_does_not_fit_is_not_made(changed):
    with pytest.raises(ValueError, match="validation error"):
        ChosenScorer.made({**CHOSEN, **changed})
