"""The queue before the model."""

import asyncio
import threading

import numpy as np
import pytest

from hilum.model.reader import Reading
from hilum.serve.batches import BatchedReader


class Sums:
    """Answers each slice with its mean, and remembers how many came at once."""

    def __init__(self, go_on=None):
        self.sizes, self.threads, self.go_on = [], set(), go_on

    def read(self, greys):
        if self.go_on is not None:
            self.go_on.wait()
        self.sizes.append(len(greys))
        self.threads.add(threading.get_ident())
        if np.isnan(greys).any():
            raise ValueError("no number")
        means = greys.mean((1, 2))
        every = means[:, None]
        return Reading(every, means, every[..., None, None], np.zeros((len(greys), 1), np.intp), every)


def squares(*levels):
    return [np.full((4, 4), level, np.float32) for level in levels]


def run(use, model, **options):
    async def inside():
        reader = BatchedReader(model, options.pop("wait", 0.02), **options)
        reader.start()
        try:
            return await use(reader)
        finally:
            await reader.close()

    return asyncio.run(inside())


def test_each_slice_gets_its_own_answer_and_many_are_read_at_once():
    model, levels, seen = Sums(), np.linspace(0, 1, 40), []

    async def use(reader):
        return await asyncio.gather(*(reader.read(square) for square in squares(*levels)))

    readings = run(use, model, seen=seen.append)
    np.testing.assert_allclose([reading.outlier_scores[0] for reading in readings], levels, atol=1e-6)
    assert all(reading.probabilities.shape == (1, 1) for reading in readings)
    assert model.sizes == seen == [16, 16, 8]
    assert len(model.threads) == 1


def test_one_slice_alone_is_not_kept_waiting_for_more():
    model = Sums()

    async def use(reader):
        return await asyncio.wait_for(reader.read(squares(0.5)[0]), 20)

    assert run(use, model, wait=1000).outlier_scores[0] == 0.5
    assert model.sizes == [1]


def test_a_slice_waits_for_those_on_their_way():
    model = Sums()

    async def use(reader):
        with reader.coming():
            first = reader.read(squares(0.1)[0])
            for _ in range(20):
                await asyncio.sleep(0)
            assert model.sizes == []
        return await asyncio.gather(first, reader.read(squares(0.2)[0]))

    assert [reading.outlier_scores[0] for reading in run(use, model, wait=1000)] == pytest.approx([0.1, 0.2])
    assert model.sizes == [2]


def test_it_does_not_wait_for_ever_nor_beyond_a_full_batch():
    model = Sums()

    async def use(reader):
        with reader.coming():
            await asyncio.gather(*(reader.read(square) for square in squares(*range(16))))
            return await reader.read(squares(0.2)[0])

    assert run(use, model, wait=0.05).outlier_scores[0] == pytest.approx(0.2)
    assert model.sizes == [16, 1]


def test_an_error_reaches_those_of_its_batch_and_the_next_are_read():
    async def use(reader):
        bad = await asyncio.gather(*(reader.read(square) for square in squares(np.nan, 0.1)), return_exceptions=True)
        return bad, await reader.read(squares(0.2)[0])

    bad, good = run(use, Sums())
    assert [type(one) for one in bad] == [ValueError] * 2
    assert good.outlier_scores[0] == pytest.approx(0.2)


def test_a_slice_that_nobody_waits_for_is_not_read():
    go_on = threading.Event()
    model = Sums(go_on)

    async def use(reader):
        first = reader.read(squares(0.1)[0])
        await asyncio.sleep(0.05)  # it is being read
        gone = reader.read(squares(0.2)[0])
        await asyncio.sleep(0)
        gone.cancel()
        last = reader.read(squares(0.3)[0])
        await asyncio.sleep(0)
        go_on.set()
        return [(await task).outlier_scores[0] for task in (first, last)]

    assert run(use, model) == pytest.approx([0.1, 0.3])
    assert model.sizes == [1, 1]


def test_closing_leaves_nobody_waiting():
    go_on = threading.Event()

    async def use(reader):
        tasks = [reader.read(square) for square in squares(*range(40))]
        await asyncio.sleep(0.05)
        return tasks

    async def inside():
        reader = BatchedReader(Sums(go_on), 0)
        reader.start()
        tasks = await use(reader)
        await reader.close()
        go_on.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert {type(one) for one in asyncio.run(inside())} == {asyncio.CancelledError}
