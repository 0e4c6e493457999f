"""What runs on the machines of a Ray cluster: a task that lists, tasks that read, and workers that answer.

Import it only in the block of `hilum.cluster.ray_cluster.cluster`: Ray reads its environment when it is imported.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import ray

from hilum.cluster.engine import engine_here
from hilum.cluster.listing import listed
from hilum.cluster.parts import Answered, Listed, Part, PartSettings, Read, answer_part, read_part
from hilum.errors import HilumError
from hilum.model.open import open_reader
from hilum.records.job import Engine
from hilum.trust.abstention import Limits

_AT_ONCE = 1000  # inputs that the listing sends at once


@dataclass(frozen=True)
class Opened:
    """A model that a worker opened.

    Attributes:
        model: Digest of its record.
        engine: What computes its answers.
    """

    model: str
    engine: Engine


class Worker:
    """A network, in a process of its own on some machine."""

    def open(self, model: str, weights: str | None, threads: int) -> Opened | str:
        """Opens the model, or gives the reason why it cannot be opened."""
        if not Path(model).exists():
            return f"it does not see the model at {model}; put it there, or on a disk that all machines share"
        try:
            self._reader = open_reader(model, weights, threads=threads)
        except HilumError as error:
            return str(error)
        return Opened(self._reader.facts.digest, engine_here(threads))

    def answer(self, read: Read, limits: Limits) -> Answered:
        """Answers on a part that was read."""
        with _plain_errors():
            return answer_part(self._reader, read, limits)


def _read(part: Part, settings: PartSettings) -> Read:
    with _plain_errors():
        return read_part(part, settings)


def _listed(arguments: Sequence[str], folder: str, salt: bytes | None) -> Iterator[list[Listed]]:
    with _plain_errors():
        found = listed(arguments, io.BytesIO(), folder=folder, salt=salt)
        while some := list(islice(found, _AT_ONCE)):
            yield some


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A block whose errors any process can load again, which not every subclass of `HilumError` is."""
    try:
        yield
    except HilumError as error:
        raise HilumError(str(error)) from None


# Nothing is begun again by Ray: hilum.cluster.ray_workers counts how often a part was lost.
WORKER = ray.remote(max_restarts=0, max_task_retries=0)(Worker)
READ = ray.remote(num_cpus=0, max_retries=0)(_read)  # of its worker's cores: two jobs cannot block each other
LISTED = ray.remote(num_cpus=0, max_retries=0, num_returns="streaming", _generator_backpressure_num_objects=8)(_listed)
