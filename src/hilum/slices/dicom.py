"""DICOM files to grey frames, by pydicom.

Only processes of `hilum.slices.pool` import this: pydicom's warnings and errors quote header values, and decoders of
compressed pixels may crash, hang or fill the memory on damaged files.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import parse_basic_offsets, parse_fragments
from pydicom.filereader import read_dataset, read_preamble
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options

from hilum.errors import install_hint
from hilum.slices.dicom_elements import needed_number, number_of, text_of
from hilum.slices.dicom_grey import Shown, grey_of, grey_of_colours
from hilum.slices.dicom_header import Header, header_of
from hilum.slices.dicom_padding import padding
from hilum.slices.pseudonyms import hashed
from hilum.slices.read import MAX_PIXELS, UnreadableSlice

MAX_FRAMES = 5_000
MAX_DECODED = 2 * 2**30  # bytes of all frames of a file
MAX_INFLATED = 2**29  # bytes of a deflated file
REMEDY = f"for the free decoders: {install_hint('dicom')}"

_DAMAGED = "its DICOM header is truncated or damaged"
_UNDEFINED = 0xFFFFFFFF
_GREYS = ("MONOCHROME1", "MONOCHROME2")
_COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR")
_KEYWORDS = {0x0008: "FloatPixelData", 0x0009: "DoubleFloatPixelData", 0x0010: "PixelData"}
_COUNTS = (
    "Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames", "BitsAllocated", "BitsStored",
    "PixelRepresentation",
)  # fmt: skip


class DicomFile:
    """A DICOM file: its header, read once, and its frames, decoded one at a time.

    Attributes:
        frames: Number of frames.
    """

    def __init__(self, source: Path | bytes) -> None:
        """Reads the header.

        Raises:
            UnreadableSlice: The file has no pixels, has more than the limits allow, or is damaged.
        """
        self._source, self._inflated = source, None
        with self._open() as file, _guarded(_DAMAGED):
            self._inflated = _inflated(file)
        with self._open() as file, _guarded(_DAMAGED):
            self._read_header(file)

    def frame(self, number: int, window: str, salt: bytes) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Decodes a frame.

        Args:
            number: Frame number, counted from 0.
            window: One of `hilum.slices.windows.WINDOWS`.
            salt: Salt of the hashes.

        Returns:
            Grey levels `[height, width]` in `[0, 1]`, and the other fields of a `hilum.slices.frames.Frame`.

        Raises:
            UnreadableSlice: The frame does not exist, is damaged, has no decoder here, or lacks the window that was
                asked for.
        """
        if number >= self.frames:
            raise UnreadableSlice(f"it has no frame {number + 1}, only {self.frames}")
        try:
            with _guarded(_DAMAGED):
                header = header_of(self._dataset, number)
                patient, series = (text_of(self._dataset, keyword) for keyword in ("PatientID", "SeriesInstanceUID"))
            stored = self._decoded(number)
            with _guarded("its pixels are not what its header says"):
                shown = self._shown(stored, number, header, window)
        except UnreadableSlice as error:
            where = f"frame {number + 1} of {self.frames}: " if self.frames > 1 else ""
            raise UnreadableSlice(f"{where}{error}") from error
        hashed_series = None if series is None else hashed(salt, "series", series)
        height, width = shown.pixels.shape
        return shown.pixels, {
            "mode": self._photometric,
            "coloured": shown.coloured,
            "number": number + 1 if self.frames > 1 else None,
            "facts": {
                "modality": header.modality,
                "size": [width, height],
                "spacing": header.spacing,
                "window": None if shown.window is None else [shown.window.centre, shown.window.width],
            },
            "doubt": header.doubt or shown.doubt,
            "group": hashed_series if patient is None else hashed(salt, "patient", patient),
            "series": hashed_series,
            "position": header.position,
        }

    def _open(self) -> BinaryIO:
        if self._inflated is not None:
            return io.BytesIO(self._inflated)
        if isinstance(self._source, bytes):
            return io.BytesIO(self._source)
        try:
            return self._source.open("rb")
        except OSError as error:
            raise UnreadableSlice(f"the file cannot be opened ({error.strerror})") from error

    def _read_header(self, file: BinaryIO) -> None:
        self._dataset = dataset = pydicom.dcmread(file, stop_before_pixels=True, force=True)
        little, keyword, vr, length = _pixel_element(file)
        self._start = file.tell()
        implicit = dataset.original_encoding[0]
        guess = uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian
        named = None if self._inflated is not None else dataset.file_meta.get("TransferSyntaxUID")
        self._syntax = uid.UID(named or (guess if little else uid.ExplicitVRBigEndian))
        if self._syntax not in uid.AllTransferSyntaxes:
            raise UnreadableSlice("its pixels are encoded in a way that is not in the standard")
        self._photometric = (text_of(dataset, "PhotometricInterpretation") or "").upper()
        if self._photometric not in (*_GREYS, *_COLOURS):
            raise UnreadableSlice(
                "its header does not say what its pixels mean, or names a photometric interpretation "
                "that hilum does not read"
            )
        dataset.PhotometricInterpretation = self._photometric
        _see_to_counts(dataset, keyword)
        self._options = {**as_pixel_options(dataset), "pixel_keyword": keyword, "pixel_vr": vr}
        self.frames = int(self._options["number_of_frames"])
        expected, size = self._check_size(), file.seek(0, io.SEEK_END)
        self._find_values()
        if self._syntax.is_encapsulated:
            self._find_frames(file, size)
        elif length == _UNDEFINED or min(length, size - self._start) < expected:
            raise UnreadableSlice("truncated: it holds fewer pixels than its header says")

    def _check_size(self) -> int:
        """Size in bytes of all frames when decoded."""
        sizes = ("rows", "columns", "samples_per_pixel", "bits_allocated")
        rows, columns, samples, bits = (int(self._options[name]) for name in sizes)
        if min(rows, columns, samples, bits, self.frames) < 1:
            raise UnreadableSlice("its header gives its pixels no size")
        if rows * columns > MAX_PIXELS:
            raise UnreadableSlice(f"the picture has {columns} x {rows} pixels, over {MAX_PIXELS // 10**6} million")
        if self.frames > MAX_FRAMES:
            raise UnreadableSlice(f"it has {self.frames} frames, over {MAX_FRAMES:,}")
        whole = ceil(rows * columns * samples * bits * self.frames / 8)
        if whole > MAX_DECODED:
            raise UnreadableSlice(f"its frames come to {whole / 2**30:.1f} GB, over {MAX_DECODED // 2**30}")
        native_422 = self._photometric == "YBR_FULL_422" and not self._syntax.is_encapsulated
        return whole * 2 // 3 if native_422 else whole

    def _find_frames(self, file: BinaryIO, size: int) -> None:
        """Checks that no fragment is cut, and finds where frames begin if no table lists them."""
        file.seek(self._start)
        listed = parse_basic_offsets(file) or "extended_offsets" in self._options
        count, starts = parse_fragments(file)
        if not count:
            raise UnreadableSlice("it holds no pixels")
        file.seek(starts[-1] + 4)
        (last,) = struct.unpack("<I", file.read(4))
        if starts[-1] + 8 + last > size:
            raise UnreadableSlice("truncated: its compressed pixels end early")
        if count == self.frames and not listed:
            lengths = [after - start - 8 for start, after in pairwise(starts)]
            self._options["extended_offsets"] = ([start - starts[0] for start in starts], [*lengths, last])

    def _decoded(self, number: int) -> NDArray[Any]:
        name = self._syntax.name
        try:
            decoder = get_decoder(self._syntax)
        except NotImplementedError as error:
            raise UnreadableSlice(f"its pixels are encoded as {name}, which hilum does not read") from error
        if not decoder.is_available:
            raise UnreadableSlice(f"its pixels are encoded as {name}, for which no decoder is installed; {REMEDY}")
        damaged = "its pixels are truncated or damaged"
        if self._syntax == uid.JPEGExtended12Bit and not find_spec("libjpeg"):
            damaged += f", or are a JPEG of 12 bits, which needs the GPL decoder: {install_hint('gpl-decoder')}"
        elif self._syntax.is_encapsulated and not all(map(find_spec, ("openjpeg", "jpeg_ls", "gdcm"))):
            damaged += f", or need another decoder: {REMEDY}"
        with self._open() as file, _guarded(damaged):
            file.seek(self._start)
            return decoder.as_array(file, index=number, **self._options)[0]

    def _find_values(self) -> None:
        """Finds where a sample's value lies within the bits allocated to it."""
        self._above = self._unused = 0
        allocated = self._options["bits_allocated"]
        if self._options["pixel_keyword"] != "PixelData" or allocated == 1:
            return
        stored = self._options["bits_stored"]
        high = number_of(self._dataset, "HighBit")
        high = stored - 1 if high is None else int(high)
        as_they_are = not self._syntax.is_encapsulated or self._syntax == uid.RLELossless
        if as_they_are and not self._photometric.startswith("YBR"):
            self._options["correct_unused_bits"] = False
            self._above, self._unused = allocated - 1 - high, allocated - stored
        if high != stored - 1 and not 0 <= self._above < self._unused:
            raise UnreadableSlice("HighBit in its DICOM header does not fit BitsStored")

    def _shown(self, decoded: NDArray[Any], number: int, header: Header, window: str) -> Shown:
        below = self._unused - self._above
        if below > 0 and (decoded & (2**below - 1)).any():
            raise UnreadableSlice("HighBit in its DICOM header leaves out bits that are set")
        stored = decoded << self._above >> self._unused if self._unused else decoded
        if self._photometric not in _GREYS:
            return grey_of_colours(stored, self._dataset, int(self._options["bits_stored"]))
        kind = self._options["pixel_keyword"].removesuffix("Data")
        return grey_of(stored, padding(kind, self._dataset, stored, decoded), self._dataset, number, header, window)


