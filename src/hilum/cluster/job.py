"""A job of predictions in a folder: what it is of, its inputs, and its shards of rows."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

from hilum.cluster.parts import Listed
from hilum.cluster.store import Store
from hilum.predict.rows import Row
from hilum.records.job import JobRecord, ShardRecord

SHARD = 1000  # inputs of a shard


class ShardWriter:
    """The file of rows of one shard, which appears when the shard is complete, in one step."""

    def add(self, row: Row) -> None:
        """Adds the next row."""
        raise NotImplementedError

    def commit(self) -> ShardRecord:
        """Ends the file and puts it in its place."""
        raise NotImplementedError


class Job:
    """A job of predictions: new, or one that was begun earlier and goes on.

    Args:
        store: Its files.
        record: Its settings.

    Raises:
        HilumError: The place holds something else, or a job with another model or other settings.
    """

    def __init__(self, store: Store, record: JobRecord) -> None:
        raise NotImplementedError

    @property
    def listed(self) -> bool:
        """Whether the listing is complete."""
        raise NotImplementedError

    def list(self, inputs: Iterable[Listed]) -> None:
        """Writes the listing, which never changes afterwards. An earlier one that is not complete is replaced."""
        raise NotImplementedError

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        raise NotImplementedError

    def undone(self) -> Iterator[tuple[int, tuple[Listed, ...]]]:
        """Number and inputs of each shard that is not done, or in which a machine was short of memory."""
        raise NotImplementedError

    def done(self) -> Iterator[ShardRecord]:
        """The record of each shard that is done."""
        raise NotImplementedError

    def writing(self, shard: int) -> AbstractContextManager[ShardWriter]:
        """A block that writes a shard; unless it is committed, nothing is left of it."""
        raise NotImplementedError

    def finish(self) -> None:
        """Writes `manifest.json` and `errors.csv`, in memory that does not grow with the job."""
        raise NotImplementedError
