"""Where the picture of an explanation goes."""

from pathlib import Path

from hilum.errors import HilumError
from hilum.predict.inputs import Input
from hilum.slices.walking import is_picture


def place_for(file: Path, frame: int | None, out: Path | None, overwrite: bool = False) -> Path:
    """The place of a picture: `out`, or `FILE-explained.png` (`FILE-frame-N-explained.png`) in the current folder.

    Raises:
        HilumError: It is taken and `overwrite` is off, it is a folder, or it is not named `.png`.
    """
    name = file.stem if is_picture(file) else file.name  # behind any other dot a DICOM file's name goes on
    place = out or Path(f"{name}{'' if frame is None else f'-frame-{frame}'}-explained.png")
    if place.suffix.lower() != ".png":
        raise HilumError(f"{_name(place)} would hold a PNG picture. Give --out a name that ends in .png.")
    if place.is_dir() or (place.exists() and file.exists() and place.samefile(file)):
        raise HilumError(f"{_name(place)} cannot be the picture's place. Give --out another one.")
    if place.exists() and not overwrite:
        raise HilumError(f"{_name(place)} exists already. Give --out another place, or --overwrite to replace it.")
    return place


def _name(place: Path) -> str:
    return Input(str(place)).name  # whose bytes may be no text
