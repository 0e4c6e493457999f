"""Staging folders: what is in a place when its writer is killed, at each step."""

import ctypes
import json
import os
import subprocess
import sys

import pytest

from hilum.staging import Held, Staging, files_in, is_there

# Forks, for each line of its input, a process that puts a new folder in a place and dies at a step of it: after the Nth
# call of an audited operation.
WRITER = """
import ctypes, json, os, sys
from pathlib import Path
from hilum.staging import Staging

def no_library(name):
    raise OSError("no such library")

def write(place, last, swaps):
    steps = 0
    def count(event, arguments):
        nonlocal steps
        if event.startswith(("os.", "shutil.", "open", "ctypes.dlsym")):
            steps += 1
            if steps > last:
                os._exit(9)
    if swaps == "two renames":
        ctypes.CDLL = no_library
    sys.addaudithook(count)
    staging = Staging(Path(place))
    staging.new.mkdir()
    for name in ("one", "two"):
        (staging.new / name).write_text("new")
    staging.take_place()
    staging.remove()

for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            write(*json.loads(line))
        except BaseException:
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def write():
    """Writes to a place up to a step, in a process of its own, and gives its exit code: `write(place, 3)`."""
    command = [sys.executable, "-c", WRITER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def to_step(place, last, swaps="at once"):
            process.stdin.write(json.dumps([str(place), last, swaps]) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield to_step


def _contents(folder):
    return {name: (folder / name).read_text() for name in files_in(folder)}


def _make(folder, text):
    folder.mkdir()
    for name in ("one", "two"):
        (folder / name).write_text(text)


@pytest.mark.parametrize("swaps", ["at once", "two renames"])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_whole(tmp_path, write, swaps, earlier):
    seen, place = set(), tmp_path / "place"
    whole = [{"one": text, "two": text} for text in ("old", "new")]
    new = whole[1]
    for last in range(100):
        if earlier:
            _make(place, "old")
        code = write(place, last, swaps)
        found = _contents(place) if place.exists() else None
        if swaps == "at once" or found is not None:
            assert found in (whole if earlier else [None, new])
        seen.add(None if found is None else found["one"])
        with_next = Staging(place)  # puts right what was left
        if earlier:
            assert _contents(place) in whole
        with_next.remove()
        assert [path.name for path in tmp_path.iterdir()] == (["place"] if place.exists() else [])
        if place.exists():
            for path in place.iterdir():
                path.unlink()
            place.rmdir()
        if code == 0:
            break
    assert code == 0
    assert last > 5
    assert seen == ({"old", "new"} if earlier else {None, "new"}) | ({None} if swaps == "two renames" else set())


def test_what_was_staged_for_another_place_is_removed_too(tmp_path, write):
    steps = 0
    while not list(tmp_path.glob(".hilum-one-*/new/two")):
        assert write(tmp_path / "one", (steps := steps + 1)) == 9
    (tmp_path / ".hilum-two-12345678").mkdir()  # killed before it could make its lock
    Staging(tmp_path / "other").remove()
    assert not list(tmp_path.iterdir())


def test_what_looks_like_a_staging_folder_and_is_none_stays(tmp_path):
    for name in (".hilum-notes", ".hilum-mine-12345678"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("mine")
    (tmp_path / ".hilum-file").touch()
    Staging(tmp_path / "place").remove()
    assert sorted(files_in(tmp_path)) == [".hilum-file", ".hilum-mine-12345678/thesis.txt", ".hilum-notes/thesis.txt"]


def test_one_writer_at_a_time(tmp_path):
    first = Staging(tmp_path / "place")
    with pytest.raises(Held):
        Staging(tmp_path / "place")
    other = Staging(tmp_path / "other")  # beside it, which leaves the first one alone
    (first.new).write_text("first")
    first.take_place()
    first.remove()
    other.remove()
    assert _contents(tmp_path) == {"place": "first"}


@pytest.mark.parametrize("name", ["n" * 255, "ü" * 127, "日" * 85, os.fsdecode(b"\xff" * 255)])
def test_a_place_s_name_may_be_as_long_as_names_can_be(tmp_path, name):
    staging = Staging(tmp_path / name)
    staging.new.write_text("new")
    staging.take_place()
    staging.remove()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_folders_above_are_made_only_in_the_end(tmp_path):
    place = tmp_path / "de" / "ep" / "place"
    staging = Staging(place)
    assert [path.name[:13] for path in tmp_path.iterdir()] == [".hilum-place-"]
    staging.new.mkdir()
    staging.take_place()
    staging.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["de"]
    assert place.is_dir()


def test_the_rights_of_what_is_replaced_are_kept(tmp_path):
    (tmp_path / "place").mkdir(mode=0o700)
    staging = Staging(tmp_path / "place")
    staging.new.mkdir()
    staging.take_place()
    staging.remove()
    assert (tmp_path / "place").stat().st_mode & 0o777 == 0o700


def test_links_are_files_and_are_not_followed(tmp_path):
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").touch()
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "folder" / "nowhere").symlink_to(tmp_path / "missing")
    (tmp_path / "folder" / "inner" / "file").touch()
    assert files_in(tmp_path / "folder") == {"link", "nowhere", "inner/file"}
    assert is_there(tmp_path / "folder" / "nowhere")
    assert not is_there(tmp_path / "folder" / "inner" / "file" / "below")


def test_this_system_swaps_at_once(tmp_path):
    """Else the tests above prove less than they say."""
    if not sys.platform.startswith("linux"):
        pytest.skip("Only Linux is asked to.")
    assert hasattr(ctypes.CDLL(None), "renameat2")
