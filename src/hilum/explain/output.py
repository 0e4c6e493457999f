"""Where the picture of an explanation goes."""

from pathlib import Path

from hilum.errors import HilumError
from hilum.slices.walking import is_picture


def place_for(file: Path, frame: int | None, out: Path | None) -> Path:
    """The place of a picture: `out`, or `FILE-explained.png` (`FILE-frame-N-explained.png`) in the current folder.

    Raises:
        HilumError: It is the slice itself, or is not named `.png`.
    """
    name = file.stem if is_picture(file) else file.name  # behind any other dot a DICOM file's name goes on
    place = out or Path(f"{name}{'' if frame is None else f'-frame-{frame}'}-explained.png")
    if place.suffix.lower() != ".png":
        raise HilumError(f"{place} would hold a PNG picture. Give --out a name that ends in .png.")
    if place.exists() and file.exists() and place.samefile(file):
        raise HilumError(f"{place} cannot be the picture's place. Give --out another one.")
    return place
