"""SIGTERM as an exception."""

import os
import signal
import threading

import pytest

from hilum.stopping import terminable


def test_the_first_signal_ends_the_block_and_the_next_do_not_stop_the_tidying():
    before, caught, tidied = signal.getsignal(signal.SIGTERM), [], []

    def work():
        with terminable() as coming:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                tidied.append(True)
                caught.extend(coming)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert (tidied, caught) == ([True], [signal.SIGTERM])
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_is_left_alone():
    done = []

    def work():
        with terminable():
            done.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.getsignal(signal.SIGTERM)]
