"""A folder as the place of a job."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from helpers.jobs import fail_after

from hilum.cluster.folder_store import FolderStore
from hilum.errors import HilumError

# Holds a folder and begins a file in it, until it is killed.
HOLDER = """
import sys
from pathlib import Path
from hilum.cluster.folder_store import FolderStore
store = FolderStore(Path(sys.argv[1]))
with store.held(), store.writing("rows/000000.parquet") as file:
    file.write(b"half of a file")
    file.flush()
    print("ready", flush=True)
    sys.stdin.read()
"""


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_is_there_whole_or_not_at_all(store, out):
    assert store.read("job.json") is None
    assert store.names("") == store.names("rows") == []
    assert not out.exists()  # asking makes nothing
    store.write("job.json", b"settings")
    with store.writing("rows/000000.parquet") as file:
        file.write(b"rows")
        assert store.names("rows") == []
    with pytest.raises(ValueError, match="mistake"), store.writing("rows/000000.parquet") as file:
        fail_after(file.write(b"other rows"))
    assert contents(out) == {"job.json": b"settings", "rows/000000.parquet": b"rows"}
    assert store.names("") == ["job.json", "rows"]
    assert store.names("rows") == ["rows/000000.parquet"]
    with store.opened("rows/000000.parquet") as file:
        file.seek(2)
        assert file.read() == b"ws"
    store.remove("rows/000000.parquet")
    store.remove("rows/000000.parquet")
    assert store.names("rows") == []


def test_one_process_at_a_time_and_what_a_killed_one_left_is_removed(store, out):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, out], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        with pytest.raises(HilumError, match=r"Another hilum is writing to .*out\. Wait for it to end"), store.held():
            pass
        process.kill()
    assert store.names("rows") == []
    assert len(list((out / "rows").iterdir())) == 1
    with store.held():
        assert list((out / "rows").iterdir()) == []
        assert store.names("") == ["rows"]


def test_the_lock_is_free_after_the_block(store):
    for _ in range(2):
        with store.held():
            store.write("job.json", b"")
            with pytest.raises(HilumError), store.held():
                pass


def test_a_place_that_cannot_be_written_is_told(store, out):
    out.mkdir()
    (out / "rows").write_text("a file in the way")
    with pytest.raises(HilumError, match=r"out cannot be written \(.*\)\. What was answered is kept; make it writable"):
        store.write("rows/000000.parquet", b"")
    with pytest.raises(HilumError, match=r"out cannot be read \(Not a directory\)"):
        store.names("rows")
    with pytest.raises(HilumError, match=r"rows/000000\.parquet cannot be read"), store.opened("rows/000000.parquet"):
        pass
    with pytest.raises(HilumError, match="cannot be written"), FolderStore(out / "rows" / "below").held():
        pass


def test_a_folder_without_leave_to_write_is_told():
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:  # not tmp_path, which another user cannot enter
        Path(name).chmod(0o555)
        try:
            if user == 0:  # root may write everywhere
                os.seteuid(65534)
            for folder in (Path(name), Path(name) / "new"):
                store = FolderStore(folder)
                with pytest.raises(HilumError, match=r"written \(Permission denied\)\. Make it writable"), store.held():
                    pass
                with pytest.raises(HilumError, match=r"written \(Permission denied\)"):
                    store.write("job.json", b"")
        finally:
            os.seteuid(user)
            Path(name).chmod(0o755)
        assert list(Path(name).iterdir()) == []
