"""A job of predictions: its settings, its inputs and its shards of rows."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import islice

from hilum.cluster.earlier import JOB, check_same, earlier_job
from hilum.cluster.listing_files import SHARD, read_inputs, read_listing, size_of, write_listing
from hilum.cluster.parts import Listed
from hilum.cluster.shard import ShardWriter, read_record, read_unreadable
from hilum.cluster.store import Store
from hilum.cluster.store_errors import unwritable
from hilum.errors import HilumError
from hilum.predict.about import ANOTHER
from hilum.predict.rows import Row
from hilum.records.job import MANIFEST_SCHEMA, JobRecord, ListingRecord, ShardRecord
from hilum.text import csv_line

_ROWS, _SUFFIX, _MANIFEST, _ERRORS = "rows", ".parquet", "manifest.json", "errors.csv"
_AT_ONCE = 16  # files of rows whose records are read at once, since a bucket answers late


class Job:
    """A job of predictions: new, or one that was begun earlier and goes on.

    In memory are only the records of its shards, about half a kilobyte for a thousand inputs.

    Args:
        store: Its files.
        record: Its settings.

    Raises:
        HilumError: The place holds something else, or a job of another model, other settings or other files.
    """

    def __init__(self, store: Store, record: JobRecord) -> None:
        self._store, self._record = store, record
        found = earlier_job(store)
        if found is None:
            store.write(JOB, (json.dumps(record.as_json(), indent=1) + "\n").encode())
        else:
            check_same(found, record, store.label)
        self._listing = read_listing(store)
        self._ended = _MANIFEST in store.names("")

    @property
    def listed(self) -> bool:
        """Whether the listing is complete."""
        return self._listing is not None

    def list(self, inputs: Iterable[Listed]) -> None:
        """Writes the listing, which never changes afterwards. An earlier one that is not complete is replaced.

        Raises:
            HilumError: The place cannot be written.
        """
        self._listing = write_listing(self._store, inputs)

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self._complete.inputs

    @property
    def finished(self) -> bool:
        """Whether every shard is done and `manifest.json` says so."""
        return self.listed and self._ended and next(self._undone(), None) is None

    def undone(self) -> Iterator[tuple[int, tuple[Listed, ...]]]:
        """Number and inputs of each shard that is not done, or in which a slice is tried again.

        Raises:
            HilumError: A file of inputs or of rows is damaged.
        """
        for shard in self._undone():
            yield shard, read_inputs(self._store, self._complete, shard)

    def done(self) -> Iterator[ShardRecord]:
        """The record of each shard that has rows, in order.

        Raises:
            HilumError: A file of rows is damaged.
        """
        for shard in sorted(self._records):
            yield ShardRecord.read(self._records[shard], _name(shard))

    def counts(self) -> Counter[str]:
        """Number of rows with each decision in the shards that have rows."""
        counts = Counter[str]()
        for record in self.done():
            counts.update(record.decisions)
        return counts

    def unreadable(self) -> Iterator[Row]:
        """The rows of unreadable slices in the shards that have rows, in order.

        Raises:
            HilumError: A file of rows is damaged.
        """
        for record in self.done():
            if record.decisions.get("unreadable"):
                yield from read_unreadable(self._store, _name(record.shard))

    @contextmanager
    def writing(self, shard: int) -> Iterator[ShardWriter]:
        """A block that writes a shard, which is done at the end of the block. If the block fails, nothing is left.

        Raises:
            HilumError: The place cannot be written.
        """
        listing = self._complete
        if self._ended:  # a shard is done again, and the manifest is no longer true
            self._store.remove(_MANIFEST)
            self._ended = False
        writer = ShardWriter(
            self._store,
            _name(shard),
            self._record,
            shard=shard,
            inputs=size_of(listing, shard),
            listed=listing.digests[shard],
        )
        try:
            yield writer
            record = writer.commit()
        finally:
            writer.drop()
        self._records[shard] = _as_line(record)

    def finish(self) -> None:
        """Writes `manifest.json` and `errors.csv`, in memory that does not grow with the job.

        Raises:
            HilumError: The place cannot be written, or a file of rows is damaged.
        """
        self.write_errors()
        fields = {**self._record.as_json(), "schema": MANIFEST_SCHEMA}
        del fields["arguments"], fields["folder"]  # which may name somebody
        head = json.dumps(fields)[:-1]
        with self._store.writing(_MANIFEST) as file, unwritable(self._store.aside):
            file.write(f'{head}, "inputs": {self.inputs}, "shards": ['.encode())
            for place, shard in enumerate(sorted(self._records)):
                file.write(b",\n" if place else b"\n")
                file.write(self._records[shard])
            file.write(b"\n]}\n")
        self._ended = True

    def write_errors(self) -> None:
        """Writes `errors.csv`, which names every unreadable slice of the shards that are done.

        Raises:
            HilumError: The place cannot be written, or a file of rows is damaged.
        """
        with self._store.writing(_ERRORS) as file, unwritable(self._store.aside):
            file.write(csv_line(["path", "frame", "reason"]))
            for row in self.unreadable():
                file.write(csv_line([row.path, row.frame, row.reason]))

    @property
    def _complete(self) -> ListingRecord:
        if self._listing is None:
            raise ValueError("the job has no listing yet")
        return self._listing

    def _undone(self) -> Iterator[int]:
        again = {record.shard for record in self.done() if record.again}
        return (one for one in range(len(self._complete.digests)) if one not in self._records or one in again)

    @cached_property
    def _records(self) -> dict[int, bytes]:
        """The record of each shard that has rows, as JSON. Every file of rows is opened once."""
        records = dict[int, bytes]()
        found = (name for name in self._store.names(_ROWS) if name.endswith(_SUFFIX))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while some := list(islice(found, SHARD)):
                for record in pool.map(self._checked, some):
                    records[record.shard] = _as_line(record)
        return records

    def _checked(self, name: str) -> ShardRecord:
        record, listing = read_record(self._store, name), self._complete
        fits = (
            0 <= record.shard < len(listing.digests)
            and name == _name(record.shard)
            and record.listed == listing.digests[record.shard]
            and (record.model, record.engine) == (self._record.model, self._record.engine)
        )
        if not fits:
            raise HilumError(f"{self._store.label}/{name} is of another job. {ANOTHER}")
        return record


def _as_line(record: ShardRecord) -> bytes:
    return json.dumps(record.as_json()).encode()


def _name(shard: int) -> str:
    return f"{_ROWS}/{shard:06d}{_SUFFIX}"
