import zipfile

import numpy as np
import pytest

from hilum.errors import HilumError
from hilum.judging import limits
from hilum.judging.npz_file import read_npz

GOOD = {"filenames": ["1.png", "2.png"], "probabilities": [[0.25, 0.75], [1, 0]], "class_names": ["a", "b"]}


def read(tmp_path, **arrays):
    np.savez(tmp_path / "p.npz", **arrays)
    return read_npz(tmp_path / "p.npz")


def test_arrays_become_columns(tmp_path):
    frame = read(tmp_path, **GOOD, split="test", fold=[0, 1], other=[1])
    assert list(frame) == ["path", "split", "fold", "p_a", "p_b"]
    assert frame.to_numpy().tolist() == [["1.png", "test", 0, 0.25, 0.75], ["2.png", "test", 1, 1, 0]]


def test_names_in_bytes_are_texts(tmp_path):
    frame = read(tmp_path, **{**GOOD, "filenames": np.array(["ü.png".encode(), b"2.png"])})
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
        read(tmp_path, **{**GOOD, **changed})


def test_a_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w") as file:
        file.writestr("xl/workbook.xml", "")
    with pytest.raises(HilumError, match=r"is a workbook of a spreadsheet\. Save its sheet as CSV"):
        read_npz(tmp_path / "p.xlsx")


def test_missing_arrays_are_named(tmp_path):
    with pytest.raises(HilumError, match="has no array filenames and class_names; it holds arr_0, probabilities"):
        read(tmp_path, probabilities=[1], arr_0=[1])


def test_what_is_packed_is_measured_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LARGEST_BYTES", 1000)
    with pytest.raises(HilumError, match=r"p.npz holds 0.0 GB, more than"):
        read(tmp_path, **{**GOOD, "filenames": np.array(["1.png", "2.png"], "U500")})
