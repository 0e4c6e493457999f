"""PNG and JPEG files to grey pixels. The format is recognised by content, never by the name of the file."""

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from hilum.errors import HilumError
from hilum.slices.formats import SIGNATURES
from hilum.slices.levels import Levels, grey

MAX_PIXELS = 40_000_000
MAX_BYTES = 64 * 2**20
MAX_SCANS = 500  # scans of a JPEG; encoders make about ten, and large pictures may have no more than that
FORMATS = ("PNG", "JPEG")

# The header of a scan, whose length follows from the number of its components. No other part of a JPEG looks like it.
_SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
_SCANNED = 16 * MAX_PIXELS  # pixels of all scans of a JPEG: each scan is decoded over the whole picture, even if empty
_FILTERS = threading.Lock()  # all threads share Python's warning filters


class UnreadableSlice(HilumError):
    """A file that cannot be used as a slice; the message is the reason, without the path."""


@dataclass(frozen=True)
class Slice:
    """One decoded picture.

    Attributes:
        levels: Grey levels of 8 or 16 bits, `[height, width]`.
        format: `PNG` or `JPEG`, by content.
        mode: Pillow's mode of the file (`L`, `RGBA`, `I;16`, ...).
        coloured: Whether any pixel's colour channels differ.
    """

    levels: Levels
    format: str
    mode: str
    coloured: bool

    @property
    def pixels(self) -> NDArray[np.float32]:
        """Grey levels, float32 `[height, width]` in `[0, 1]`."""
        return grey(self.levels)


def read_bytes(source: Path | bytes) -> bytes:
    """The bytes of a PNG or JPEG file.

    Raises:
        UnreadableSlice: The file is empty, has more than `MAX_BYTES` bytes, or cannot be opened.
    """
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        check_bytes(size)
        return source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise UnreadableSlice(f"the file cannot be opened ({error.strerror})") from error


def check_bytes(size: int) -> None:
    """Checks that a PNG or JPEG file of a size in bytes may be read.

    Raises:
        UnreadableSlice: It is empty, or has more than `MAX_BYTES` bytes.
    """
    if size == 0:
        raise UnreadableSlice("the file is empty")
    if size > MAX_BYTES:
        raise UnreadableSlice(f"the file has {size / 2**20:.0f} MB, more than {MAX_BYTES // 2**20}")


def decode(data: bytes) -> Slice:
    """Decodes a PNG or JPEG to grey levels.

    Transparent pixels are laid over black, and levels are divided by 255, or by 65535 in 16-bit files. The picture is
    turned and mirrored according to its EXIF or XMP orientation.

    Raises:
        UnreadableSlice: The bytes are not a complete PNG or JPEG, or the picture has more than `MAX_PIXELS` pixels or
            too many scans.
    """
    with upright(data) as image:
        levels, coloured = _grey(image)
        # Pillow calls a JPEG with several pictures, as some cameras write it, MPO.
        return Slice(levels, "PNG" if image.format == "PNG" else "JPEG", image.mode, coloured)


@contextmanager
def upright(data: bytes) -> Iterator[Image.Image]:
    """Opens a PNG or JPEG with Pillow, decoded and turned upright, for the length of a block.

    Raises:
        UnreadableSlice: The picture is not usable, as in `decode`, or an error occurs inside the block.
    """
    try:
        with _quiet():
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadableSlice(
                    f"the picture has {image.width} x {image.height} pixels, over {MAX_PIXELS // 10**6} million"
                )
            if image.format != "PNG":
                most = min(MAX_SCANS, _SCANNED // (image.width * image.height))
                if (scans := len(_SCAN.findall(data))) > most:
                    raise UnreadableSlice(f"a decompression bomb: a JPEG of {scans:,} scans, over {most}")
            image.load()
            # A damaged EXIF block is not a reason to reject a good picture.
            with _quiet(), suppress(Exception):
                ImageOps.exif_transpose(image, in_place=True)
            yield image
    except UnidentifiedImageError as error:
        if data.startswith(SIGNATURES):
            raise UnreadableSlice("truncated or damaged (its header cannot be read)") from error
        raise UnreadableSlice("not a PNG, JPEG or DICOM file") from error
    except Image.DecompressionBombError as error:
        raise UnreadableSlice("a decompression bomb: far more pixels than a slice has") from error
    except UnreadableSlice:
        raise
    except Exception as error:  # Pillow's plugins raise anything from SyntaxError to struct.error on damaged files
        raise UnreadableSlice(f"truncated or damaged ({error})") from error


def read_slice(source: Path | bytes) -> Slice:
    """Reads the slice in a PNG or JPEG file, given by its path or its bytes.

    Raises:
        UnreadableSlice: The file cannot be used as a slice.
    """
    return decode(read_bytes(source))


def _grey(image: Image.Image) -> tuple[Levels, bool]:
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.uint16)
        deep[deep == image.info.get("transparency", -1)] = 0
        return deep, False
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L")), False
    image = image if image.mode == "RGBA" else image.convert("RGB")
    red, green, blue = map(np.asarray, image.split()[:3])
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return red, False
    return np.asarray(image.convert("L")), True


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences Pillow's warnings about large pictures, which are an error here, and about damaged EXIF blocks."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
