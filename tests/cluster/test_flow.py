"""Every row once and in order, whatever the order of answers; bounded memory; where a job stops."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.cluster.flow import WAITING, run
from hilum.cluster.parts import INPUTS, SLICES, Answered, Listed, Part
from hilum.errors import HilumError
from hilum.predict.rows import Row, unreadable
from hilum.progress import silent
from hilum.records.job import Engine, ShardRecord

ENGINE = Engine(name="onnxruntime", version="1", precision="float32", threads=1, hilum="1")


def row(name, frame):
    return Row(name, frame, "class", "a", {"a": 1.0}, 0.0, "")


@dataclass
class MemoryJob:
    """A job in memory; `frames` has the number of frames of each input, shard by shard; 0 is unreadable."""

    frames: list
    written: dict = field(default_factory=dict)
    records: dict = field(default_factory=dict)
    open: set = field(default_factory=set)

    def named(self, shard):
        return [
            Listed(f"/{shard}/{place}/{count}", f"{shard}/{place}") for place, count in enumerate(self.frames[shard])
        ]

    @property
    def inputs(self):
        return sum(map(len, self.frames))

    def undone(self):
        for shard in range(len(self.frames)):
            if shard not in self.records or self.records[shard].again:
                yield shard, tuple(self.named(shard))

    def done(self):
        yield from self.records.values()

    @contextmanager
    def writing(self, shard):
        writer = Writer()
        self.open.add(shard)
        try:
            yield writer
            self.written[shard] = writer.rows
            self.records[shard] = self.record(shard, writer.rows)
        finally:
            self.open.remove(shard)

    def record(self, shard, rows, again=0):
        decisions = Counter(row.decision for row in rows)
        return ShardRecord(
            schema="hilum.job-shard/1", shard=shard, inputs=len(self.frames[shard]), listed="0", rows=len(rows),
            decisions=decisions, again=again, model="0", engine=ENGINE,
        )  # fmt: skip

    def expected(self, shard):
        return [row for one in self.named(shard) for row in rows_of(one)]


@dataclass
class Writer:
    rows: list = field(default_factory=list)

    def add(self, row):
        self.rows.append(row)


@cache
def rows_of(one):
    count = int(one.path.rpartition("/")[2])
    if count == 0:
        return [unreadable(one.name, "damaged")]
    return [row(one.name, number if count > 1 else None) for number in range(1, count + 1)]


def answered(part, most):
    """The answer on a part, as `answer_part` and `read_part` give it."""
    rows = []
    for place, one in enumerate(part.inputs):
        if len(rows) >= most:
            return Answered(tuple(rows), Part(part.shard, part.order + place, part.inputs[place:]))
        begin = 0 if place else part.begin
        frames = rows_of(one)
        rows += (taken := frames[begin : begin + most - len(rows)])
        if len(frames) > 1 and len(rows) >= most:
            return Answered(tuple(rows), Part(part.shard, part.order + place, part.inputs[place:], begin + len(taken)))
    return Answered(tuple(rows), None)


class AnyOrder:
    """Workers in this process, which end their parts in any order."""

    def __init__(self, job, capacity, seed=0, most=SLICES, first_out=False):
        self.job, self.capacity, self.random, self.most, self.first_out = job, capacity, Random(seed), most, first_out
        self.parts, self.given, self.back, self.held, self.most_open = [], [], 0, 0, 0

    @property
    def room(self):
        return self.capacity - len(self.parts)

    def hand_in(self, part):
        assert self.room > 0
        assert 0 < len(part.inputs) <= INPUTS
        assert (part.shard, part.order) not in [(one.shard, one.order) for one in self.parts]
        self.parts.append(part)
        self.given.append(part)
        self.most_open = max(self.most_open, len(self.job.open))

    def collect(self):
        assert self.parts
        if self.first_out:  # the part for which others wait comes last
            latest = max(self.parts, key=lambda part: (part.shard, part.order))
            chosen = [latest]
        else:
            chosen = self.random.sample(self.parts, self.random.randint(0, len(self.parts)))
        back = [(part, answered(part, self.most)) for part in chosen]
        for part in chosen:
            self.parts.remove(part)
        return back


FRAMES = st.lists(st.lists(st.sampled_from([0, 1, 1, 1, 2, 3, 7, 40]), max_size=70), max_size=4)


@settings(max_examples=150)
@given(FRAMES, st.integers(1, 7), st.integers(0, 2**32), st.sampled_from([1, 2, 5, SLICES]))
def test_every_row_once_and_in_order(frames, capacity, seed, most):
    job = MemoryJob(frames)
    steps = []

    @contextmanager
    def track(title, total):
        steps.append((title, total))
        yield lambda: steps.append(1)

    workers = AnyOrder(job, capacity, seed, most)
    run(job, workers, track=track)
    assert job.written == {shard: job.expected(shard) for shard in range(len(frames))}
    assert steps == [("starting workers", None), ("answering", job.inputs), *[1] * job.inputs]
    assert not job.open
    assert workers.most_open <= capacity
    assert len(set(workers.given)) == len(workers.given)  # nothing twice


def test_answering_begins_when_the_first_worker_has():
    job, steps = MemoryJob([[1] * 3]), []

    class Starting(AnyOrder):
        def collect(self):
            steps.append(self.capacity)
            if self.capacity:
                return super().collect()
            self.capacity = 2
            return []

    @contextmanager
    def track(title, total):
        steps.append(title)
        yield lambda: None

    run(job, Starting(job, 0), track=track)
    assert steps[:3] == ["starting workers", 0, "answering"]
    steps.clear()
    run(job, Starting(job, 0), track=track)  # nothing is left to do
    assert steps == ["starting workers", "answering"]


def test_the_end_of_a_shard_leaves_no_worker_idle():
    job = MemoryJob([[1] * 70, [1] * 70])
    workers = AnyOrder(job, 4)
    begun = []
    workers.collect, collect = lambda: begun.append(len(workers.parts)) or collect(), workers.collect
    run(job, workers, track=silent)
    assert begun[0] == 4  # of a shard with three parts
    assert {part.shard for part in workers.given[:4]} == {0, 1}


def test_files_of_many_frames_are_done_beside_each_other():
    job = MemoryJob([[200] * 8])
    workers = AnyOrder(job, 4, first_out=True)
    beside = []
    workers.collect, collect = (
        lambda: beside.append({part.order for part in workers.parts}) or collect(),
        workers.collect,
    )
    run(job, workers, track=silent)
    assert max(map(len, beside)) == 4
    assert job.written[0] == job.expected(0)


@pytest.mark.parametrize("frames", [[[5000] * 12], [[5000] * 4] * 4, [[1] * 40 + [3000] * 10] * 3])
def test_rows_that_wait_are_bounded(frames):
    capacity, held, peak = 4, 0, 0

    class Counted(AnyOrder):
        def collect(self):
            nonlocal held, peak
            back = super().collect()
            held += sum(len(answer.rows) for _, answer in back)
            peak = max(peak, held)
            return back

    class Job(MemoryJob):
        @contextmanager
        def writing(self, shard):
            with super().writing(shard) as writer:
                add = writer.add

                def counted(row):
                    nonlocal held
                    held -= 1
                    add(row)

                writer.add = counted
                yield writer

    job = Job(frames)
    run(job, Counted(job, capacity, first_out=True), track=silent)
    assert peak <= WAITING + capacity * SLICES
    assert all(job.written[shard] == job.expected(shard) for shard in range(len(frames)))


def test_only_what_is_not_done_is_done():
    job = MemoryJob([[1] * 3, [0, 1], [1] * 2])
    job.records = {0: job.record(0, job.expected(0)), 1: job.record(1, job.expected(1), again=1)}
    totals = []

    @contextmanager
    def track(title, total):
        totals.append(total)
        yield lambda: totals.append(1)

    run(job, AnyOrder(job, 2), track=track, max_errors=1)  # the shard that is done again is not counted twice
    assert sorted(job.written) == [1, 2]
    assert totals == [None, 4, 1, 1, 1, 1]
    workers = AnyOrder(job, 2)
    run(job, workers, track=silent)
    assert not workers.given


def test_too_many_errors_stop_the_job_and_what_is_complete_stays():
    job = MemoryJob([[1, 0], [0] * 3, [1] * 100])
    run_it = AnyOrder(job, 1)
    with pytest.raises(HilumError, match=r"4 slices cannot be read, more than the 2 "):
        run(job, run_it, track=silent, max_errors=2)
    assert job.written == {0: job.expected(0), 1: job.expected(1)}
    assert not job.open
    workers = AnyOrder(job, 1)
    with pytest.raises(HilumError, match="4 slices"):
        run(job, workers, track=silent, max_errors=3)
    assert not workers.given
    run(job, workers, track=silent, max_errors=4)
    assert job.written[2] == job.expected(2)


@pytest.mark.parametrize("seed", range(8))
def test_all_errors_that_stop_a_job_are_in_its_rows(seed):
    job = MemoryJob([[0] * 3 + [1] * 60, [0] * 70, [0] * 70])
    with pytest.raises(HilumError) as stopped:
        run(job, AnyOrder(job, 6, seed), track=silent, max_errors=5)
    written = sum(row.decision == "unreadable" for rows in job.written.values() for row in rows)
    assert str(stopped.value).startswith(f"{written} slices cannot be read")


def test_what_stops_a_job_leaves_nothing_half_written():
    job = MemoryJob([[1] * 70, [1] * 70])
    workers, collect = AnyOrder(job, 4, first_out=True), AnyOrder.collect

    def stop():
        if len(workers.given) > 4:
            raise HilumError("no machine is left")
        return collect(workers)

    workers.collect = stop
    with pytest.raises(HilumError, match="no machine"):
        run(job, workers, track=silent)
    assert job.open == set()
    assert job.written == {}
