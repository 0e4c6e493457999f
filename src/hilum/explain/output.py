"""The output path of an explanation."""

from pathlib import Path

from hilum.errors import HilumError
from hilum.slices.walking import is_picture


def place_for(file: Path, frame: int | None, out: Path | None) -> Path:
    """The path of the picture: `out`, or `FILE-explained.png` (`FILE-frame-N-explained.png`) in the current folder.

    Raises:
        HilumError: The path is the slice itself, or does not end in `.png`.
    """
    name = file.stem if is_picture(file) else file.name  # DICOM names contain other dots, as in 1.2.840
    place = out or Path(f"{name}{'' if frame is None else f'-frame-{frame}'}-explained.png")
    if place.suffix.lower() != ".png":
        raise HilumError(f"The picture is a PNG file and cannot be named {place}. Give --out a name that ends in .png.")
    if place.exists() and file.exists() and place.samefile(file):
        raise HilumError(f"{place} is the slice itself and would be overwritten. Give another --out.")
    return place
