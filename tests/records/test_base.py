"""The base of records: they are made and read strictly, and written as they were read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from hilum.errors import HilumError
from hilum.records.audit import AuditRecord
from hilum.records.comparison import ComparisonRecord

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "chest-ctscan"
PUBLISHED = [
    (ComparisonRecord, "metrics.json"),
    (ComparisonRecord, "metrics-288.json"),  # by an earlier hilum, of the same schema
    (AuditRecord, "audit.json"),
]


@pytest.fixture
def content():
    """The published audit, with the names of today."""
    text = (RESULTS / "audit.json").read_text("utf-8")
    return AuditRecord.read(text, "audit.json").as_json()


@pytest.mark.parametrize(("record", "name"), PUBLISHED)
def test_records_of_the_present_schema_are_read_and_written_as_they_are(record, name):
    text = (RESULTS / name).read_text("utf-8").replace('"unseen"', '"no-copies"')  # its name in earlier records
    text = text.replace('"scales": 1', '"scales": "last"').replace('"scales": 2', '"scales": "both"')  # and theirs
    known, read = json.loads(text), record.read(text, name).as_json()
    assert record.read(json.dumps(read), name).as_json() == read
    if record is ComparisonRecord:  # earlier ones did not say which strict
        for one, old in zip(read["protocols"], known["protocols"], strict=True):
            assert {**old, "title": one["title"], "likeness": one.get("likeness")} == {"likeness": None, **one}
        known["protocols"] = read["protocols"]
    assert read == known


def test_what_a_later_hilum_adds_is_kept(content):
    content["data"]["scanner"] = {"name": "a", "year": 2030}
    assert AuditRecord.read(json.dumps(content), "it").as_json() == content


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "it is damaged: it is not valid JSON. Take it from its source again."),
        ("[]", "it is not a hilum audit file (its schema is 'None', not 'hilum.audit/1')."),
        ('{"schema": "hilum.comparison/1"}', "it is not a hilum audit file (its schema is 'hilum.comparison/1', not"),
        (
            '{"schema": "hilum.audit/2"}',
            "it has the schema hilum.audit/2; this hilum reads hilum.audit/1. Use the newer",
        ),
    ],
)
def test_what_is_no_such_record_is_refused_in_a_sentence(text, words):
    with pytest.raises(HilumError) as refused:
        AuditRecord.read(text, "it")
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        (("files",), "9", "files must be a whole number"),
        (("data", "counts"), [], "data.counts must be an object"),
        (("leaks", 0, "label"), None, "leaks[0].label must be text"),
        (("splits", "shift_p"), float("nan"), "splits.shift_p must be a finite number"),
        (("findings", 0, "severity"), "grave", "findings[0].severity must be 'serious' or 'notice'"),
    ],
)
def test_a_damaged_record_is_refused_by_its_field(content, way, value, words):
    part = content
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    with pytest.raises(HilumError) as refused:
        AuditRecord.read(json.dumps(content), "it")
    assert str(refused.value) == f"it is damaged: {words}. Take it from its source again."


def test_nothing_that_the_schema_lacks_is_written(content):
    assert AuditRecord.made(content).as_json() == content
    with pytest.raises(ValidationError):
        AuditRecord.made({**content, "misspelt": 1})


def test_a_record_cannot_be_changed():
    record = AuditRecord.read((RESULTS / "audit.json").read_text("utf-8"), "it")
    with pytest.raises(ValidationError):
        record.files = 1


@pytest.mark.parametrize("code", ["import hilum", "import sys; sys.argv = ['hilum', '--help']; import hilum.cli"])
def test_pydantic_waits_for_a_record(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nassert 'pydantic' not in sys.modules"], check=False
    )
    assert done.returncode == 0
