"""What a head chose, as records keep it."""

import pytest

from hilum.records.heads import ChosenScorer


def test_a_linear_scorer_has_no_width_and_is_not_at_an_edge_unless_it_is_said():
    chosen = {"question": "class", "kind": "linear", "strength": 0.1}
    made = ChosenScorer.made(chosen)
    assert (made.gamma, made.at_edge) == (None, False)
    assert made.as_json() == chosen


def test_what_was_chosen_is_written_as_it_was():
    chosen = {"question": "cancer", "kind": "kernel", "strength": 1.0, "gamma": 0.5, "at_edge": True}
    assert ChosenScorer.made(chosen).as_json() == chosen


@pytest.mark.parametrize("wrong", [{"kind": "tree"}, {"strength": None}, {"gamma": "wide"}, {"depth": 3}])
def test_anything_else_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ChosenScorer.made({"question": "cancer", "kind": "kernel", "strength": 1.0, "gamma": 0.5, **wrong})
