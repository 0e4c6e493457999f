from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.errors import HilumError
from hilum.judging.cells import Texts, number_of, numbers, texts


def written(of):
    return [None if code < 0 else of.values[code] for code in of.codes]


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        (["b", "a", "b", " a "], ["b", "a", "b", "a"]),
        ([1, 0, 1], ["1", "0", "1"]),
        ([1.0, np.nan, 2.5], ["1", None, "2.5"]),
        (["", None, "x"], [None, None, "x"]),
        ([b"x", "x", 3], ["x", "x", "3"]),
        ([], []),
    ],
)
def test_cells_are_texts(cells, meant):
    assert written(texts(pd.Series(cells))) == meant
    assert len({*texts(pd.Series(cells)).values}) == len(texts(pd.Series(cells)).values)


def test_cells_of_lists_are_refused():
    with pytest.raises(HilumError, match="column model has cells that are neither texts nor numbers"):
        texts(pd.Series([[1], [2]], name="model"))


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=20), st.data())
def test_some_of_the_rows_hold_only_their_own_texts(cells, data):
    of = texts(pd.Series(cells, dtype="object"))
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))), np.bool_)
    some = of[kept]
    assert written(some) == [cell for cell, keep in zip(cells, kept, strict=True) if keep]
    assert {*some.values} == {*written(some)} - {None}


@pytest.mark.parametrize(
    ("values", "ranks"),
    [(["10", "9", "1"], [2, 1, 0]), (["b", "a", "10"], [2, 1, 0]), (["0.5", "-1", "0"], [2, 0, 1])],
)
def test_numbers_are_sorted_as_numbers(values, ranks):
    assert list(Texts.of(np.array([0, 1, 2, -1]), values).ranks()) == [*ranks, -1]


@given(st.lists(st.floats(allow_nan=False, width=64), min_size=1))
def test_numbers_in_texts_are_exact(values):
    for column in (pd.Series(values), pd.Series(list(map(repr, values)))):
        found, commas = numbers(column)
        assert np.array_equal(found, values)
        assert not commas


@pytest.mark.parametrize(
    ("cells", "meant", "commas"),
    [
        (["0,25", "1"], [0.25, 1], True),
        ([" 0.25 ", "1e-3"], [0.25, 0.001], False),
        (["", "high", "0.5"], [np.nan, np.nan, 0.5], False),
        ([None, "0.5"], [np.nan, 0.5], False),
        ([Decimal("0.25"), 1], [0.25, 1], False),
        ([True, False], [1, 0], False),
        (pd.array([0.5, None], "Float64"), [0.5, np.nan], False),
        (np.array([0.5, 0.25], np.float16), [0.5, 0.25], False),
    ],
)
def test_cells_are_numbers(cells, meant, commas):
    found, were_commas = numbers(pd.Series(cells))
    assert found.dtype == np.float64
    assert np.array_equal(found, meant, equal_nan=True)
    assert were_commas is commas


def test_a_text_that_is_no_number_is_none():
    assert np.isnan(number_of("high"))
    assert number_of("1e-3") == 0.001
