"""The files of a new split: copies, conflicts, and names that a table can hold."""

from types import SimpleNamespace

import numpy as np
import pytest

import hilum
from hilum.errors import HilumError
from hilum.splitting.files import check_names, folder_of, given_folder, marks_of, written_paths


def _marks(*frames):
    """Marks of frames, each a file, the number of its picture, and whether it carries another label too."""
    rows = [SimpleNamespace(file=file) for file, _, _ in frames]
    groups = SimpleNamespace(
        picture=np.array([picture for _, picture, _ in frames]),
        conflicting=np.array([conflicting for *_, conflicting in frames]),
    )
    return marks_of(rows, groups, {file: f"in/{file}" for file, _, _ in frames})


def test_the_shortest_name_is_the_original():
    marks = _marks(("10 - Copy.png", 0, False), ("10.png", 0, False), ("11.png", 1, False))
    assert marks == {"10 - Copy.png": "copy of in/10.png"}


def test_a_file_with_frames_is_a_copy_if_all_of_them_are_and_conflicts_if_one_does():
    a, b, c, d = (f"{name}.dcm" for name in "abcd")
    assert _marks((a, 0, False), (a, 1, False), (b, 1, False), (b, 2, False), (c, 0, False), (c, 2, False)) == {
        c: "copy of in/a.dcm"
    }
    # A slice is not lost with a file that conflicts: its copy elsewhere becomes the original.
    assert _marks((a, 0, True), (a, 1, False), (b, 1, False), (d, 1, False)) == {
        a: "label conflict",
        d: "copy of in/b.dcm",
    }
    assert _marks((a, 0, False), (a, 0, False)) == {}


def test_paths_are_relative_to_the_folder_that_was_given(planted, tmp_path, use_shared_cache):
    outer = planted.parent
    table = hilum.read_table(outer)
    assert table.root == planted
    assert folder_of(table) == given_folder(table) == outer
    assert written_paths(table)["test/dark/0.png"] == "slices/test/dark/0.png"
    place = hilum.split(table).save(tmp_path / "new.csv")
    assert len(hilum.read_table(outer, table=place).rows) == 44


def test_a_table_alone_has_no_folder(phantom, use_shared_cache):
    table = hilum.read_table(table=phantom / "table.csv")
    assert given_folder(table) is None
    assert folder_of(table) == phantom


def test_names_that_a_table_cannot_hold_are_refused():
    check_names(["a b/1.png", "=1/x.png", "ä/ü.png", "a,b.png"], ["a b", "ä"])
    for path in ("a\n1.png", " a.png", "a.png ", "\udce9.png", "a\x1b.png"):
        with pytest.raises(HilumError, match=r"A table cannot hold these names: .*\. Rename"):
            check_names([path], ["a"])
    with pytest.raises(HilumError, match="'=a'"):
        check_names(["a.png"], ["=a"])
