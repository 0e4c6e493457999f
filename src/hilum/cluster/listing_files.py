"""The listing of a job: a file of inputs for each shard, and a record of all of them, which is written last."""

import hashlib
import json
from collections.abc import Iterable
from itertools import islice

from hilum.cluster.parts import Listed
from hilum.cluster.store import Store
from hilum.errors import HilumError
from hilum.records.job import LISTING_SCHEMA, ListingRecord

SHARD = 1000  # inputs of a shard
_FOLDER, _RECORD = "inputs", "inputs/listing.json"


def write_listing(store: Store, inputs: Iterable[Listed]) -> ListingRecord:
    """Writes a listing, instead of one that is not complete.

    Raises:
        HilumError: The store cannot be written.
    """
    digests, total, coming = list[str](), 0, iter(inputs)
    while some := list(islice(coming, SHARD)):
        # In ASCII, since a path can hold bytes that are no text.
        data = json.dumps([(one.path, one.name, one.reason) for one in some], indent=0).encode()
        store.write(_name(len(digests)), data)
        digests.append(hashlib.sha256(data).hexdigest())
        total += len(some)
    kept = {_name(shard) for shard in range(len(digests))}
    for name in store.names(_FOLDER):
        if name not in kept:  # of a listing that was longer
            store.remove(name)
    record = ListingRecord.made({"schema": LISTING_SCHEMA, "inputs": total, "digests": digests})
    store.write(_RECORD, json.dumps(record.as_json()).encode())
    return record


def read_listing(store: Store) -> ListingRecord | None:
    """The record of a listing, or None if it is not complete.

    Raises:
        HilumError: The record is damaged.
    """
    data = store.read(_RECORD)
    if data is None:
        return None
    return ListingRecord.read(data, f"{store.label}/{_RECORD}")


def read_inputs(store: Store, record: ListingRecord, shard: int) -> tuple[Listed, ...]:
    """The inputs of a shard.

    Raises:
        HilumError: Their file is missing or was changed.
    """
    data = store.read(_name(shard)) or b""
    if hashlib.sha256(data).hexdigest() != record.digests[shard]:
        raise HilumError(
            f"{store.label}/{_name(shard)} is damaged or missing. Put it back from a copy, or give --out another name."
        )
    return tuple(Listed(*one) for one in json.loads(data))


def size_of(record: ListingRecord, shard: int) -> int:
    """Number of inputs of a shard."""
    return min(SHARD, record.inputs - shard * SHARD)


def _name(shard: int) -> str:
    return f"{_FOLDER}/{shard:06d}.json"
