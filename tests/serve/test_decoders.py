"""The processes that decode: what one of them suffers costs a file at most."""

import asyncio
import signal
from contextlib import aclosing

import pytest
from helpers.dicoms import broken_after, chest, dataset, written
from helpers.uploads import flat

from hilum.serve.decoders import Decoders
from hilum.slices.pool import CRASHED, ENDED
from hilum.slices.read import UnreadableSlice

JOB = {"job": "squares", "window": "auto", "size": 8, "interpolation": "bilinear", "crop": False, "first": 0}
LARGE = flat(51, 6000, 6000)  # takes a while
MANY = written(dataset(*(chest(seed, 16, 16) for seed in range(30))))


async def frames(decoders, data, job=JOB):
    numbers = []
    async with aclosing(decoders.messages(job, data)) as messages:
        async for fields, blob in messages:
            assert len(blob) == len(fields["frames"]) * 8 * 8 * 4
            numbers += [frame["number"] for frame in fields["frames"]]
    return numbers


async def kill_when_busy(decoders, by=signal.SIGKILL, times=1):
    killed = set()
    while len(killed) < times:
        await asyncio.sleep(0.001)
        for worker in decoders.pool.busy - killed:
            worker.process.send_signal(by)
            killed.add(worker)


def with_decoders(use, count=1, chunk_seconds=60, file_seconds=600):
    """Runs `use(decoders)`, and gives with its result how many processes were replaced."""
    replaced = []

    async def run():
        decoders = Decoders(count, chunk_seconds, file_seconds, lambda: replaced.append(1))
        await decoders.start()
        try:
            return await use(decoders)
        finally:
            await decoders.close()

    return asyncio.run(run()), len(replaced)


def test_frames_come_in_order_from_one_process():
    async def use(decoders):
        return await frames(decoders, MANY), await frames(decoders, flat(51)), await frames(decoders, MANY)

    (first, single, again), replaced = with_decoders(use)
    assert first == again == list(range(1, 31))
    assert single == [None]
    assert replaced == 0


@pytest.mark.slow
def test_the_time_that_answers_wait_to_be_taken_does_not_count():
    async def use(decoders):
        numbers = []
        async with aclosing(decoders.messages(JOB, MANY)) as messages:
            async for fields, _ in messages:
                numbers += [frame["number"] for frame in fields["frames"]]
                await asyncio.sleep(2.5)  # as a slow model does; in all longer than a process may take
        return numbers

    assert with_decoders(use, chunk_seconds=2, file_seconds=8) == (list(range(1, 31)), 0)


def test_a_killed_process_that_had_worked_costs_nothing():
    async def use(decoders):
        await frames(decoders, flat(51))
        found, _ = await asyncio.gather(frames(decoders, LARGE), kill_when_busy(decoders))
        return found, await frames(decoders, flat(51))

    assert with_decoders(use) == (([None], [None]), 1)


def test_a_fresh_process_that_ends_is_the_fault_of_its_file_and_is_replaced():
    async def use(decoders):
        with pytest.raises(UnreadableSlice, match=CRASHED):
            await asyncio.gather(frames(decoders, LARGE), kill_when_busy(decoders, signal.SIGSEGV))
        return await frames(decoders, flat(51))

    assert with_decoders(use) == ([None], 1)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_a_fresh_process_that_is_killed_is_not_the_fault_of_its_file(by):
    async def use(decoders):
        found, _ = await asyncio.gather(frames(decoders, LARGE), kill_when_busy(decoders, by))
        return found

    assert with_decoders(use) == ([None], 1)


def test_where_the_next_is_killed_too_memory_is_named():
    async def use(decoders):
        with pytest.raises(UnreadableSlice, match=ENDED):
            await asyncio.gather(frames(decoders, LARGE), kill_when_busy(decoders, times=2))
        return await frames(decoders, flat(51))

    assert with_decoders(use) == ([None], 2)


def test_a_process_killed_at_rest_is_replaced():
    async def use(decoders):
        await frames(decoders, flat(51))
        for worker in decoders.pool.idle:
            worker.kill()
            worker.process.wait()
        return await frames(decoders, flat(51))

    assert with_decoders(use) == ([None], 1)


def test_a_file_that_takes_too_long_ends_its_process_and_no_other():
    async def use(decoders):
        with pytest.raises(UnreadableSlice, match=r"could not be decoded within 0\.05 seconds"):
            await frames(decoders, LARGE)
        decoders._chunk_seconds = 60
        return await frames(decoders, flat(51))

    assert with_decoders(use, chunk_seconds=0.05) == ([None], 1)


def test_frames_that_take_too_long_together_end_their_process_and_no_other():
    """Thousands of frames, each few of them well within their own time."""
    endless = written(dataset(*(chest(0, 16, 16),) * 5000))

    async def use(decoders):
        await frames(decoders, MANY)  # the process has all that it needs for DICOM
        seen, decoders._file_seconds = [], 1

        async def read():
            async with aclosing(decoders.messages(JOB, endless)) as messages:
                async for fields, _ in messages:
                    seen.extend(frame["number"] for frame in fields["frames"])

        with pytest.raises(UnreadableSlice, match="could not be decoded within 1 seconds"):
            await read()
        decoders._file_seconds = 60
        return seen, await frames(decoders, flat(51))

    (seen, after), replaced = with_decoders(use)
    assert 0 < len(seen) < 5000
    assert seen == list(range(1, len(seen) + 1))
    assert (after, replaced) == ([None], 1)


def test_whoever_stops_asking_leaves_no_process_with_half_an_answer():
    async def use(decoders):
        async with aclosing(decoders.messages(JOB, MANY)) as messages:
            await anext(messages)
        return await frames(decoders, flat(51))

    assert with_decoders(use) == ([None], 0)


def test_a_process_is_free_while_its_last_answer_is_used():
    async def use(decoders):
        async with aclosing(decoders.messages(JOB, flat(51))) as messages:
            await anext(messages)
            return await asyncio.wait_for(frames(decoders, flat(60)), 60)

    assert with_decoders(use) == ([None], 0)


def test_more_files_than_processes_wait_for_their_turn():
    async def use(decoders):
        found = await asyncio.gather(*(frames(decoders, flat(level)) for level in range(20)))
        return found, len(decoders.pool.idle)

    assert with_decoders(use, count=2) == (([[None]] * 20, 2), 0)


def test_a_frame_that_cannot_be_read_follows_those_that_can():
    async def use(decoders):
        seen = []

        async def read():
            async with aclosing(decoders.messages(JOB, broken_after(6))) as messages:
                async for fields, _ in messages:
                    seen.extend(frame["number"] for frame in fields["frames"])

        with pytest.raises(UnreadableSlice, match="frame 7 of 7: "):
            await read()
        return seen

    assert with_decoders(use) == ([1, 2, 3, 4, 5, 6], 0)
