"""The record of an evaluation: fields whose names in JSON are Python keywords, and what is refused."""

import pytest
from helpers.run_records import evaluation
from pydantic import ValidationError

from hilum.records.evaluation import EvaluationRecord


@pytest.fixture
def content():
    return evaluation("model", ["a", "b"], ["a", "b"], {"value": 0.5}, [[1, 0], [1, 1]], {"a": "a", "b": "b"})


def test_it_is_written_as_it_was_made(content):
    record = EvaluationRecord.made(content)
    assert record.as_json() == content
    assert record.decisions.answered.value == content["decisions"]["class"]["value"]


@pytest.mark.parametrize("part", ["limits", "decisions", "calibration", "figures"])
def test_no_part_may_be_missing(content, part):
    del content[part]
    with pytest.raises(ValidationError, match=part):
        EvaluationRecord.made(content)
