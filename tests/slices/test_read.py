import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hilum.errors import HilumError
from hilum.slices.read import MAX_BYTES, UnreadableSlice, decode, read_bytes, read_slice

LEVELS = np.array([[0, 1, 127], [128, 254, 255]], np.uint8)
RED_GREEN_BLUE = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
GREY_OF_THEM = np.array([[76, 150, 29]])  # ITU-R 601-2: 0.299, 0.587 and 0.114 of 255


def encoded(image, format="PNG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def stacked(*channels):
    return Image.fromarray(np.stack(np.broadcast_arrays(*channels), axis=-1).astype(np.uint8))


def with_palette(indices, colours):
    image = Image.fromarray(np.asarray(indices, np.uint8)).convert("P")
    image.putdata(np.ravel(indices).tolist())
    image.putpalette([level for colour in colours for level in colour])
    return image


def one_bit(bits):
    return Image.fromarray(np.asarray(bits, bool))


COLOURS = [(0, 0, 0), (255, 0, 0), (90, 90, 90)]
GREYS = [(0, 0, 0), (200, 200, 200), (90, 90, 90)]

# name: the picture, options of saving, Pillow's mode of the file, the grey levels of 255, whether it is coloured
PNGS = {
    "L": (Image.fromarray(LEVELS), {}, "L", LEVELS, False),
    "L, one level transparent": (
        Image.fromarray(LEVELS), {"transparency": 254}, "L", [[0, 1, 127], [128, 0, 255]], False,
    ),
    "RGB": (stacked(LEVELS, LEVELS, LEVELS), {}, "RGB", LEVELS, False),
    "RGB in colour": (Image.fromarray(RED_GREEN_BLUE), {}, "RGB", GREY_OF_THEM, True),
    "RGB, one colour transparent": (
        Image.fromarray(RED_GREEN_BLUE), {"transparency": (0, 255, 0)}, "RGB", [[76, 0, 29]], True,
    ),
    "RGBA, opaque": (stacked(LEVELS, LEVELS, LEVELS, 255), {}, "RGBA", LEVELS, False),
    "RGBA, half": (stacked(LEVELS, LEVELS, LEVELS, 51), {}, "RGBA", np.rint(LEVELS / 5), False),
    "RGBA, colour below full transparency": (stacked([[255]], [[0]], [[0]], [[0]]), {}, "RGBA", [[0]], False),
    "LA, opaque": (stacked(LEVELS, 255), {}, "LA", LEVELS, False),
    "LA, clear": (stacked(LEVELS, 0), {}, "LA", LEVELS * 0, False),
    "LA, half": (stacked(LEVELS, 51), {}, "LA", np.rint(LEVELS / 5), False),
    "P": (with_palette([[0, 1, 2]], COLOURS), {}, "P", [[0, 76, 90]], True),
    "P, greys": (with_palette([[0, 1, 2]], GREYS), {}, "P", [[0, 200, 90]], False),
    "P, one entry transparent": (with_palette([[0, 1, 2]], GREYS), {"transparency": 1}, "P", [[0, 0, 90]], False),
    "P, an alpha an entry": (
        with_palette([[0, 1, 2]], GREYS), {"transparency": bytes([255, 51, 255])}, "P", [[0, 40, 90]], False,
    ),
    "1": (one_bit([[0, 1], [1, 0]]), {}, "1", [[0, 255], [255, 0]], False),
}  # fmt: skip


@pytest.mark.parametrize("name", PNGS)
def test_every_mode_of_png_becomes_grey(name):
    image, options, mode, expected, coloured = PNGS[name]
    slice_ = decode(encoded(image, **options))
    assert (slice_.format, slice_.mode, slice_.coloured) == ("PNG", mode, coloured)
    assert slice_.pixels.dtype == np.float32
    np.testing.assert_allclose(slice_.pixels * 255, expected, rtol=1e-6)


@pytest.mark.parametrize(("transparency", "second"), [({}, 1000), ({"transparency": 1000}, 0)])
def test_sixteen_bits_are_scaled_and_not_clipped(transparency, second):
    levels = np.array([[0, 1000], [40000, 65535]], np.uint16)
    slice_ = decode(encoded(Image.fromarray(levels), **transparency))
    assert slice_.mode == "I;16"
    np.testing.assert_allclose(slice_.pixels * 65535, [[0, second], [40000, 65535]], rtol=1e-6)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_mode_of_jpeg_becomes_grey(mode):
    image = Image.new("RGB", (16, 16), (100, 100, 100))
    image.paste((200, 200, 200), (8, 0, 16, 16))  # the edge lies between two blocks
    slice_ = decode(encoded(image.convert(mode), "JPEG", quality=100))
    assert (slice_.format, slice_.mode, slice_.coloured) == ("JPEG", mode, False)
    np.testing.assert_allclose(slice_.pixels * 255, np.tile([100.0] * 8 + [200.0] * 8, (16, 1)), atol=2)


def test_a_coloured_cmyk_jpeg():
    slice_ = decode(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100))
    assert slice_.coloured
    np.testing.assert_allclose(slice_.pixels * 255, 76, atol=2)  # cyan's opposite is red


