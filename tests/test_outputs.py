"""Places of output: refused before the work, or written whole."""

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest

from hilum.errors import HilumError
from hilum.outputs import Kind, OutputFile, OutputFolder, check_outside, try_file, write_json, write_text
from hilum.staging import files_in

KIND = Kind("audit", "audit.json", "hilum.audit/1", frozenset({"audit.html"}))


def _fill(folder, text="new", files=("audit.html",)):
    write_json(folder / "audit.json", {"schema": "hilum.audit/1", "text": text})
    for name in files:
        write_text(folder / name, text)


def _save(place, text="new", **options):
    with OutputFolder(place, KIND, **options) as out, out.writing() as made:
        _fill(made, text)


def _read(folder):
    return {name: (folder / name).read_bytes() for name in files_in(folder)}


@pytest.fixture
def earlier(tmp_path):
    _save(tmp_path / "earlier", "old")
    return tmp_path / "earlier"


@pytest.fixture
def refused(tmp_path):
    """Sees that a folder and a file are refused with some words, before the work, and that nothing is left or lost."""

    def see(place, words):
        before = _read(tmp_path), sorted(tmp_path.rglob("*"))
        folders = OutputFolder(place, KIND, overwrite=True), OutputFolder(place, None)
        for output in (*folders, OutputFile(place, overwrite=True)):
            with pytest.raises(HilumError, match=words), output:
                pytest.fail("it was not refused before the work")
        with pytest.raises(HilumError, match=words):
            try_file(place)
        assert (_read(tmp_path), sorted(tmp_path.rglob("*"))) == before

    return see


def test_places_that_cannot_be_made(refused, tmp_path):
    (tmp_path / "file").write_text("mine")
    for place in ("file/below", "file/de/ep", "n" * 256, f"new/{'n' * 256}/below", f"{'d/' * 2100}deep", "a\0b"):
        refused(tmp_path / place, r"cannot be written \(.+\)\. Give another f\w+ \(--out\)")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(HilumError, match="cannot be written"):
        _save(tmp_path / "circle" / "below")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that takes no folder, even of root")
def test_a_place_that_takes_no_folder(refused):
    refused(Path("/proc/hilum"), r"/proc/hilum cannot be written \(")


def test_a_folder_without_leave_to_write():
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:  # not tmp_path, which another user cannot enter
        folder = Path(name)
        _save(folder / "earlier", "old")
        before = _read(folder)
        for path in (folder, folder / "earlier"):
            path.chmod(0o555)
        try:
            if user == 0:  # root may write everywhere
                os.seteuid(65534)
            earlier = OutputFolder(folder / "earlier", KIND, overwrite=True)
            for output in (OutputFolder(folder / "new", KIND), OutputFile(folder / "new"), earlier):
                with pytest.raises(HilumError, match=r"cannot be written \(Permission denied\)"), output:
                    pytest.fail("it was not refused before the work")
        finally:
            os.seteuid(user)
            for path in (folder, folder / "earlier"):
                path.chmod(0o755)
        assert _read(folder) == before


def test_what_is_in_the_way(refused, earlier, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "hollow" / "folder").mkdir(parents=True)
    for place, words in (("file", "file is a file"), ("hollow", "holds something else, not a hilum audit")):
        with pytest.raises(HilumError, match=words), OutputFolder(tmp_path / place, KIND, overwrite=True):
            pytest.fail("it was not refused before the work")
    with pytest.raises(HilumError, match="exists already and is not a file"), OutputFile(earlier, overwrite=True):
        pass
    for place in ("file", "earlier"):
        with pytest.raises(HilumError, match="not an empty folder"), OutputFolder(tmp_path / place, None):
            pass
    assert _read(tmp_path)["file"] == b"mine"


def test_an_earlier_folder_is_replaced_whole_and_only_when_asked(earlier, tmp_path):
    with pytest.raises(
        HilumError, match=r"already\. Give another folder \(--best\), or --overwrite \(overwrite=True in Python\) to"
    ):
        _save(earlier, option="folder (--best)")
    assert _read(earlier)["audit.html"] == b"old"
    (earlier / "sub").mkdir()
    _save(earlier, overwrite=True)
    assert _read(earlier)["audit.html"] == b"new"
    assert not (earlier / "sub").exists()
    assert os.listdir(tmp_path) == ["earlier"]  # noqa: PTH208


@pytest.mark.parametrize("name", ["notes.md", "sub/notes.md", os.fsdecode(b"\xff.md"), "link"])
def test_what_no_run_wrote_is_named_and_left(earlier, name):
    path = earlier / name
    path.parent.mkdir(exist_ok=True)
    if name == "link":
        path.symlink_to(earlier.parent, target_is_directory=True)
    else:
        path.write_text("mine")
    with pytest.raises(
        HilumError, match=r"files that are not the audit's: .*Move them, or give another folder \(--out\)"
    ) as error:
        _save(earlier, overwrite=True)
    assert name in str(error.value)
    assert _read(earlier)["audit.html"] == b"old" if name != "link" else path.is_symlink()


