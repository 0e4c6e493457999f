"""Scales in records: one of three names, which earlier records wrote as the number of scales."""

import json

import pytest
from helpers.model_records import NAME, record_for

from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.options import SCALES
from hilum.records.model import ModelRecord
from hilum.records.settings import Settings

INDEX = [("train/a/1.png", "a", "1" * 64)]


def _read(scales):
    record = record_for(backbone(NAME), index=INDEX, head={"scales": scales})
    return ModelRecord.read(json.dumps(record), "it").head.scales


@pytest.mark.parametrize(("written", "read"), [(1, "last"), (2, "both"), *((name, name) for name in SCALES)])
def test_names_are_kept_and_numbers_are_read_as_names(written, read):
    assert _read(written) == read
    settings = {
        "models": [], "head": "logistic", "ensembles": [], "epochs": 1, "patience": 1, "cnn_epochs": 1, "seed": 0,
        "engine": "", "size": None, "crop": True, "negative": None, "random_weights": False, "protocols": [],
        "cnn_folds": False,
    }  # fmt: skip
    assert Settings.made({**settings, "scales": written}).scales == read


@pytest.mark.parametrize("scales", [0, 3, True, 1.0, "1", None, ["last"]])
def test_anything_else_is_refused(scales):
    with pytest.raises(HilumError, match=r"head\.scales must be last, earlier or both"):
        _read(scales)
