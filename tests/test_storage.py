import hashlib
import random
import signal
import subprocess
import sys
import time

import pytest

from hilum.errors import HilumError
from hilum.storage import (
    CacheUse,
    Shards,
    cache_folder,
    cache_use,
    clear_cache,
    remove_left_aside,
    sha256_of_file,
    write_aside,
    writing_aside,
)

# Appends shards, each filled with its own number, until it is killed or has made as many as it was told.
WRITER = """
import sys
from pathlib import Path
from hilum.storage import Shards
folder, first, end, repeats = sys.argv[1:]
shards = Shards(Path(folder), ".bin")
print("ready", flush=True)
for number in range(int(first), int(end)):
    shards.append(number.to_bytes(4, "big") * int(repeats))
"""


def writer(folder, first, end, repeats=1000):
    command = [sys.executable, "-c", WRITER, *map(str, (folder, first, end, repeats))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def shards(tmp_path):
    return Shards(tmp_path / "shards", ".bin")


def test_a_kill_at_any_moment_leaves_whole_shards_only(shards):
    """Half of the kills come at random, half as soon as a file appears, when it is likely to be half written."""
    shards.folder.mkdir()
    draw = random.Random(0)
    for attempt in range(6):
        before = names(shards.folder)
        process = writer(shards.folder, attempt * 1000, attempt * 1000 + 1000, repeats=2**21)
        time.sleep(draw.uniform(0, 0.1) * (attempt % 2))
        while attempt % 2 == 0 and names(shards.folder) == before:
            assert process.poll() is None
        process.kill()
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
    shards.append(b"the cache works on")
    appended = [name for name in names(shards.folder) if name.endswith(".bin")]
    loaded = list(shards.load())
    assert all(data == data[:4] * 2**21 for data in loaded if data != b"the cache works on")
    # None of them was found damaged: what was half written never had a shard's name.
    assert len(loaded) == len(appended) >= 1


def test_a_file_being_replaced_is_the_old_or_the_new_one(tmp_path):
    path = tmp_path / "new" / "file"
    write_aside(path, b"old")
    write_aside(path, b"new")
    assert path.read_bytes() == b"new"
    assert sha256_of_file(path) == hashlib.sha256(b"new").hexdigest()
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="irectory"):
        write_aside(tmp_path / "folder", b"in the way")
    assert names(tmp_path) == ["folder", "new"]  # nothing is left aside
    assert names(path.parent) == ["file"]


def test_a_file_takes_its_place_at_the_end_of_the_block_and_not_if_it_fails(tmp_path):
    path = tmp_path / "file"
    with writing_aside(path) as file:
        file.write(b"old")
        assert not path.exists()
        remove_left_aside(tmp_path)  # it is not left: its writer is alive
    with pytest.raises(TypeError), writing_aside(path) as file:
        file.write("no bytes, after the file was made")
    assert path.read_bytes() == b"old"
    (tmp_path / ".aside-0123456789abcdef").write_bytes(b"of a killed process")
    remove_left_aside(tmp_path)
    assert names(tmp_path) == ["file"]


def test_two_processes_append_at_once(shards):
    # The second half of the first one's shards is the first half of the second one's.
    both = [writer(shards.folder, 0, 20), writer(shards.folder, 10, 30)]
    for process in both:
        process.stdout.close()
        assert process.wait() == 0
    assert sorted(int.from_bytes(data[:4], "big") for data in shards.load()) == list(range(30))
    assert len(list(shards.folder.iterdir())) == 30


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: b"", lambda data: data[:7] + b"?" + data[8:], lambda data: data + b"\n"],
    ids=["truncated", "empty", "changed", "longer"],
)
def test_a_damaged_shard_is_removed_and_not_returned(shards, damage):
    for data in (b"the first shard", b"the second shard"):
        shards.append(data)
    hit = shards.folder / (hashlib.sha256(b"the first shard").hexdigest() + ".bin")
    hit.write_bytes(damage(b"the first shard"))
    assert list(shards.load()) == [b"the second shard"]
    assert not hit.exists()
    shards.append(b"the first shard")
    assert sorted(shards.load()) == [b"the first shard", b"the second shard"]


def test_only_files_of_the_suffix_are_loaded(shards):
    shards.append(b"data")
    (shards.folder / "README.txt").write_text("kept")
    (shards.folder / "folder.bin").mkdir()
    assert list(shards.load()) == [b"data"]
    assert (shards.folder / "README.txt").exists()


def test_no_folder_holds_no_shards(shards):
    assert list(shards.load()) == []


def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way of a folder")
    with pytest.raises(HilumError, match=r"cannot be written .*HILUM_CACHE.*hilum cache --clear"):
        Shards(tmp_path / "file" / "shards", ".bin").append(b"data")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HILUM_CACHE": "/somewhere"}, "/somewhere"),
        ({"HILUM_CACHE": "~/somewhere", "HOME": "/home/me"}, "/home/me/somewhere"),
        ({"HILUM_CACHE": "", "XDG_CACHE_HOME": "/caches"}, "/caches/hilum"),
        ({"HILUM_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/home/me"}, "/home/me/.cache/hilum"),
    ],
)
def test_where_the_cache_is(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(cache_folder()) == expected


def test_clearing_removes_what_hilum_made_and_nothing_else():
    assert cache_use() == []
    clear_cache()  # nothing there is no error
    for name in ("features/a/1.bin", "features/b/2.bin", "slices/3.json", "weights/4.onnx", "thesis/5.tex", "notes"):
        write_aside(cache_folder() / name, b"12345")
    assert cache_use() == [
        CacheUse("features", 2, 10), CacheUse("slices", 1, 5), CacheUse("thesis", 1, 5), CacheUse("weights", 1, 5)
    ]  # fmt: skip
    clear_cache()
    assert names(cache_folder()) == ["notes", "thesis"]
    assert (cache_folder() / "thesis" / "5.tex").read_bytes() == b"12345"
