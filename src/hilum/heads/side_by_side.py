"""Work on small matrices, such as training heads, side by side: one job on each processor."""

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

    Each job keeps to one processor: its matrices are so small that a second thread would mostly wait.
    """
    # Each head sets and restores both; heads overlap, so only setting them here restores them for sure.
    with threadpool_limits(1), labels_are_classes(), ThreadPoolExecutor(cpu_count(), "training") as pool:
        return list(pool.map(train, jobs))
