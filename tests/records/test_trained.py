"""The whole record of a trained model."""

import json

import pytest

from hilum.errors import HilumError
from hilum.records.trained import TrainedRecord


@pytest.fixture
def written(trained):
    return {**trained.record.as_json(), "digest": "0" * 64}


def test_what_training_wrote_is_read_as_it_is(written):
    assert TrainedRecord.read(json.dumps(written), "model.json").as_json() == written


@pytest.mark.parametrize("part", ["trust", "scores", "data", "failures"])
def test_all_of_it_is_needed(written, part):
    del written[part]
    with pytest.raises(HilumError, match=part):
        TrainedRecord.read(json.dumps(written), "model.json")