def _see_to_counts(dataset: pydicom.Dataset, keyword: str) -> None:
    """Turns the numbers that pydicom decodes by into integers, and drops invalid ones that it can do without."""
    needed = {"Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "NumberOfFrames"}
    needed |= {"BitsStored", "PixelRepresentation"} if keyword == "PixelData" else set()
    needed |= {"PlanarConfiguration"} if number_of(dataset, "SamplesPerPixel") != 1 else set()
    for name in _COUNTS:
        number = needed_number(dataset, name) if name in needed else number_of(dataset, name)
        if number is not None:
            setattr(dataset, name, int(number))
        elif name in needed and name != "NumberOfFrames":
            raise UnreadableSlice(f"{_DAMAGED}: it has no {name}")
        elif name in dataset:
            del dataset[name]


@contextmanager
def _guarded(reason: str) -> Iterator[None]:
    """Turns any error inside into a reason in hilum's words: those of other libraries may quote a header."""
    try:
        yield
    except UnreadableSlice:
        raise
    except MemoryError as error:
        raise UnreadableSlice("it needs more memory than a slice should") from error
    except Exception as error:
        raise UnreadableSlice(reason) from error


def _inflated(file: BinaryIO) -> bytes | None:
    """The inflated content of a file after its meta information, or None if it is not deflated.

    pydicom would inflate it without a limit.
    """
    read_preamble(file, force=True)
    meta = read_dataset(file, False, True, stop_when=lambda tag, vr, length: tag >> 16 != 2)
    if meta.get("TransferSyntaxUID") != uid.DeflatedExplicitVRLittleEndian:
        return None
    content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(), MAX_INFLATED + 1)
    if len(content) > MAX_INFLATED:
        raise UnreadableSlice(f"it inflates to over {MAX_INFLATED // 2**20} MB")
    return content


def _pixel_element(file: BinaryIO) -> tuple[bool, str, str, int]:
    """Reads the head of the pixel element: whether it is little endian, its keyword, type and length."""
    head = file.read(8)
    little = head[:2] == b"\xe0\x7f"
    order = "<" if little else ">"
    if len(head) < 8 or head[:2] not in (b"\xe0\x7f", b"\x7f\xe0"):
        raise UnreadableSlice("it holds no pixels, or ends before them")
    (element,) = struct.unpack(f"{order}H", head[2:4])
    if head[4:6] in (
        b"OB",
        b"OW",
        b"OF",
        b"OD",
        b"UN",
    ):  # as lengths they would be odd, which no length is
        (length,) = struct.unpack(f"{order}I", file.read(4))
        return little, _KEYWORDS[element], head[4:6].decode("ascii"), length
    (length,) = struct.unpack(f"{order}I", head[4:])
    return little, _KEYWORDS[element], "OW", length