def _save_late(output, meanwhile):
    with output as out:
        meanwhile()
        with out.writing() as made:
            _fill(made) if made.is_dir() else made.write_text("new")


@pytest.mark.parametrize("place", ["new", "earlier"])
def test_what_comes_to_a_folder_during_the_work_is_not_lost(earlier, tmp_path, place):
    def meanwhile():
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / "mine.txt").write_text("mine")

    with pytest.raises(HilumError, match=r"give another folder \(--out\)"):
        _save_late(OutputFolder(tmp_path / place, KIND, overwrite=True), meanwhile)
    assert _read(tmp_path / place)["mine.txt"] == b"mine"
    assert not list(tmp_path.glob(".*"))


def test_what_comes_in_a_file_s_place_during_the_work_is_not_lost(tmp_path):
    with pytest.raises(HilumError, match="exists already"):
        _save_late(OutputFile(tmp_path / "file"), lambda: (tmp_path / "file").write_text("mine"))
    assert _read(tmp_path) == {"file": b"mine"}


def _stop(output, error):
    with output as out, out.writing() as made:
        (made / "audit.html" if made.is_dir() else made).write_text("half")
        raise error


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_an_end_before_the_end_leaves_all_as_it_was(earlier, tmp_path, kind):
    def output():
        if kind == "file":
            return OutputFile(earlier / "audit.html", overwrite=True)
        return OutputFolder(earlier, KIND, overwrite=True)

    before = _read(tmp_path)
    with pytest.raises(
        HilumError, match=rf"cannot be written \(No space left on device\)\. Give another {kind} \(--out\)"
    ):
        _stop(output(), OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(KeyboardInterrupt):
        _stop(output(), KeyboardInterrupt())
    assert _read(tmp_path) == before


def test_the_second_writer_is_refused_at_once(tmp_path):
    place = tmp_path / "new" / "place"
    (tmp_path / "link").symlink_to(tmp_path / "new")
    with OutputFolder(place, KIND):
        for other in (place, tmp_path / "link" / "place", tmp_path / "new" / ".." / "new" / "place"):
            with pytest.raises(HilumError, match=r"Another hilum is writing to .*place\. Wait for it to end"):
                _save(other)
        _save(tmp_path / "new" / "other")
        assert os.listdir(tmp_path / "new") == ["other"]  # noqa: PTH208
    _save(tmp_path / "another")


def test_links_are_followed(earlier, tmp_path):
    (tmp_path / "link").symlink_to(earlier, target_is_directory=True)
    (tmp_path / "to file").symlink_to(tmp_path / "file")
    _save(tmp_path / "link", overwrite=True)
    with OutputFile(tmp_path / "to file") as out, out.writing() as made:
        made.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "to file").is_symlink()
    assert _read(earlier)["audit.html"] == b"new"
    assert (tmp_path / "file").read_text() == "new"


def test_the_working_folder_and_mount_points_are_not_pulled_away(tmp_path, monkeypatch):
    (tmp_path / "here" / "below").mkdir(parents=True)
    for folder in ("here/below", "here"):
        monkeypatch.chdir(tmp_path / folder)
        with pytest.raises(HilumError, match=r"in use as the working folder.*Give a new folder inside it"):
            _save(Path(), overwrite=True)
    with pytest.raises(HilumError, match="/ is a mount point"):
        _save("/")
    _save("inside")
    assert (tmp_path / "here" / "inside" / "audit.json").is_file()


def test_text_that_utf_8_does_not_have_is_spelt_out(tmp_path):
    name = os.fsdecode(b"\xff")
    write_text(tmp_path / "text", f"é {name} \ud800\r\n")
    assert (tmp_path / "text").read_bytes() == "é \\udcff \\ud800\r\n".encode()
    write_json(tmp_path / "json", {"name": name, "é": "\n"})
    assert json.loads((tmp_path / "json").read_text("utf-8")) == {"name": name, "é": "\n"}
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "json", {"number": float("nan")})


def test_files_are_written_outside_the_folder(tmp_path):
    check_outside(tmp_path / "new.csv", tmp_path / "slices", "file")
    check_outside(tmp_path / "new.csv", None, "file")
    for inside in ("new.csv", "a/new.csv", "../slices/new.csv"):
        with pytest.raises(HilumError, match=r"into which nothing is written. Give a file outside it"):
            check_outside(tmp_path / "slices" / inside, tmp_path / "slices", "file")
