"""How much memory a network may take."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_LEAST = 4 * 2**30  # bytes


def most_memory() -> int:
    """Bytes that a network may take: half of the machine's memory, or 4 GB if that is more."""
    return max(_LEAST, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)


@contextmanager
def memory_limited() -> Iterator[None]:
    """Lets this process take `most_memory` in addition to what it has, where the system can.

    What asks for more is refused, and fails by itself before the system has to choose a process to end.
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
