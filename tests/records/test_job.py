"""The records of a job of predictions."""

import json

import pytest
from helpers.jobs import ENGINE, settings

from hilum.errors import HilumError
from hilum.records.job import LISTING_SCHEMA, SHARD_SCHEMA, JobRecord, ListingRecord, ShardRecord

SHARD = {
    "schema": SHARD_SCHEMA, "shard": 3, "inputs": 2, "listed": "ab" * 32, "rows": 2,
    "decisions": {"class": 1, "unreadable": 1}, "again": 0, "model": "cd" * 32, "engine": ENGINE,
}  # fmt: skip
LISTING = {"schema": LISTING_SCHEMA, "inputs": 2, "digests": ["ab" * 32]}


@pytest.mark.parametrize(
    ("kind", "fields"), [(JobRecord, settings().as_json()), (ListingRecord, LISTING), (ShardRecord, SHARD)]
)
def test_what_was_written_is_read_as_it_is_and_all_of_it_is_needed(kind, fields):
    assert kind.made(fields).as_json() == fields
    assert kind.read(json.dumps(fields), "file").as_json() == fields
    for name in fields:
        less = {key: value for key, value in fields.items() if key != name}
        with pytest.raises(HilumError, match=r"file is (damaged|not)"):
            kind.read(json.dumps(less), "file")
        with pytest.raises(HilumError, match=r"file is (damaged|not)"):
            kind.read(json.dumps(fields | {name: None}), "file")
