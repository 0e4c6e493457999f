"""The formats of predictions: what is read of each, and what is refused."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from hilum.errors import HilumError
from hilum.judging import formats
from hilum.judging.formats import LARGEST_BYTES, LARGEST_ROWS, check_bytes, check_rows, read_csv, read_npz, read_parquet


def test_two_million_rows_are_read_and_no_more():
    check_rows(LARGEST_ROWS, "p.csv")
    with pytest.raises(HilumError, match=r"p.csv has more than 2,000,000 rows. Give one model"):
        check_rows(LARGEST_ROWS + 1, "p.csv")


def test_two_gigabytes_are_read_and_no_more():
    check_bytes(LARGEST_BYTES, "p.csv")
    with pytest.raises(HilumError, match=r"p.csv holds 3.0 GB, more than 2"):
        check_bytes(3 * 2**30, "p.csv")


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
    monkeypatch.setattr(formats, "LARGEST_ROWS", 3)
    assert len(read(tmp_path, "path\n1\n2\n3\n")) == 3
    with pytest.raises(HilumError, match=r"p.csv has more than 3 rows"):
        read(tmp_path, "path\n1\n2\n3\n4\n5\n")


FRAME = pd.DataFrame({"path": ["1.png", "2.png"], "p_a": [0.1, 0.7]})


@pytest.mark.parametrize("compression", ["snappy", "zstd", None])
def test_a_frame_comes_back_as_it_was(tmp_path, compression):
    FRAME.to_parquet(tmp_path / "p.parquet", compression=compression)
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "p.parquet"), FRAME)


def test_an_index_is_a_column(tmp_path):
    indexed = FRAME.set_index("path")
    indexed.to_parquet(tmp_path / "p.parquet")
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "p.parquet")[["path", "p_a"]], FRAME)
    indexed.rename_axis(None).to_parquet(tmp_path / "p.parquet")
    assert sorted(read_parquet(tmp_path / "p.parquet")) == ["", "p_a"]


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "p.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(HilumError, match="cannot be read as Parquet"):
        read_parquet(tmp_path / "p.parquet")


@pytest.mark.parametrize(("limit", "value", "message"), [("ROWS", 1, "more than 1 rows"), ("BYTES", 10, "GB")])
def test_rows_and_bytes_are_counted_before_they_are_read(tmp_path, monkeypatch, limit, value, message):
    FRAME.to_parquet(tmp_path / "p.parquet")
    monkeypatch.setattr(formats, f"LARGEST_{limit}", value)
    with pytest.raises(HilumError, match=message):
        read_parquet(tmp_path / "p.parquet")


GOOD = {"filenames": ["1.png", "2.png"], "probabilities": [[0.25, 0.75], [1, 0]], "class_names": ["a", "b"]}


def packed(tmp_path, **arrays):
    np.savez(tmp_path / "p.npz", **arrays)
    return read_npz(tmp_path / "p.npz")


def test_arrays_become_columns(tmp_path):
    frame = packed(tmp_path, **GOOD, split="test", fold=[0, 1], other=[1])
    assert list(frame) == ["path", "split", "fold", "p_a", "p_b"]
    assert frame.to_numpy().tolist() == [["1.png", "test", 0, 0.25, 0.75], ["2.png", "test", 1, 1, 0]]


def test_names_in_bytes_are_texts(tmp_path):
    frame = packed(tmp_path, **{**GOOD, "filenames": np.array(["ü.png".encode(), b"2.png"])})
    assert list(frame["path"]) == ["ü.png", "2.png"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"filenames": np.array(["1.png", "2.png"], object)}, "np.array.paths, dtype=str"),
        ({"filenames": ["1.png"]}, r"has 1 filenames, 2 class_names and probabilities of the shape \(2, 2\)"),
        ({"class_names": ["a", "b", "c"]}, r"\(2, 3\)"),
        ({"probabilities": [0.25, 0.75]}, r"of the shape \(2,\)"),
        ({"fold": [1, 2, 3]}, r"has 2 filenames, but fold has the shape \(3,\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, changed, message):
    with pytest.raises(HilumError, match=message):
        packed(tmp_path, **{**GOOD, **changed})


def test_a_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w") as file:
        file.writestr("xl/workbook.xml", "")
    with pytest.raises(HilumError, match=r"is a workbook of a spreadsheet\. Save its sheet as CSV"):
        read_npz(tmp_path / "p.xlsx")


def test_missing_arrays_are_named(tmp_path):
    with pytest.raises(HilumError, match="has no array filenames and class_names; it holds arr_0, probabilities"):
        packed(tmp_path, probabilities=[1], arr_0=[1])


def test_what_is_packed_is_measured_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "LARGEST_BYTES", 1000)
    with pytest.raises(HilumError, match=r"p.npz holds 0.0 GB, more than"):
        packed(tmp_path, **{**GOOD, "filenames": np.array(["1.png", "2.png"], "U500")})
