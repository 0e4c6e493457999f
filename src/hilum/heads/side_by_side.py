"""Trainings of heads side by side, one a processor."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

from threadpoolctl import threadpool_limits

from hilum.heads.targets import labels_are_classes

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(train: Callable[[T], R], jobs: Iterable[T]) -> list[R]:
    """Runs a function on every job, in threads, and gives the results in the jobs' order.

    Each thread keeps to one processor: matrices are so small that a second thread for one only waits, on a busy machine
    for longer than the work takes.
    """
    # Heads set and unset both for themselves, in turns that cross: held here, they are as before in the end.
    with threadpool_limits(1), labels_are_classes(), ThreadPoolExecutor(cpu_count(), "training") as pool:
        return list(pool.map(train, jobs))
