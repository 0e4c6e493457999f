import errno
import fcntl
import os
import subprocess
import sys

import pytest

from hilum.locks import claim, remove_abandoned, take_lock

# Claims a file and holds it until its standard input ends or it is killed.
HOLDER = """
import sys
from pathlib import Path
from hilum.locks import claim
print(claim(Path(sys.argv[1])) is not None, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path):
    """A file that a living process has claimed, and the process."""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"True\n"
        yield path, process
        process.kill()


def test_one_process_at_a_time_holds_a_file_and_a_kill_frees_it(held):
    path, process = held
    assert claim(path) is None
    remove_abandoned(path)
    assert path.exists()
    process.kill()
    process.wait()
    taken = claim(path)
    assert taken is not None
    assert claim(path) is None  # also in one process
    os.close(taken)
    remove_abandoned(path)
    assert not path.exists()
    remove_abandoned(path)  # gone is no error


def test_a_file_that_was_removed_under_the_lock_is_made_again(tmp_path):
    """As when its last owner removes it between our opening and our locking."""
    path = tmp_path / "lock"
    first = claim(path)
    path.unlink()
    second = claim(path)
    assert second is not None
    assert os.path.samestat(os.fstat(second), path.stat())
    os.close(first)
    os.close(second)


def test_without_locks_only_a_new_file_can_be_claimed(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    path = tmp_path / "lock"
    descriptor = claim(path)
    assert take_lock(descriptor) is None
    assert claim(path) is None
    remove_abandoned(path)
    assert path.exists()
    os.close(descriptor)


def test_a_place_without_a_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        claim(tmp_path / "missing" / "lock")
