"""The flow of a job: parts go out to workers as these have room, and come back in any order."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from heapq import heappop, heappush
from typing import Protocol

from hilum.cluster.job import Job
from hilum.cluster.parts import Answered, Part, parts_of
from hilum.cluster.shard import ShardWriter
from hilum.predict.session import check_errors
from hilum.progress import Advance, Tracker

WAITING = 8192  # rows that wait for earlier ones, beside those of the parts in flight


class Workers(Protocol):
    """Workers that read the parts of a job and answer on them."""

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

    Memory does not grow with the number of inputs or frames: at most `WAITING` rows wait for an earlier part of their
    shard before only the parts for which others wait are handed in. Unreadable slices are counted by complete shards,
    so that all of those that stop a job are in its rows.

    Args:
        job: The job, listed.
        workers: Workers that do its parts.
        track: Progress display, once per input.
        max_errors: Largest number of slices that may be unreadable, those of earlier runs included.

    Raises:
        HilumError: More slices are unreadable, or the job cannot go on.
    """
    done = errors = 0
    for record in job.done():
        if not record.again:
            done, errors = done + record.inputs, errors + record.decisions.get("unreadable", 0)
    check_errors(errors, max_errors)
    left = job.inputs - done
    with track("starting workers", None):  # a step of its own, or the time left would count it for each part
        while left and workers.room <= 0:
            workers.collect()
    with track("answering", left) as advance:
        flow = _Flow(job, workers, advance, errors, max_errors)
        try:
            flow.run()
        except BaseException:
            with ExitStack() as blocks:  # nothing of an open shard is left
                for shard in flow.shards.values():
                    blocks.push(shard.block)
                raise


class _Shard:
    """A shard that is being done.

    Attributes:
        block: Block in which its file is written.
        errors: Number of unreadable slices among the rows so far.
        next: The part whose rows are to be written next: the place of its first input, and its `begin`.
        waiting: Answers on later parts.
    """

    def __init__(self, inputs: int, block: AbstractContextManager[ShardWriter], parts: list[Part]) -> None:
        self.inputs, self.block, self._writer = inputs, block, block.__enter__()
        self.next, self.errors = (0, 0), 0
        self.waiting = dict[tuple[int, int], tuple[int, Answered]]()
        self._ready = [(_key(part), part) for part in parts]  # a heap, as it is sorted

    @property
    def complete(self) -> bool:
        return self.next == (self.inputs, 0)

    @property
    def first(self) -> tuple[int, int] | None:
        """The first part to be handed in."""
        return self._ready[0][0] if self._ready else None

    def take(self) -> Part:
        return heappop(self._ready)[1]

    def put(self, part: Part, answered: Answered) -> None:
        """Takes the answer on a part. Files of many frames go on as parts of their own, beside each other."""
        self.waiting[_key(part)] = part.order + len(part.inputs), answered
        if (rest := answered.rest) is None:
            return
        pieces = [rest]
        if rest.begin and len(rest.inputs) > 1:
            pieces = [replace(rest, inputs=rest.inputs[:1])]
            pieces += [Part(rest.shard, rest.order + 1, rest.inputs[1:])]
        for piece in pieces:
            heappush(self._ready, (_key(piece), piece))

    def write(self) -> int:
        """Writes all rows that are next, and gives their number."""
        written = 0
        while self.next in self.waiting:
            end, answered = self.waiting.pop(self.next)
            for row in answered.rows:
                self._writer.add(row)
                self.errors += row.decision == "unreadable"
            written += len(answered.rows)
            self.next = (end, 0) if answered.rest is None else _key(answered.rest)
        return written


class _Flow:
    def __init__(self, job: Job, workers: Workers, advance: Advance, errors: int, max_errors: int | None) -> None:
        self._job, self._workers, self._advance = job, workers, advance
        self._errors, self._max_errors = errors, max_errors
        self._undone = job.undone()
        self.shards = dict[int, _Shard]()  # in their order
        self._in_flight = self._held = 0

    def run(self) -> None:
        while True:
            while self._workers.room > 0 and (part := self._next_part()) is not None:
                self._workers.hand_in(part)
                self._in_flight += 1
            if not self._in_flight and not self.shards and not self._open():
                return
            for part, answered in self._workers.collect():
                self._in_flight -= 1
                self._take(part, answered)

    def _next_part(self) -> Part | None:
        """The first part that may be handed in, in the order of shards; what is left of parts comes before new ones.

        A part for which others wait may always be. All open shards have theirs in flight when another is opened, so
        there are never more of them than parts in flight.
        """
        while True:
            for shard in self.shards.values():
                if shard.first is not None and (shard.first == shard.next or self._held < WAITING):
                    return shard.take()
            if not self._open():
                return None

    def _open(self) -> bool:
        """Opens the next shard, if there is one."""
        number, inputs = next(self._undone, (0, None))
        if inputs is None:
            return False
        shard = self.shards[number] = _Shard(len(inputs), self._job.writing(number), parts_of(number, inputs))
        self._end(number, shard)
        return True

    def _take(self, part: Part, answered: Answered) -> None:
        shard, before = self.shards[part.shard], self.shards[part.shard].next[0]
        shard.put(part, answered)
        self._held += len(answered.rows) - shard.write()
        for _ in range(shard.next[0] - before):
            self._advance()
        self._end(part.shard, shard)

    def _end(self, number: int, shard: _Shard) -> None:
        if shard.complete:
            del self.shards[number]
            shard.block.__exit__(None, None, None)
            self._errors += shard.errors
            check_errors(self._errors, self._max_errors)


def _key(part: Part) -> tuple[int, int]:
    return part.order, part.begin
