"""What hilum takes from a DICOM header: doubts, positions, groups, and values of single frames."""

import numpy as np
import pytest
from helpers.dicoms import AXIAL, CORONAL, SECRET, chest, dataset, png, png_levels, written
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from hilum.slices.dicom_header import header_of, rescale_of
from hilum.slices.frames import read_frames
from hilum.slices.read import UnreadableSlice, decode

HU = chest()
SLICES = [chest(seed) for seed in range(3)]


def frame_of(ds, syntax=ExplicitVRLittleEndian, window="auto", **options):
    (frame,) = read_frames(written(ds, syntax, **options), window)
    return frame


def assert_same_picture(frame, hu, window):
    expected = decode(png(png_levels(hu, window))).pixels
    assert frame.pixels.dtype == np.float32
    np.testing.assert_allclose(frame.pixels, expected, atol=1 / 255)


@pytest.mark.filterwarnings("ignore:.*VR CS")  # of writing them
@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({}, None),
        ({"Modality": "MR"}, "not CT but MR"),
        ({"Modality": "US", "SOPClassUID": SecondaryCaptureImageStorage}, "not CT but US"),
        ({"Modality": SECRET}, "not known to be CT"),
        ({"Modality": None, "SOPClassUID": SecondaryCaptureImageStorage}, "not known to be CT"),
        ({"Modality": None}, None),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "a localizer"),
        ({"ImageType": ["DERIVED", "SECONDARY", "CSA MPR", "scout"]}, "a localizer"),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, "a secondary capture, not a CT slice"),
        ({"ImageOrientationPatient": CORONAL}, "not axial"),
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}, "not axial"),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0.87, 0.5]}, None),  # a gantry tilted by 30 degrees
        ({"ImageOrientationPatient": [-1, 0, 0, 0, -1, 0]}, None),
        ({"ImageOrientationPatient": None}, None),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, None),
    ],
)
def test_what_is_no_axial_ct_slice_is_read_with_a_doubt(changes, doubt):
    frame = frame_of(dataset(HU, **changes))
    assert frame.doubt == doubt
    assert frame.pixels.shape == HU.shape


def test_the_position_is_along_the_normal():
    assert frame_of(dataset(HU)).position == 12.5
    tilted = frame_of(dataset(HU, ImageOrientationPatient=[1, 0, 0, 0, 0.8, 0.6], ImagePositionPatient=[5, 10, 20]))
    assert tilted.position == pytest.approx(-0.6 * 10 + 0.8 * 20)
    assert frame_of(dataset(HU, ImagePositionPatient=None)).position is None
    assert frame_of(dataset(HU, PixelSpacing=None)).facts["spacing"] is None


def test_groups_are_patients_and_series_are_series():
    def hashes(**values):
        frame = frame_of(dataset(HU, **values))
        return frame.group, frame.series

    first = hashes(patient="p1", series="1.1")
    assert hashes(patient="p1", series="1.1") == first
    assert hashes(patient="p1", series="1.2")[0] == first[0]
    assert hashes(patient="p1", series="1.2")[1] != first[1]
    assert hashes(patient="p2", series="1.1")[0] != first[0]
    nameless = hashes(patient="", series="1.1")
    assert nameless[0] == nameless[1] == first[1]
    assert hashes(patient="", SeriesInstanceUID=None) == (None, None)
    assert not {"p1", "1.1"} & set(first)


def group(**sequences):
    item = Dataset()
    for name, values in sequences.items():
        inner = Dataset()
        for keyword, value in values.items():
            setattr(inner, keyword, value)
        setattr(item, name, Sequence([inner]))
    return item


def test_functional_groups_go_before_the_top_of_the_header():
    ds = dataset(*SLICES, RescaleSlope=None, RescaleIntercept=None, window=(0, 10))
    shared = group(
        PixelValueTransformationSequence={"RescaleSlope": 1, "RescaleIntercept": -1024},
        PlaneOrientationSequence={"ImageOrientationPatient": AXIAL},
        PixelMeasuresSequence={"PixelSpacing": [0.5, 0.6]},
        FrameVOILUTSequence={"WindowCenter": 40, "WindowWidth": 400},
    )
    each = [group(PlanePositionSequence={"ImagePositionPatient": [0, 0, 3.0 * number]}) for number in range(3)]
    each[1].FrameVOILUTSequence = Sequence([Dataset()])
    each[1].FrameVOILUTSequence[0].WindowCenter, each[1].FrameVOILUTSequence[0].WindowWidth = -600, 1500
    each[2].CTImageFrameTypeSequence = Sequence([Dataset()])
    each[2].CTImageFrameTypeSequence[0].FrameType = ["ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"]
    ds.SharedFunctionalGroupsSequence, ds.PerFrameFunctionalGroupsSequence = Sequence([shared]), Sequence(each)
    frames = list(read_frames(written(ds)))
    for frame, hu, window in zip(frames, SLICES, ["mediastinum", "lung", "mediastinum"], strict=True):
        assert_same_picture(frame, hu, window)
    assert [frame.position for frame in frames] == [0, 3, 6]
    assert [frame.facts["spacing"] for frame in frames] == [[0.5, 0.6]] * 3
    assert [frame.doubt for frame in frames] == [None, None, "a localizer"]


def test_the_first_sound_window_and_a_rescaling_are_taken():
    ds = dataset(HU, window=(["", 40], [100, 400]))
    written(ds)
    header = header_of(ds, 0)
    assert (header.window.centre, header.window.width, header.window.curve) == (40, 400, "LINEAR")
    assert (header.modality, header.hounsfield, header.spacing) == ("CT", True, (0.7, 0.8))
    assert rescale_of(ds, 0) == (1, -1024)


def test_without_a_rescaling_values_stay_as_they_are():
    assert rescale_of(dataset(HU, RescaleSlope=None, RescaleIntercept=None), 0) == (1, 0)
    with pytest.raises(UnreadableSlice, match="RescaleSlope in its DICOM header is 0"):
        rescale_of(dataset(HU, RescaleSlope=0), 0)
