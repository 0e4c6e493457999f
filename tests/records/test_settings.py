import json

import pytest
from helpers.judged_records import judged

from hilum.comparison.record import record_of
from hilum.errors import HilumError
from hilum.records.comparison import ComparisonRecord
from hilum.records.settings import ExternalSetting, JudgeSettings, Settings


@pytest.fixture
def record(compared):
    return record_of(compared, "hilum compare phantom").as_json()


def test_slices_from_elsewhere_in_words():
    assert str(ExternalSetting(name="iq", folder="iq-slices", mapped={})) == "iq: iq-slices"
    mapped = {"malignant": "cancer", "benign": "normal"}
    shown = "iq: iq-slices (malignant as cancer, benign as normal)"
    assert str(ExternalSetting(name="iq", folder="iq-slices", mapped=mapped)) == shown


def test_a_record_is_read_with_the_options_of_its_command(record):
    assert type(ComparisonRecord.read(json.dumps(record), "metrics.json").settings) is Settings
    name = record["best"]
    settings = ComparisonRecord.read(json.dumps(judged(record, [name])), "metrics.json").settings
    assert type(settings) is JudgeSettings
    assert settings.models == (name,)


def test_options_of_neither_command_are_refused(record):
    del record["settings"]["head"]
    with pytest.raises(HilumError, match="settings"):
        ComparisonRecord.read(json.dumps(record), "metrics.json")
