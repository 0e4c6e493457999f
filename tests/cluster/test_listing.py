"""Listings name what `hilum predict` names, and what is in buckets in the same order."""

import io
from contextlib import chdir
from pathlib import Path

import pytest

from hilum.cluster.listing import listed
from hilum.errors import HilumError
from hilum.predict.inputs import input_files
from hilum.slices.pseudonyms import pseudonym, salt

NAMES = ("b/2.png", "b/1.png", "b/c/3.png", "a.png", "z.dcm", ".hidden.png", "b/.git/4.png", "b/Thumbs.db", "b0/5.png")


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        path = tmp_path / "slices" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "list.txt").write_text("slices/z.dcm\nslices/none.png\n")
    return tmp_path


ARGUMENTS = ["slices", "./slices/b", "slices/../slices/a.png", "slices/**/*.png", "list.txt", "none", "-", "-x.png"]


def test_names_and_reasons_are_those_of_predict_and_paths_are_absolute(folder):
    elsewhere = Path.cwd()
    found = list(listed(ARGUMENTS, io.BytesIO(b"slices/a.png\n"), folder=str(folder)))
    assert Path.cwd() == elsewhere
    with chdir(folder):
        expected = list(input_files(ARGUMENTS, io.BytesIO(b"slices/a.png\n")))
    assert [(one.name, one.reason) for one in found] == [(one.name, one.reason) for one in expected]
    assert len(found) == 20
    for one in found:
        assert Path(one.path).is_absolute()
        assert (one.reason is None) == Path(one.path).is_file()
    absolute = list(listed([str(folder / "slices")], io.BytesIO(), folder=str(elsewhere)))
    assert [one.path for one in absolute] == [one.name for one in absolute]


def test_pseudonyms_are_those_of_predict(folder):
    found = list(listed(["slices/b", "./slices/a.png"], io.BytesIO(), folder=str(folder), salt=salt()))
    assert [one.name for one in found] == [
        pseudonym(str(folder / "slices" / name)) for name in ("b/1.png", "b/2.png", "b/c/3.png", "a.png")
    ]
    assert found[0].path == str(folder / "slices/b/1.png")


def test_a_working_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(HilumError, match=r"The working folder .* cannot be entered"):
        next(listed(["a"], io.BytesIO(), folder=str(tmp_path / "none")))


def test_files_are_listed_as_they_are_needed(folder):
    def endless():
        while True:
            yield "slices"

    found = listed(endless(), io.BytesIO(), folder=str(folder))
    assert [next(found).name for _ in range(3)] == ["slices/a.png", "slices/z.dcm", "slices/b/1.png"]
    found.close()
    assert Path.cwd() != folder
