import hashlib
import pickle

import numpy as np
import pandas as pd
import pytest

from hilum.errors import HilumError
from hilum.judging.sheet import read_sheet

FRAME = pd.DataFrame({"path": ["1.png", "2.png"], "p_a": [0.25, 1.0], "p_b": [0.75, 0.0]})


def write(kind, path):
    """Writes the frame as a file of a kind, whatever its name is."""
    if kind == "csv":
        FRAME.to_csv(path, index=False)
    elif kind == "parquet":
        FRAME.to_parquet(path)
    else:
        with path.open("wb") as file:
            np.savez(file, filenames=["1.png", "2.png"], probabilities=FRAME.iloc[:, 1:], class_names=["a", "b"])


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz"])
def test_the_kind_of_a_file_is_known_by_its_content(tmp_path, kind):
    path = tmp_path / "densenet.txt"
    write(kind, path)
    sheet = read_sheet(str(path))
    pd.testing.assert_frame_equal(sheet.frame.astype(FRAME.dtypes), FRAME)
    assert (sheet.source, sheet.name) == ("densenet.txt", "densenet")
    assert sheet.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.set_axis([7, 9]),
        FRAME.set_index("path"),
        FRAME.set_index("path").rename_axis(None),
        FRAME.set_index(["path", "p_a"]),
        FRAME.set_index("path", drop=False),
    ],
)
def test_an_index_of_paths_is_a_column(frame):
    sheet = read_sheet(frame)
    pd.testing.assert_frame_equal(sheet.frame[list(FRAME)], FRAME)
    assert (sheet.source, sheet.name, sheet.digest) == ("the DataFrame", "model", None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.csv", b"", "is empty"),
        ("p.csv", b"path,p_a\n", "p.csv has no rows"),
        ("p.pkl", pickle.dumps(FRAME), "is a pickle, which can run code"),
        ("p.csv", pickle.dumps(FRAME), "is a pickle, which can run code"),
        ("p.joblib", b"anything", "is a pickle, which can run code"),
        (
            "p.npy",
            b"\x93NUMPY\x01\x00",
            r"is a NumPy array without paths. Save the predictions as CSV in UTF-8, frame.to_csv",
        ),
        ("p.h5", b"\x89HDF\r\n\x1a\n", "is an HDF5 file. Save the predictions as"),
        (
            "p.json",
            b'[{"path": "1.png"}]',
            "p.json holds JSON. Save the predictions as CSV .* Parquet, or",
        ),
        ("p.jsonl", b'\xef\xbb\xbf\n{"path": "1.png"}\n', "p.jsonl holds JSON. Save the predictions as CSV"),
        ("p.csv", "path,p_a\n1.png,1\n".encode("utf-16"), r"is a text in UTF-16, not in UTF-8\. Save .* CSV in"),
        ("p.csv.gz", b"\x1f\x8b\x08", "is compressed. Save the predictions as"),
    ],
)
def test_other_files_are_refused_with_what_to_save_instead(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HilumError, match=message):
        read_sheet(tmp_path / name)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(HilumError, match=r"is a folder. Give the file of predictions \(CSV, Parquet or .npz\)"):
        read_sheet(tmp_path)
    FRAME.to_parquet(tmp_path / "predictions.parquet")
    with pytest.raises(HilumError, match=r"is a folder. Give .*predictions.parquet\."):
        read_sheet(tmp_path)
    with pytest.raises(HilumError, match=r"none.csv cannot be read \(No such file"):
        read_sheet(tmp_path / "none.csv")
    with pytest.raises(HilumError, match="or a DataFrame, not ndarray"):
        read_sheet(np.zeros(3))
