"""Predictions as a frame, whatever they came as."""

import zipfile
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.formats import check_bytes, check_rows, read_csv, read_npz, read_parquet
from hilum.storage import sha256_of_file

_KINDS = "CSV, Parquet or .npz"
_PICKLE = "is a pickle, which can run code when it is opened"
# Beginnings of files that are often given instead, and what they are.
_OTHERS = {
    b"\x93NUMPY": "is a NumPy array without paths",
    b"\x89HDF": "is an HDF5 file",
    b"\x1f\x8b": "is compressed",
    b"{": "holds JSON",
    b"[": "holds JSON",
    b"\xff\xfe": "is a text in UTF-16, not in UTF-8",
    b"\xfe\xff": "is a text in UTF-16, not in UTF-8",
    **{b"\x80" + bytes([protocol]): _PICKLE for protocol in range(2, 6)},
}
_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")


@dataclass(frozen=True, repr=False)
class Sheet(Brief):
    """Predictions with the columns that they came with.

    Attributes:
        frame: The rows; those of CSV are texts.
        source: Name of the file, or what they were otherwise.
        name: Name of the one model, if the rows name none.
        digest: SHA-256 of the file; None if they came otherwise.
    """

    frame: pd.DataFrame
    source: str
    name: str
    digest: str | None


def read_sheet(predictions: str | Path | pd.DataFrame) -> Sheet:
    """Reads predictions from a file or takes those of a DataFrame.

    Raises:
        HilumError: The file cannot be read or is of another kind, or there are no or too many rows.
    """
    if isinstance(predictions, pd.DataFrame):
        sheet = Sheet(_with_index(predictions), "the DataFrame", "model", None)
    elif isinstance(predictions, str | Path):
        path = Path(predictions)
        sheet = Sheet(_with_index(_read(path)), path.name, path.stem, sha256_of_file(path))
    else:
        raise HilumError(f"Predictions are a file ({_KINDS}) or a DataFrame, not {type(predictions).__name__}.")
    if not len(sheet.frame):
        raise HilumError(f"{sheet.source} has no rows. It needs one for each slice and model.")
    check_rows(len(sheet.frame), sheet.source)
    return sheet


def _read(path: Path) -> pd.DataFrame:
    if path.is_dir():
        inside = path / "predictions.parquet"
        hint = f"{inside}" if inside.is_file() else f"the file of predictions ({_KINDS})"
        raise HilumError(f"{path} is a folder. Give {hint}.")
    try:
        with path.open("rb") as file:
            start = file.read(64)
        size = path.stat().st_size
    except OSError as error:
        raise HilumError(f"The predictions {path} cannot be read ({error.strerror}).") from error
    check_bytes(size, path.name)
    if start.startswith(b"PAR1"):
        return read_parquet(path)
    other = next(
        (what for mark, what in _OTHERS.items() if start.removeprefix(BOM_UTF8).lstrip().startswith(mark)), None
    )
    if other or path.suffix.lower() in _PICKLES:
        raise HilumError(
            f"{path} {other or _PICKLE}. Save the predictions as CSV in UTF-8, "
            'frame.to_csv("predictions.csv"), with the columns path and p_CLASS for each class, as Parquet, or as '
            'np.savez("predictions.npz", filenames=…, probabilities=…, class_names=…).'
        )
    return read_npz(path) if zipfile.is_zipfile(path) else read_csv(path)


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its index as columns, if that has names or is the paths."""
    names = [str(name).strip().lower() for name in frame.columns]
    if any(name is not None for name in frame.index.names):
        new = [name for name in frame.index.names if name is not None and str(name).strip().lower() not in names]
        return frame.reset_index(level=new).reset_index(drop=True) if new else frame.reset_index(drop=True)
    if "path" not in names and not pd.api.types.is_numeric_dtype(frame.index.dtype):
        return frame.rename_axis("path").reset_index()
    return frame.reset_index(drop=True)
