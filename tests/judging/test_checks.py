import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.errors import HilumError
from hilum.judging.cells import Texts
from hilum.judging.checks import checked

CLASSES = ("a", "b", "c")


def check(*rows):
    shares = np.array(rows, np.float64)
    checked(shares, CLASSES, Texts.of(np.arange(len(rows)), [f"{number}.png" for number in range(len(rows))]), "p.csv")
    return shares


@given(st.lists(st.tuples(*[st.floats(0, 1e3)] * 3).filter(lambda row: sum(row) > 1), min_size=1))
def test_probabilities_in_full_stay_as_they_are(rows):
    shares = np.array(rows) / np.sum(rows, 1, keepdims=True)
    assert np.abs(check(*shares) - shares).max() <= 1e-9


@given(st.lists(st.tuples(*[st.floats(0, 1e3)] * 3).filter(lambda row: sum(row) > 1), min_size=1))
@pytest.mark.parametrize("rounded", [np.float32, np.float16, lambda shares: shares.round(4)])
def test_rounded_probabilities_pass_and_sum_to_one(rounded, rows):
    shares = np.array(rows) / np.sum(rows, 1, keepdims=True)
    found = check(*rounded(shares))
    assert np.allclose(found.sum(1), 1, atol=1e-9)
    assert np.abs(found - shares).max() < 1.1e-3


def test_a_zero_that_rounding_made_negative_is_zero():
    assert check([1.0000000001, -1e-10, 0]).tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [[0.5, 0.5, np.nan], [1, 0, 0], [np.inf, 0, 0]],
            r"p.csv has 2 probabilities \(nan for c of 0.png, inf for a of 2.png\) that are no finite number\. Give",
        ),
        ([[1.5, -0.5, 0]], r"1 probability \(-0.5 for b of 0.png\) that is negative\. If these are logits, .* softmax"),
        ([[50, 30, 20], [99.9, 0.05, 0]], r"2 rows whose .* \(100 for 0.png, 99.95 for 1.png\)\. .* percentages"),
        ([[3, 2, 0.5]], r"1 row whose .* sum to 1 \(5.5 for 0.png\)\. They are no probabilities"),
        ([[0.33, 0.33, 0.33]], r"\(0.99 for 0.png\)\. Write at least four decimals"),
        ([[0.9, 0.8, 0.1]] * 5, r"5 rows whose .* 1.8 for 2.png, …\)\. The classes are a, b, c\. Is a class missing\?"),
    ],
)
def test_what_is_no_probability_is_refused_with_the_first_of_them(rows, message):
    with pytest.raises(HilumError, match=message):
        check(*rows)
