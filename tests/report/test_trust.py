"""The figure of calibration and of risk against coverage."""

import io

import numpy as np
import pytest
from PIL import Image

from hilum.records.trained import TrainedRecord
from hilum.report import trust


def trust_png(record, **changes):
    return trust.trust_png(TrainedRecord.made({**record, **changes}))


def _pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_it_draws_both_parts_the_same_each_time(model_record):
    data = trust_png(model_record)
    assert data == trust_png(model_record)
    pixels = _pixels(data)
    middle = pixels.shape[1] // 2
    blue = (abs(pixels - [0x00, 0x72, 0xB2]).sum(2) < 30).sum(0)
    assert blue[:middle].any()
    assert blue[middle:].any()


def test_what_a_reader_must_know_stands_above(model_record):
    plain, synthetic = (_pixels(trust_png(model_record, synthetic=flag)) for flag in (False, True))
    vermilion = [abs(pixels - [0xD5, 0x5E, 0x00]).sum(2) < 60 for pixels in (plain, synthetic)]
    assert not vermilion[0].any()
    assert vermilion[1][:60].any()


@pytest.mark.parametrize("missing", ["calibration", "answers"])
def test_without_measurements_there_is_no_picture(model_record, missing):
    assert trust_png(model_record, trust={**model_record["trust"], missing: None}) is None
