"""The flow of a job: parts go out to workers as these have room, and come back in any order."""

from typing import Protocol

from hilum.cluster.job import Job
from hilum.cluster.parts import Answered, Part
from hilum.progress import Tracker


class Workers(Protocol):
    """What does the parts of a job."""

    @property
    def room(self) -> int:
        """Number of parts that may be handed in now."""

    def hand_in(self, part: Part) -> None:
        """Begins a part."""

    def collect(self) -> list[tuple[Part, Answered]]:
        """Waits a little, and gives the parts that are done, in any order.

        A part whose machine was lost is begun again elsewhere and is not seen here.

        Raises:
            HilumError: No machine is left, one differs and no other is left, or a part was lost again and again.
        """


def run(job: Job, workers: Workers, *, track: Tracker, max_errors: int | None = None) -> None:
    """Does all shards of a job that are not done yet.

    Memory does not grow with the number of inputs or frames: only parts in flight and those that wait for an earlier
    part of their shard are kept.

    Args:
        job: The job, listed.
        workers: What does the parts.
        track: Progress display, once per input.
        max_errors: Largest number of slices that may be unreadable.

    Raises:
        HilumError: More slices are unreadable, or the job cannot go on.
    """
    raise NotImplementedError
