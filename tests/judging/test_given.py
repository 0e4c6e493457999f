"""What predictions promise once they are read, however their rows came."""

import numpy as np
import pandas as pd
import pytest
from judging import made, predictions  # the benchmark

from hilum.judging.reading import read_given


@pytest.fixture(scope="module")
def given():
    """Two models of two repeats in folds, their rows shuffled, and slices of theirs in valid."""
    table, _ = made(60)
    frames = [
        predictions(table, number).assign(model=model, protocol=protocol, repeat=repeat, fold=range(60), split="test")
        for number, (model, protocol, repeat) in enumerate(
            (model, protocol, repeat) for model in "ba" for protocol in ("given", "strict") for repeat in (0, 1)
        )
    ]
    for frame in frames:
        frame["fold"] %= 5
        frame.loc[(frame.index < 20) & (frame["protocol"] == "given"), "split"] = "valid"
    return read_given(pd.concat(frames).sample(frac=1, random_state=0), table)


def test_under_a_protocol_all_models_have_the_same_rows_and_repeats(given):
    assert [of.model for of in given.scored] == ["b", "a"] * 2
    for protocol, count in (("given", 40), ("strict", 60)):
        of = [one for one in given.scored if one.protocol == protocol]
        assert len(of) == 2
        for one in of:
            assert one.rows.tolist() == of[0].rows.tolist() == sorted({*one.rows.tolist()})
            assert one.probabilities.shape == (2, count, len(given.reading.classes))
            assert one.folds.shape == (2, count)
            assert {*np.unique(one.folds)} == {*range(5)}
            assert one.probabilities.sum(2) == pytest.approx(1)


def test_valid_is_beside_what_is_scored(given):
    scored, valid = (next(of for of in among if of.protocol == "given") for among in (given.scored, given.valid))
    assert {of.model for of in given.valid} == {"a", "b"}
    assert not {*scored.rows.tolist()} & {*valid.rows.tolist()}
    assert np.flatnonzero(given.trained).tolist() == valid.rows.tolist()


def test_reprs_are_short(given):
    assert len(repr(given)) < 1500
    assert len(repr(given.scored[0])) < 200
