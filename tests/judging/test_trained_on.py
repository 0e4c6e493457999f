import pytest
from helpers.tables import CHESTS, table_of

from hilum.errors import HilumError
from hilum.judging.trained_on import read_trained_on

TABLE = table_of()


def rows(of):
    return [int(row) for row in of.rows.nonzero()[0]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", f"{CHESTS[0]}\n\n3.png \r\n{CHESTS[0]}\n"),
        ("list", f"\ufeff/slices/{CHESTS[0]}\n3.png"),
        ("list.csv", f"label,path\ncancer,{CHESTS[0]}\nnormal,3.png\n"),
        ("list.tsv", f"Path\tsplit\n{CHESTS[0]}\ttrain\n3.png\tvalid\n"),
    ],
)
def test_lists_of_files_are_rows(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    found = read_trained_on(tmp_path / name, TABLE)
    assert (rows(found), found.source, found.notes) == ([0, 2], name, ())
    assert rows(read_trained_on([CHESTS[0], "3.png"], TABLE)) == [0, 2]


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
    with pytest.raises(HilumError, match="cannot be read"):
        read_trained_on(tmp_path / "none.txt", TABLE)
    (tmp_path / "list.csv").write_text("file\n1.png\n")
    with pytest.raises(HilumError, match="lacks the column path"):
        read_trained_on(tmp_path / "list.csv", TABLE)