def test_a_jpeg_with_two_pictures_is_its_first():
    first, second = Image.new("L", (16, 16), 100), Image.new("L", (16, 16), 200)
    slice_ = decode(encoded(first, "MPO", save_all=True, append_images=[second]))
    assert slice_.format == "JPEG"
    np.testing.assert_allclose(slice_.pixels * 255, 100, atol=2)


# EXIF orientation: how each of the eight is stored, of a picture that is to be seen as it is

STORED = {
    1: lambda seen: seen,
    2: lambda seen: seen[:, ::-1],
    3: lambda seen: seen[::-1, ::-1],
    4: lambda seen: seen[::-1],
    5: lambda seen: seen.T,
    6: np.rot90,
    7: lambda seen: seen[::-1, ::-1].T,
    8: lambda seen: np.rot90(seen, -1),
}
SEEN = np.add.outer(np.arange(32) * 4, np.arange(48)).astype(np.uint8)
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{}"/></x:xmpmeta>'


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def as_text(name, text):
    info = PngInfo()
    info.add_itxt(name, text) if name.startswith("XML") else info.add_text(name, text)
    return {"pnginfo": info}


def raw_profile(orientation):
    block = exif(orientation)
    return as_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n")


def behind_the_pixels(data):
    """A PNG with its EXIF block moved behind its pixels, where the standard also allows it."""
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    return data[:start] + data[end:-12] + data[start:end] + data[-12:]


WAYS = {
    "JPEG": ("JPEG", lambda number: {"exif": exif(number)}),
    "JPEG, XMP": ("JPEG", lambda number: {"xmp": XMP.format(number).encode()}),
    "PNG": ("PNG", lambda number: {"exif": exif(number)}),
    "PNG, raw profile": ("PNG", raw_profile),
    "PNG, XMP": ("PNG", lambda number: as_text("XML:com.adobe.xmp", XMP.format(number))),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("way", WAYS)
def test_pictures_are_turned_upright(way, orientation):
    format, options = WAYS[way]
    options = {"quality": 100, **options(orientation)} if format == "JPEG" else options(orientation)
    slice_ = decode(encoded(Image.fromarray(STORED[orientation](SEEN)), format, **options))
    np.testing.assert_allclose(slice_.pixels * 255, SEEN, atol=2 if format == "JPEG" else 1e-4)
    assert (slice_.format, slice_.mode) == (format, "L")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16"])
def test_pictures_of_every_mode_are_turned_upright(mode):
    seen = Image.fromarray(SEEN.astype(np.uint16) * 200) if mode == "I;16" else Image.fromarray(SEEN).convert(mode)
    stored = seen.transpose(Image.Transpose.ROTATE_90)
    slice_ = decode(behind_the_pixels(encoded(stored, exif=exif(6))))
    np.testing.assert_array_equal(slice_.pixels, decode(encoded(seen)).pixels)
    assert slice_.mode == mode


def test_the_first_picture_of_a_jpeg_with_two_is_turned_upright():
    stored = Image.fromarray(STORED[8](SEEN))
    slice_ = decode(encoded(stored, "MPO", quality=100, exif=exif(8), save_all=True, append_images=[stored]))
    np.testing.assert_allclose(slice_.pixels * 255, SEEN, atol=2)


DAMAGED = {
    "cut": exif(3)[:20],
    "no number": exif(3)[:-10] + b"\xff" * 10,
    "an offset behind its end": b"Exif\0\0MM\0*\xff\xff\xff\x00",
    "no header": b"Exif\0\0 notes",
    "empty": b"Exif\0\0",
    "an orientation of 9": exif(9),
    "an orientation of 0": exif(0),
}


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("block", DAMAGED)
def test_a_damaged_exif_block_costs_no_picture_and_no_warning(block, format, recwarn, capfd):
    slice_ = decode(encoded(Image.fromarray(SEEN), format, exif=DAMAGED[block]))
    np.testing.assert_allclose(slice_.pixels * 255, SEEN, atol=4)
    assert (capfd.readouterr(), recwarn.list) == (("", ""), [])


@settings(max_examples=50)
@given(
    st.sampled_from(["PNG", "JPEG"]), st.integers(1, 8), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)))
)
def test_whatever_stands_in_an_exif_block_a_good_picture_is_read(format, orientation, changes):
    block = bytearray(exif(orientation))
    for position, value in changes:
        block[6 + position % (len(block) - 6)] = value
    assert decode(encoded(Image.fromarray(SEEN), format, exif=bytes(block))).pixels.size == SEEN.size


def test_warnings_are_left_as_they_were():
    filters = list(warnings.filters)
    decode(encoded(Image.fromarray(SEEN), exif=DAMAGED["cut"]))
    assert warnings.filters == filters


@pytest.mark.parametrize(("name", "format"), [("a.png", "JPEG"), ("a.jpg", "PNG"), ("without an ending", "PNG")])
def test_the_content_tells_the_format_and_not_the_name(tmp_path, name, format):
    (tmp_path / name).write_bytes(encoded(Image.new("L", (16, 16), 100), format))
    slice_ = read_slice(tmp_path / name)
    assert slice_.format == format
    np.testing.assert_allclose(slice_.pixels * 255, 100, atol=1)


