"""What models were trained on: lists, splits, what the file says, and folds."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.judged import answers, given
from helpers.protocol_slices import make_slices
from helpers.tables import CHESTS, table_of
from hypothesis import given as drawn
from hypothesis import strategies as st
from judging import made  # the benchmark

from hilum.errors import HilumError
from hilum.judging.trained import Trained, TrainedOn, in_several, read_trained_on
from hilum.slices.source import Source


@pytest.fixture(scope="module")
def table():
    return made(80)[0]


def test_train_and_valid_of_the_folder_unless_a_list_says_otherwise(table):
    its = given(table, answers(np.arange(60, 100)))
    known = Trained.of(table, its)
    assert known.said == "train of nowhere"
    assert np.array_equal(known.rows, table.in_split("train"))
    listed = np.arange(100) == 7
    known = Trained.of(table, its, TrainedOn("list.txt", listed, ()))
    assert known.said == "the slices of list.txt"
    assert np.array_equal(known.rows, listed)


def test_a_split_that_hilum_drew_says_nothing(table):
    drawn_split = replace(table, split_drawn=True)
    assert Trained.of(drawn_split, given(table, answers(np.arange(60, 100)))).said is None
    called = given(table, answers(np.arange(60, 100)), trained=np.arange(100) < 5)
    known = Trained.of(drawn_split, called)
    assert (known.said, known.count) == ("what a file calls train or valid", 5)


def test_splits_of_the_file_are_named_if_they_say_more_than_the_folder(table):
    own = table.in_split("train")
    its = [given(table, answers(np.arange(60, 100)), trained=rows) for rows in (own, own | (np.arange(100) == 50))]
    assert [Trained.of(table, one).said for one in its] == [
        "train of nowhere",
        "train of nowhere and what a file calls train or valid",
    ]
    assert Trained.of(table, its[1]).count == own.sum() + 1


def test_folds_tell_of_the_rows_in_them(table):
    rows = np.arange(10, 90)
    its = answers(rows, folds=rows[None] % 4)
    known = Trained.of(table, given(table, its))
    assert known.said == "the other folds"
    assert known.count == 80
    assert not known.beside(its).any()
    assert "Not taken for it: 10 slices in train of nowhere in no fold." in known.notes[0]
    every = answers(np.arange(100), folds=np.arange(100)[None] % 4)
    assert not Trained.of(table, given(table, every)).notes
    listed = Trained.of(table, given(table, its), TrainedOn("list.txt", np.arange(100) < 20, ()))
    assert listed.said == "the slices of list.txt and the other folds"
    assert np.flatnonzero(listed.beside(its)).tolist() == list(range(10))


def test_folds_of_other_protocols_or_of_some_models_leave_the_folder_its_train(table):
    rows = np.arange(10, 90)
    its, of_strict = answers(rows), answers(rows, "strict", folds=rows[None] % 4)
    known = Trained.of(table, given(table, its, of_strict))
    assert (known.said, known.count, known.notes) == ("train of nowhere", 90, ())
    both = Trained.of(table, given(table, its, answers(rows, folds=rows[None] % 4, model="b")))
    assert both.said == "train of nowhere and the other folds"
    assert np.flatnonzero(both.beside(its)).tolist() == list(range(20))


def test_splits_are_known_by_the_table_that_they_come_from(table):
    its, rows = given(table, answers(np.arange(60, 100))), table.rows
    for file, of, said in (("a/split.csv", rows, "split.csv"), (None, rows, "nowhere"), ("split.csv", (), "the table")):
        source = Source("slices", file, None, "auto", False, of)
        assert Trained.of(replace(table, source=source), its).said == f"train of {said}"


def test_groups_of_what_was_trained_on_are_seen():
    slices = make_slices(3)
    rows = np.flatnonzero(slices.split == 2)
    known = Trained(slices.split < 2, 0, "")
    expected = [slices.strict[row] in set(slices.strict[slices.split < 2]) for row in rows]
    assert known.seen(answers(rows), slices.strict).tolist() == expected


@drawn(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40))
def test_groups_in_several_folds(pairs):
    groups, folds = np.array(pairs).T
    held = [len({fold for group, fold in pairs if group == own}) > 1 for own in groups]
    assert in_several(groups, folds).tolist() == held


TABLE = table_of()


def rows(of):
    return [int(row) for row in of.rows.nonzero()[0]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", f"{CHESTS[0]}\n\n3.png \r\n{CHESTS[0]}\n"),
        ("list", f"\ufeff/slices/{CHESTS[0]}\n3.png"),
        ("list.csv", f"label,path\ncancer,{CHESTS[0]}\nnormal,3.png\n"),
        ("list.tsv", f"Path\tclass\n{CHESTS[0]}\tcancer\n3.png\tnormal\n"),
    ],
)
def test_lists_of_files_are_rows(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    found = read_trained_on(tmp_path / name, TABLE)
    assert (rows(found), found.source, found.notes) == ([0, 2], name, ())
    assert rows(read_trained_on([CHESTS[0], "3.png"], TABLE)) == [0, 2]


def test_of_a_list_with_splits_test_was_not_trained_on(tmp_path):
    (tmp_path / "split.csv").write_text(f"path,split\n{CHESTS[0]},Training\n3.png,val\n4.png,test\n")
    found = read_trained_on(tmp_path / "split.csv", TABLE)
    assert (rows(found), found.splits) == ([0, 2], ("train", "valid"))
    assert found.notes == (
        "What counts as trained on is train and valid of split.csv, 2 files; its other rows do not.",
    )
    assert Trained.of(TABLE, given(TABLE, answers([3])), found).said == "train and valid of split.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,fold\n3.png,0\n4.png,1\n", "list.csv has folds"),
        ("path,split\n3.png,train\n4.png,\n", "The column split of list.csv has ''. Use train, valid, test"),
        ("path,split\n3.png,test\n", "list.csv calls every file test"),
    ],
)
def test_lists_that_do_not_say_what_was_trained_on_are_refused(tmp_path, text, said):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(HilumError, match=said):
        read_trained_on(tmp_path / "list.csv", TABLE)


def test_files_that_are_not_in_the_folder_are_counted_and_said():
    found = read_trained_on([CHESTS[0], "a.png", "b.png", "c.png", "d.png"], TABLE)
    assert rows(found) == [0]
    assert "4 of the 5 paths in the list of training files are not slices of the folder" in found.notes[0]
    assert found.notes[0].endswith(": a.png, b.png, c.png and 1 more.")


def test_a_file_means_all_of_its_frames():
    table = table_of(("test/a/scan.dcm", "test/a/one.dcm"), frames=("test/a/scan.dcm",))
    assert rows(read_trained_on(["test/a/scan.dcm"], table)) == [0, 1]
    assert rows(read_trained_on(["test/a/scan.dcm#2", "one.dcm"], table)) == [1, 2]


def test_lists_that_say_nothing_of_the_folder_are_refused(tmp_path):
    with pytest.raises(HilumError, match=r"None of the 1 paths in .* is in /slices: a.png\. Write them relative"):
        read_trained_on(["a.png"], TABLE)
    with pytest.raises(HilumError, match=r"1.png can mean"):
        read_trained_on(["1.png"], TABLE)
    with pytest.raises(HilumError, match="names no file"):
        read_trained_on([], TABLE)
    with pytest.raises(HilumError, match=r"cannot be read \(No such file or directory\)"):
        read_trained_on(tmp_path / "none.txt", TABLE)
    with pytest.raises(HilumError, match=r"cannot be read \(Is a directory\)"):
        read_trained_on(tmp_path, TABLE)
    (tmp_path / "list.txt").write_text("1.png", "utf-16")
    with pytest.raises(HilumError, match=r"cannot be read \(it is not in UTF-8\)"):
        read_trained_on(tmp_path / "list.txt", TABLE)
    (tmp_path / "list.csv").write_text("file\n1.png\n")
    with pytest.raises(HilumError, match="lacks the column path"):
        read_trained_on(tmp_path / "list.csv", TABLE)
