import io

import numpy as np
import pytest
from PIL import Image

from hilum.report.trust import trust_png


def _record(**changes):
    bins = [{"confidence": 0.1 * number, "accuracy": 0.09 * number, "count": 5} for number in range(1, 11)]
    part = {"error": 0.05, "bins": bins}
    curve = [
        {"threshold": 0.1, "coverage": 1.0, "risk": {"value": 0.2, "low": 0.1, "high": 0.3}},
        {"threshold": 0.5, "coverage": 0.5, "risk": {"value": 0.1, "low": None, "high": None}},
        {"threshold": 0.9, "coverage": 0.0, "risk": {"value": None, "low": None, "high": None}},
    ]
    trust = {"calibration": {"before": part, "after": part}, "answers": {"risk_coverage": curve}, **changes}
    return {"trust": trust, "synthetic": False, "random_weights": False}


def _pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_it_draws_both_parts_the_same_each_time():
    data = trust_png(_record())
    assert data == trust_png(_record())
    pixels = _pixels(data)
    middle = pixels.shape[1] // 2
    blue = (abs(pixels - [0x00, 0x72, 0xB2]).sum(2) < 30).sum(0)
    assert blue[:middle].any()
    assert blue[middle:].any()


def test_what_a_reader_must_know_stands_above():
    plain, synthetic = (_pixels(trust_png({**_record(), "synthetic": flag})) for flag in (False, True))
    vermilion = [abs(pixels - [0xD5, 0x5E, 0x00]).sum(2) < 60 for pixels in (plain, synthetic)]
    assert not vermilion[0].any()
    assert vermilion[1][:60].any()


@pytest.mark.parametrize("missing", ["calibration", "answers"])
def test_without_measurements_there_is_no_picture(missing):
    assert trust_png(_record(**{missing: None})) is None
