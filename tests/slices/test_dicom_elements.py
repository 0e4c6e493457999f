"""Numbers of a header that are none: left out where a picture can do without them, else named."""

import pytest
from helpers.dicoms import SECRET, chest, dataset, png_levels, written
from pydicom.dataset import Dataset

from hilum.slices.dicom_elements import number_of, numbers_of, values_of
from hilum.slices.frames import read_frame
from hilum.slices.read import UnreadableSlice

HU = chest()
MARK = "1234567.25"  # stands in a header until it is replaced by what pydicom would not write
FAULTS = ["-600,5", "NaN", "inf", "", SECRET[:9], "1e999", "0x10"]


def with_text(text, **elements):
    """A file in which `text` stands where an element says `MARK`."""
    data = written(dataset(HU, **elements))
    assert data.count(MARK.encode()) == 1
    return data.replace(MARK.encode(), text.encode().ljust(len(MARK)))


def reason_of(data):
    with pytest.raises(UnreadableSlice) as caught:
        read_frame(data)
    assert SECRET[:9] not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("text", FAULTS)
@pytest.mark.parametrize(
    ("elements", "fact"),
    [
        ({"PixelSpacing": [MARK, "0.7"]}, lambda frame: frame.facts["spacing"]),
        ({"ImagePositionPatient": ["0", "0", MARK]}, lambda frame: frame.position),
        ({"ImageOrientationPatient": ["0", "1", MARK, "0", "0", "-1"]}, lambda frame: frame.doubt),
        ({"SliceThickness": MARK}, lambda frame: None),
        ({"PixelAspectRatio": None, "Grid": None, "SliceLocation": MARK}, lambda frame: None),
    ],
)
def test_a_bad_number_that_is_not_needed_is_as_none(elements, fact, text):
    elements = {keyword: value for keyword, value in elements.items() if value is not None}
    frame = read_frame(with_text(text, **elements))
    assert fact(frame) is None
    assert (frame.pixels == read_frame(written(dataset(HU))).pixels).all()


@pytest.mark.parametrize("text", [*FAULTS, "-3", "0"])
def test_the_next_window_counts_where_the_first_is_none(text):
    expected = png_levels(HU, "mediastinum") / 255
    for window in (([-600, 40], [MARK, 400]), ([MARK, 40], [0, 400]), (["", 40], [MARK, 400])):
        frame = read_frame(with_text(text, window=window), window="file")
        assert frame.facts["window"] == [40, 400]
        assert abs(frame.pixels - expected).max() < 1 / 255


@pytest.mark.parametrize("text", FAULTS)
def test_a_file_without_a_sound_window_is_as_one_without_any(text):
    assert read_frame(with_text(text, window=(MARK, 400))).facts["window"] == [-600, 1500]


@pytest.mark.parametrize("text", [fault for fault in FAULTS if fault])
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_a_bad_number_that_is_needed_is_named(keyword, text):
    assert reason_of(with_text(text, **{keyword: MARK})) == f"{keyword} in its DICOM header is not a number"


def test_an_empty_rescaling_is_as_none():
    frame = read_frame(with_text("", intercept=0, signed=True, RescaleSlope=MARK))
    assert (frame.pixels == read_frame(written(dataset(HU, intercept=0, signed=True))).pixels).all()


@pytest.mark.parametrize("text", ["2,0", "two"])
def test_a_bad_number_of_frames_is_named(text):
    data = written(dataset(HU, HU, NumberOfFrames="1234567890")).replace(b"1234567890", text.ljust(10).encode())
    assert reason_of(data) == "NumberOfFrames in its DICOM header is not a number"


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation"])
def test_what_is_needed_and_missing_is_named(keyword):
    assert reason_of(written(dataset(HU, **{keyword: None}))).endswith(f": it has no {keyword}")


def test_values_that_pydicom_makes_nothing_of_are_text():
    source = Dataset()
    source.WindowCenter = [40, -600]
    assert values_of(source, "WindowCenter") == [40, -600]
    assert number_of(source, "WindowCenter") == 40
    assert numbers_of(source, "WindowCenter", 2) == [40, -600]
    assert numbers_of(source, "WindowCenter", 3) is None
    assert values_of(source, "WindowWidth") == []
    assert number_of(source, "WindowWidth") is None
