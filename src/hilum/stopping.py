"""SIGTERM, with which `timeout`, Slurm, systemd and containers end a process, as if Ctrl-C had been pressed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminable() -> Iterator[list[int]]:
    """A block that SIGTERM ends with a `KeyboardInterrupt`, in the main thread.

    Yields:
        A list that has the signal once it came: libraries raise interrupts anew, so that a class would be lost.
    """
    caught = list[int]()
    if threading.current_thread() is not threading.main_thread():  # Python has no handlers there
        yield caught
        return

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # some send it twice, which would stop the tidying
        caught.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