def claiming(width, height):
    """A PNG with one byte of data that says it is large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def with_other_byte(data, position):
    """The same with one byte changed."""
    return data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]


WHOLE = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 24), np.uint8)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"these are my notes", "not a PNG, JPEG or DICOM file"),
        (b"\0" * 1000, "not a PNG, JPEG or DICOM file"),
        (encoded(Image.new("L", (8, 8)), "GIF"), "not a PNG, JPEG or DICOM file"),
        (encoded(Image.new("L", (8, 8)), "BMP"), "not a PNG, JPEG or DICOM file"),
        (encoded(Image.new("L", (8, 8)), "TIFF"), "not a PNG, JPEG or DICOM file"),
        (WHOLE[:-40], "truncated or damaged"),
        (encoded(Image.new("L", (64, 64), 9), "JPEG")[:-20], "truncated or damaged"),
        (claiming(8000, 5001), "8000 x 5001 pixels, over 40 million"),
        (claiming(8000, 5000), "truncated or damaged"),
        (claiming(10_000, 10_000), "10000 x 10000 pixels, over 40 million"),
        (claiming(100_000, 100_000), "decompression bomb"),
        (claiming(100, 100), "truncated or damaged"),
        (with_other_byte(WHOLE, 30), "truncated or damaged"),
        (with_other_byte(WHOLE, 18), "truncated or damaged"),
        (with_other_byte(WHOLE, 13), "truncated or damaged"),
        (WHOLE[:20], "truncated or damaged"),
        (b"\xff\xd8\xff\xe0 no more of it", "truncated or damaged"),
    ],
    ids=[
        "empty",
        "text",
        "zeros",
        "GIF",
        "BMP",
        "TIFF",
        "cut PNG",
        "cut JPEG",
        "large",
        "as large as may be",
        "warned of",
        "bomb",
        "no data",
        "checksum of a PNG's header",
        "a PNG's width",
        "a PNG's first chunk",
        "a PNG's signature and little more",
        "a JPEG's signature and little more",
    ],
)
def test_what_is_no_slice_is_told(tmp_path, content, reason, recwarn):
    path = tmp_path / "slice.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableSlice, match=reason) as caught:
        read_slice(path)
    assert isinstance(caught.value, HilumError)
    assert str(path) not in str(caught.value)
    assert not recwarn.list


def test_a_file_over_64_mb_is_not_read(tmp_path):
    path = tmp_path / "sparse.png"
    path.touch()
    os.truncate(path, MAX_BYTES)
    assert len(read_bytes(path)) == MAX_BYTES
    os.truncate(path, MAX_BYTES + 2**20)
    with pytest.raises(UnreadableSlice, match="65 MB, more than 64"):
        read_bytes(path)


def missing(path):
    pass


def loop(path):
    path.symlink_to(path)


def below_a_file(path):
    path.parent.rmdir()
    path.parent.write_text("no folder")


@pytest.mark.parametrize(
    ("make", "reason"),
    [(missing, "No such file"), (os.mkdir, "directory"), (loop, "symbolic links"), (below_a_file, "Not a directory")],
)
def test_a_path_that_cannot_be_opened_is_told(tmp_path, make, reason):
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "slice.png"
    make(path)
    with pytest.raises(UnreadableSlice, match=f"cannot be opened .*{reason}"):
        read_slice(path)


PICTURES = [
    WHOLE,
    encoded(with_palette([[0, 1, 2]] * 9, COLOURS), transparency=bytes([9, 99, 255])),
    encoded(stacked(LEVELS, LEVELS, 255 - LEVELS, LEVELS)),
    encoded(Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)),
    encoded(Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30).astype(np.uint8)), "JPEG"),
    encoded(Image.new("CMYK", (20, 20), (10, 200, 30, 4)), "JPEG", progressive=True),
]


def assert_slice_or_reason(data):
    """Whatever the bytes are, they decode to a sound slice or are refused; anything else fails the test."""
    try:
        slice_ = decode(data)
    except UnreadableSlice:
        return
    assert slice_.pixels.dtype == np.float32
    assert slice_.pixels.ndim == 2
    assert slice_.pixels.size > 0
    assert slice_.pixels.min() >= 0  # also false for NaN
    assert slice_.pixels.max() <= 1


@given(data=st.sampled_from(PICTURES), share=st.floats(0, 1))
def test_a_cut_anywhere(data, share):
    assert_slice_or_reason(data[: int(share * len(data))])


@given(
    data=st.sampled_from(PICTURES),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 255)), min_size=1, max_size=4),
)
def test_changed_bytes_anywhere(data, changes):
    damaged = bytearray(data)
    for position, change in changes:
        damaged[position % len(data)] ^= change
    assert_slice_or_reason(bytes(damaged))


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]))
@example(b"", b"")
def test_any_bytes(data, signature):
    assert_slice_or_reason(signature + data)
