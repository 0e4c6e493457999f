"""The memory that a network may take; what is asked for here is never used."""

import mmap
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from hilum.model.limits import memory_limited

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux keeps the limit")


def test_what_is_more_is_refused_and_later_is_not():
    size = 2**44
    with memory_limited(), pytest.raises(OSError, match="Cannot allocate memory"):
        mmap.mmap(-1, size)
    with memory_limited():
        mmap.mmap(-1, 2**30).close()


def test_the_limit_is_lifted_even_after_an_error():
    import resource

    before, within = resource.getrlimit(resource.RLIMIT_AS), []
    with suppress(KeyError), memory_limited():
        within.append(resource.getrlimit(resource.RLIMIT_AS))
        raise KeyError
    assert resource.getrlimit(resource.RLIMIT_AS) == before != within[0]


def test_a_limit_that_is_lower_already_stays():
    code = """
import resource
from hilum.model.limits import memory_limited
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**31))
with memory_limited():
    assert resource.getrlimit(resource.RLIMIT_AS) == (2**30, 2**31)
assert resource.getrlimit(resource.RLIMIT_AS) == (2**30, 2**31)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
