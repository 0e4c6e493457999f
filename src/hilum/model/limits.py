"""The memory limit of a network."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_LEAST = 4 * 2**30  # bytes


def most_memory() -> int:
    """Memory limit in bytes: half of the machine's memory, but at least 4 GB."""
    return max(_LEAST, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)


@contextmanager
def memory_limited() -> Iterator[None]:
    """Limits this process to `most_memory` in addition to what it already has, on systems that support it.

    A request for more fails in this process, before the system has to choose a process to end.
    """
    with ExitStack() as undo:
        with suppress(ImportError, ValueError, OSError):
            import resource

            pages = int(Path("/proc/self/statm").read_bytes().split()[0])
            most = pages * os.sysconf("SC_PAGE_SIZE") + most_memory()
            before, hard = resource.getrlimit(resource.RLIMIT_AS)
            if before == resource.RLIM_INFINITY or most < before:
                resource.setrlimit(resource.RLIMIT_AS, (most, hard))
                undo.callback(resource.setrlimit, resource.RLIMIT_AS, (before, hard))
        yield
