import pytest

from hilum.errors import HilumError
from hilum.judging import limits
from hilum.judging.csv_file import read_csv


def read(tmp_path, text):
    path = tmp_path / "p.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path)


@pytest.mark.parametrize(
    "text",
    [
        "path,p_a\n1.png,0.5\n02,1\n",
        "path;p_a\n1.png;0.5\n02;1\n",
        "path\tp_a\r\n1.png\t0.5\r\n02\t1\r\n",
        "path|p_a\n1.png|0.5\n02|1",
        "path,p_a\r1.png,0.5\r02,1\r",
        '"path";"p_a"\n"1.png";"0.5"\n"02";"1"\n',
        "\ufeffpath, p_a\n1.png,0.5\n\n02,1\n",
        "sep=;\n\npath;p_a\n1.png;0.5\n02;1\n",
    ],
)
def test_separators_and_headings_that_are_plain(tmp_path, text):
    frame = read(tmp_path, text)
    assert list(frame) == ["path", "p_a"]
    assert frame.to_numpy().tolist() == [["1.png", "0.5"], ["02", "1"]]


def test_a_separator_inside_a_field_is_no_separator(tmp_path):
    frame = read(tmp_path, 'path;model\n"a;b.png";x,y\n')
    assert frame.to_numpy().tolist() == [["a;b.png", "x,y"]]


def test_names_may_be_there_twice_or_missing(tmp_path):
    frame = read(tmp_path, ",p_a,p_a\n1.png,0,1\n")
    assert list(frame) == ["", "p_a", "p_a"]
    assert frame.to_numpy().tolist() == [["1.png", "0", "1"]]


@pytest.mark.parametrize("text", ["path,p_a\n", "path,p_a"])
def test_a_heading_alone_has_no_rows(tmp_path, text):
    assert read(tmp_path, text).empty


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty. It needs a first line such as path"),
        ("\n \n", "is empty"),
        ("path,p_a\n1.png,0,5\n", "Expected 2 columns, got 3"),
        ("path,p_a\n1.png\n", "Expected 2 columns, got 1"),
        ('path,p_a\n"1.png,0.5\n', "CSV in UTF-8"),
        ("path,p_a\nü.png,0.5\n".encode("latin-1"), "CSV in UTF-8"),
        ("path,p_a\n1.png,0.5\n".encode("utf-16"), "CSV in UTF-8"),
    ],
)
def test_what_is_no_csv_is_refused_in_a_sentence(tmp_path, text, message):
    with pytest.raises(HilumError, match=message):
        read(tmp_path, text)


def test_rows_are_counted_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LARGEST_ROWS", 3)
    assert len(read(tmp_path, "path\n1\n2\n3\n")) == 3
    with pytest.raises(HilumError, match=r"p.csv has more than 3 rows"):
        read(tmp_path, "path\n1\n2\n3\n4\n5\n")
