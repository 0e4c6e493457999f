"""Pictures of neighbours, shown only if the file is exactly the one that the model was trained on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.explain.explanation import Neighbour
from hilum.predict.run import square_of
from hilum.records.model import ModelRecord
from hilum.slices.file_info import frame_content
from hilum.slices.formats import is_dicom
from hilum.slices.frames import frame_below, read_frame
from hilum.slices.read import UnreadableSlice
from hilum.storage import sha256_of_file


@dataclass(frozen=True)
class Shown:
    """The picture of a neighbour.

    Attributes:
        pixels: Grey levels `[side, side]` in `[0, 1]`, or None.
        reason: Reason for a missing picture, may be empty.
    """

    pixels: NDArray[np.float32] | None
    reason: str = ""


def check_training_folder(folder: Path | None) -> None:
    """Checks that the training folder exists.

    Raises:
        HilumError: It does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise HilumError(f"The training folder {folder} does not exist. Give the folder that the model was trained on.")


def shown(neighbour: Neighbour, facts: ModelRecord, model: Path, training_folder: Path | None) -> Shown:
    """The picture of a neighbour, cropped and resized like the model's input.

    It is read from the training folder if the file there has not changed since training. Otherwise it is taken from the
    thumbnails of the model, if it has them.

    Args:
        neighbour: Neighbour to show.
        facts: Record of the model.
        model: Model folder, with verified files, or exported file.
        training_folder: Folder that the model was trained on, or None.
    """
    thumbnail = f"thumbnails/{neighbour.content}.png"
    found = Shown(None) if training_folder is None else _from_folder(neighbour, facts, training_folder)
    if found.pixels is None and model.is_dir() and facts.thumbnails and thumbnail in facts.files:
        try:
            return Shown(read_frame(model / thumbnail).pixels)
        except UnreadableSlice:  # the file of an untrusted model may contain anything
            return Shown(None, "cannot be read")
    return found


def _from_folder(neighbour: Neighbour, facts: ModelRecord, folder: Path) -> Shown:
    try:
        if (found := frame_below(folder, neighbour.path)) is None:
            return Shown(None, "not in the folder")
        path, number = found
        content = sha256_of_file(path)
        if is_dicom(path):
            content = frame_content(content, number or 1, facts.preparation.window)
        if content != neighbour.content:
            return Shown(None, "another file now")
        return Shown(square_of(read_frame(path, number, facts.preparation.window), facts))
    except (UnreadableSlice, OSError, ValueError):  # an untrusted model may name any path
        return Shown(None, "cannot be read")
