import signal

import pytest

from hilum.slices import process
from hilum.slices.process import Allowance, Gone, Worker


def test_an_answer_may_take_what_is_left_of_the_whole():
    allowance = Allowance(5, 12)
    assert (allowance.next, allowance.exceeded) == (5, 5)
    allowance.spend(9)
    assert (allowance.next, allowance.exceeded) == (3, 5)
    allowance.spend(4)
    assert (allowance.next, allowance.exceeded) == (0, 12)


def test_without_numbers_an_allowance_is_that_of_the_module(monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 1.0)
    assert Allowance().next == 1
    assert Allowance(whole=0.5).next == 0.5


def test_a_process_that_was_ended_is_gone_and_tells_how():
    worker = Worker(2**30)
    try:
        assert worker.alive
        assert worker.at_rest
        worker.kill()
        with pytest.raises(Gone):
            worker.answer({"key": None}, b"", Allowance())
        assert worker.status() == -signal.SIGKILL
        assert not worker.alive
        assert not worker.at_rest
        assert not worker.late
    finally:
        worker.end()
