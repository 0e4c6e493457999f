"""Predictions in an `.npz` file of NumPy."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.judging.limits import check_bytes, check_rows
from hilum.slices.labels import listed
from hilum.text import first_sentence

_NEEDED = ("filenames", "probabilities", "class_names")
_MARKS = ("model", "split", "fold", "repeat", "protocol")  # one for all rows, or one for each
_AS_HERE = 'np.savez("predictions.npz", filenames=paths, probabilities=array, class_names=names)'


def read_npz(path: Path) -> pd.DataFrame:
    """Reads the arrays `filenames`, `probabilities` and `class_names`; nothing is unpickled.

    Raises:
        HilumError: The file cannot be read or is too large, an array is missing, or their lengths differ.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            held = {one.filename.removesuffix(".npy"): one.file_size for one in packed.infolist()}
        if "xl/workbook.xml" in held:
            raise HilumError(f"{path} is a workbook of a spreadsheet. Save its sheet as CSV in UTF-8.")
        if missing := [name for name in _NEEDED if name not in held]:
            raise HilumError(
                f"{path} has no array {' and '.join(missing)}; it holds {listed(sorted(held), 5)}. "
                f"Save predictions as CSV, Parquet or {_AS_HERE}."
            )
        check_bytes(sum(held.values()), path.name)
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in (*_NEEDED, *_MARKS) if name in held}
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        reason = first_sentence(error) or type(error).__name__
        raise HilumError(
            f"{path} cannot be read ({reason}). Arrays of Python objects are never opened: save paths and names as "
            f"texts, np.array(paths, dtype=str), and all as {_AS_HERE}."
        ) from error
    return _frame({name: _texts(array) for name, array in arrays.items()}, path)


def _frame(arrays: dict[str, NDArray[Any]], path: Path) -> pd.DataFrame:
    paths, probabilities, names = (arrays[name] for name in _NEEDED)
    if paths.ndim != 1 or names.ndim != 1 or probabilities.shape != (len(paths), len(names)):
        raise HilumError(
            f"{path} has {paths.size:,} filenames, {names.size:,} class_names and probabilities of the shape "
            f"{probabilities.shape}. That should be filenames by class_names: {(paths.size, names.size)}."
        )
    check_rows(len(paths), path.name)
    marks = {name: arrays[name] for name in _MARKS if name in arrays}
    if wrong := [name for name, array in marks.items() if array.shape not in ((), paths.shape)]:
        raise HilumError(f"{path} has {len(paths):,} filenames, but {wrong[0]} has the shape {marks[wrong[0]].shape}.")
    columns = [paths, *(np.broadcast_to(array, paths.shape) for array in marks.values()), *probabilities.T]
    frame = pd.concat([pd.Series(column) for column in columns], axis=1)
    return frame.set_axis(["path", *marks, *(f"p_{name}" for name in names)], axis=1)


def _texts(array: NDArray[Any]) -> NDArray[Any]:
    """An array whose bytes are texts."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array
