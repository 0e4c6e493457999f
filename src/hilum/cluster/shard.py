"""The rows of a shard as a Parquet file, whose own metadata says what it holds."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import pyarrow as pa
import pyarrow.parquet as pq

from hilum.cluster.store import Store
from hilum.cluster.store_errors import unwritable
from hilum.errors import HilumError
from hilum.predict.rows import WRITTEN, Row, unreadable
from hilum.records.job import SHARD_SCHEMA, JobRecord, ShardRecord
from hilum.slices.pool import may_be_read_later
from hilum.text import plain_data

_KEY = b"hilum"  # of the metadata
_GROUP = 1000  # rows of a row group: what a writer or reader holds at a time
_DAMAGED = "It was left as it is; remove it to have its rows made again, or give --out another name."


class ShardWriter:
    """The file of rows of one shard, which appears when the shard is complete, in one step.

    Args:
        store: Files of the job.
        name: Name of the file.
        job: Settings of the job.
        shard: Number of the shard.
        inputs: Number of inputs of the shard.
        listed: SHA-256 of the file of inputs.

    Raises:
        HilumError: The place cannot be written.
    """

    def __init__(self, store: Store, name: str, job: JobRecord, *, shard: int, inputs: int, listed: str) -> None:
        self._aside, self._job = store.aside, job
        self._facts = {"shard": shard, "inputs": inputs, "listed": listed}
        self._schema, self._waiting = schema(job.classes), list[Row]()
        self._rows, self._again, self._decisions = 0, 0, Counter[str]()
        with ExitStack() as opened, unwritable(self._aside):
            file = opened.enter_context(store.writing(name))
            self._parquet = pq.ParquetWriter(file, self._schema, compression="zstd")
            self._opened = opened.pop_all()

    def add(self, row: Row) -> None:
        """Adds the next row.

        Raises:
            HilumError: The place cannot be written.
        """
        self._rows += 1
        self._decisions[row.decision] += 1
        self._again += may_be_read_later(row.reason)
        self._waiting.append(row)
        if len(self._waiting) == _GROUP:
            self._flush()

    def commit(self) -> ShardRecord:
        """Ends the file and puts it in its place.

        Raises:
            HilumError: The place cannot be written.
        """
        self._flush()
        record = ShardRecord.made({
            "schema": SHARD_SCHEMA, **self._facts, "rows": self._rows, "decisions": self._decisions,
            "again": self._again, "model": self._job.model, "engine": self._job.engine.as_json(),
        })  # fmt: skip
        with unwritable(self._aside):
            self._parquet.add_key_value_metadata({_KEY: json.dumps(record.as_json()).encode()})
            self._parquet.close()
            self._opened.close()
        return record

    def drop(self) -> None:
        """Leaves nothing of a file that was not committed."""
        self._parquet.is_open = False  # or it would be ended when it is deleted
        with suppress(_Dropped, HilumError):  # the latter: a disk that is full, which was told before
            self._opened.__exit__(_Dropped, _Dropped(), None)

    def _flush(self) -> None:
        if self._waiting:
            rows = [plain_data({**row.as_json(), "series": row.series}) for row in self._waiting]
            with unwritable(self._aside):
                self._parquet.write_table(pa.Table.from_pylist(rows, self._schema))
            self._waiting.clear()


class _Dropped(Exception):
    """Ends the block of a file that was not committed."""


def schema(classes: Sequence[str]) -> pa.Schema:
    """The columns of rows: those of `hilum predict --json`, and the series."""
    kinds = {name: pa.string() for name in (*WRITTEN, "series")} | {
        "frame": pa.int32(),
        "probabilities": pa.struct([(name, pa.float64()) for name in classes]),
        "outlier_score": pa.float64(),
    }
    return pa.schema(list(kinds.items()))


def read_record(store: Store, name: str) -> ShardRecord:
    """The record in a file of rows.

    Raises:
        HilumError: The file is damaged, was not written by a job, or cannot be read.
    """
    origin = f"{store.label}/{name}"
    with store.opened(name) as file, _undamaged(origin):
        metadata = pq.read_metadata(file).metadata or {}
    if _KEY not in metadata:
        raise HilumError(f"{origin} was not written by a job of hilum predict. {_DAMAGED}")
    return ShardRecord.read(metadata[_KEY], origin)


def read_unreadable(store: Store, name: str) -> Iterator[Row]:
    """The rows of unreadable slices in a file of rows, without their series; the file is read piece by piece.

    Raises:
        HilumError: The file is damaged or cannot be read.
    """
    columns = ["path", "frame", "reason", "decision"]
    with store.opened(name) as file, _undamaged(f"{store.label}/{name}"):
        for some in pq.ParquetFile(file).iter_batches(batch_size=_GROUP, columns=columns):
            for row in some.to_pylist():
                if row["decision"] == "unreadable":
                    yield unreadable(row["path"], row["reason"], row["frame"])


@contextmanager
def _undamaged(origin: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the place, not of pyarrow
            raise
        raise HilumError(f"{origin} is damaged or is no Parquet file. {_DAMAGED}") from error
