import numpy as np
import pytest
from helpers.tables import CHESTS, table_of

from hilum.errors import HilumError
from hilum.judging.answers import Answered, put_together
from hilum.judging.cells import Texts

TABLE = table_of()


def together(rows):
    """Puts rows (slice, protocol, model, repeat, fold) together; the first probability tells the row's place."""
    slices, *marks = zip(*rows, strict=True)
    protocols, models, repeats, folds = (
        Texts.of(np.arange(len(rows)), [str(text) for text in mark]) if mark[0] is not None else None for mark in marks
    )
    first = np.arange(len(rows)) / len(rows)
    shares = np.stack([first, 1 - first], 1)
    return put_together(Answered(np.array(slices), protocols, models, repeats, folds, shares), TABLE)


def test_rows_are_sorted_by_slice_and_each_probability_stays_with_its_own():
    (one,) = together([(4, "given", "m", None, None), (0, "given", "m", None, None), (3, "given", "m", None, None)])
    assert list(one.rows) == [0, 3, 4]
    assert one.probabilities[0, :, 0] == pytest.approx([1 / 3, 2 / 3, 0])
    assert one.folds is None


def test_models_protocols_repeats_and_folds_come_apart():
    rows = [
        (slice_, protocol, model, repeat, fold)
        for model in ("b", "a")
        for protocol in ("given", "strict")
        for repeat in (10, 9)
        for slice_, fold in ((2, 7), (1, 5), (5, 7))
    ]
    made = together(rows)
    assert [(one.protocol, one.model) for one in made] == [
        ("given", "b"),
        ("given", "a"),
        ("strict", "b"),
        ("strict", "a"),
    ]
    for one in made:
        assert list(one.rows) == [1, 2, 5]
        assert one.folds.tolist() == [[0, 1, 1]] * 2
    # Repeat 9 comes before repeat 10, as a number does.
    assert made[0].probabilities[:, :, 0] * len(rows) == pytest.approx(np.array([[4, 3, 5], [1, 0, 2]]))


def test_a_protocol_without_folds_has_none_beside_one_that_has():
    given, strict = together([(1, "given", "m", 0, ""), (1, "strict", "m", 0, 0), (2, "given", "m", 0, "")][:2])
    assert given.folds is None
    assert strict.folds.tolist() == [[0]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(3, "given", "m", None, None)] * 2, rf"Predicted twice: 1 slice of m, {CHESTS[3]}\. Keep one row"),
        (
            [(3, "given", "m", 1, 0), (3, "given", "m", 1, 2)],
            rf"In two folds of a repeat: 1 slice of m, {CHESTS[3]}\. A slice is predicted in the one fold",
        ),
        ([(3, "given", "m", 1, 0), (4, "given", "m", 1, "")], rf"Without a fold: 1 row of m, {CHESTS[4]}\. Fill in"),
        ([(3, "given", "m", 1, 0), (4, "given", "m", "", 0)], rf"Without a repeat: 1 row of m, {CHESTS[4]}\. Fill in"),
        (
            [(3, "given", "m", 1, 0), (4, "given", "m", 1, 0), (4, "given", "m", 2, 0)],
            rf"Not in all 2 repeats of m: 1 slice, {CHESTS[3]}\. Each repeat",
        ),
        (
            [(3, "given", "m", None, None), (4, "given", "n", None, None)],
            rf"Predicted by only one of m and n: 2 slices, {CHESTS[3]}, {CHESTS[4]}\. Differences are paired",
        ),
        (
            [(3, "given", "m", 1, None), (3, "given", "m", 2, None), (3, "given", "n", 1, None)],
            r"m has 2 repeats and n 1\. Differences are paired",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_the_first_of_them(rows, message):
    with pytest.raises(HilumError, match=message):
        together(rows)
