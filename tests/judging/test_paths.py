import numpy as np
import pytest
from helpers.tables import CHESTS, table_of

import hilum
from hilum.errors import HilumError
from hilum.judging.cells import Texts
from hilum.judging.paths import SKIPPED, UNKNOWN, Places, check_known


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("test/cancer/5.png", "test/cancer/5.png"),
        ("./test//cancer/../cancer/5.png", "test/cancer/5.png"),
        ("test\\cancer\\5.png", "test/cancer/5.png"),
        ("/slices/test/cancer/5.png", "test/cancer/5.png"),
        ("5.png", "test/cancer/5.png"),
        ("cancer/1.png", "test/cancer/1.png"),
        ("normal/1.png", "train/normal/1.png"),
    ],
)
def test_a_path_is_found_however_it_is_written(written, meant):
    found = Places(table_of()).find([written])
    assert CHESTS[found.rows[0]] == meant
    assert not found.notes


@pytest.mark.parametrize("written", ["/kaggle/input/chest/test/cancer/5.png", "C:\\data\\test\\cancer\\5.png"])
def test_a_path_of_another_machine_is_found_by_its_end_and_that_is_said(written):
    found = Places(table_of()).find([written, "4.png"])
    assert [CHESTS[row] for row in found.rows] == ["test/cancer/5.png", "test/normal/4.png"]
    (note,) = found.notes
    assert written in note
    assert "another folder: 1 path, as" in note


@pytest.mark.parametrize(
    "written", ["6.png", "other/5.png", "/kaggle/5.png", "5", "ancer/5.png", "test/cancer", "/elsewhere/cancer/5.png"]
)
def test_a_name_alone_of_another_folder_is_unknown(written):
    assert Places(table_of()).find([written]).rows == [UNKNOWN]


def test_a_name_that_is_there_twice_is_refused():
    with pytest.raises(HilumError, match=r"1.png can mean train/normal/1.png, test/cancer/1.png in /slices\. Write"):
        Places(table_of()).find(["4.png", "1.png"])


def test_frames_have_numbers():
    table = table_of(("test/a/scan.dcm", "test/a/one.dcm"), frames=("test/a/scan.dcm",))
    places = Places(table)
    assert list(places.find(["scan.dcm#2", "test/a/scan.dcm#1", "one.dcm", "test/a/one.dcm#1"]).rows) == [1, 0, 2, 2]
    assert places.frames("test\\a\\scan.dcm") == [0, 1]
    assert places.frames("test/a/one.dcm") == []
    with pytest.raises(HilumError, match=r"test/a/scan.dcm can mean test/a/scan.dcm#1, test/a/scan.dcm#2"):
        places.find(["test/a/scan.dcm"])


def test_a_file_that_could_not_be_read_is_known():
    table = table_of(skipped=("test/normal/broken.png",))
    assert list(Places(table).find(["broken.png", "test/normal/broken.png"]).rows) == [SKIPPED, SKIPPED]


def test_paths_are_relative_to_the_folder_that_was_given_too(phantom, monkeypatch, tmp_path):
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "Data").symlink_to(phantom)
    monkeypatch.chdir(tmp_path)
    table = hilum.read_table("outer/Data")
    path = table.rows[0].path
    every = [path, f"outer/Data/{path}", str(tmp_path / "outer" / "Data" / path), str(phantom.resolve() / path)]
    found = Places(table).find(every)
    assert list(found.rows) == [0, 0, 0, 0]
    assert not found.notes


def test_odd_names_are_found_as_files_of_hilum_write_them():
    table = table_of(("test/a/\udce9.png", "test/a/=1+1.png", "=x/a/2.png"))
    assert list(Places(table).find(["test/a/\\xe9.png", "=1+1.png", "./=x/a/2.png", "'=x/a/2.png"]).rows) == [
        0,
        1,
        2,
        2,
    ]


def test_unknown_paths_are_refused_with_the_first_of_them():
    paths = Texts.of(np.arange(5), ["a.png", "5.png", "b.png", "c.png", "d.png"])
    with pytest.raises(
        HilumError, match=r"4 of the 5 paths in p.csv are not in /slices: a.png, b.png, c.png and 1 more"
    ):
        check_known(paths, Places(table_of()).find(paths.values).rows, table_of(), "p.csv")


def test_names_that_many_folders_share_are_found_without_a_search_through_all():
    paths = [f"test/a/patient{number}/slice.png" for number in range(20_000)]
    table = table_of(paths)
    found = Places(table).find([f"patient{number}/slice.png" for number in range(20_000)])
    assert list(found.rows) == list(range(20_000))
