"""Pictures under modality CT that are not CT slices, and values that are not Hounsfield units."""

import numpy as np
import pytest
from helpers.dicoms import chest, dataset, written
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, ImplicitVRLittleEndian, SecondaryCaptureImageStorage

from hilum.slices.dicom_doubt import unit_doubt
from hilum.slices.frames import read_frame
from hilum.slices.windows import Window

HU = chest()
CAPTURE = "a secondary capture, not a CT slice"
COLOUR = "in colour, not a CT slice"
SCREEN = "a screen save, not a CT slice"
RENDERING = "a 3D rendering, not a CT slice"


def doubt_of(ds, window="auto"):
    return read_frame(written(ds), window=window).doubt


def in_colour(photometric, **more):
    levels = np.random.default_rng(0).integers(0, 256, (*HU.shape, 3), np.uint8)
    samples = 1 if photometric == "PALETTE COLOR" else 3
    ds = dataset(HU, PhotometricInterpretation=photometric, SamplesPerPixel=samples, PlanarConfiguration=0, **more)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8, 8, 7
    ds.PixelData = levels[..., :samples].tobytes()
    ramp = (np.arange(256) * 257).astype("<u2").tobytes()
    for name in ("Red", "Green", "Blue"):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(ds, f"{name}PaletteColorLookupTableData", ramp)
    return ds


@pytest.mark.parametrize("number", [None, 1, 2, 3, 4])
def test_every_class_of_secondary_captures(number):
    name = SecondaryCaptureImageStorage if number is None else f"{SecondaryCaptureImageStorage}.{number}"
    assert doubt_of(dataset(HU, SOPClassUID=name)) == CAPTURE


def test_the_class_may_stand_in_the_meta_information_alone():
    ds = dataset(HU, SOPClassUID=SecondaryCaptureImageStorage)
    data = written(ds)
    at = data.index(b"\x08\x00\x16\x00UI")
    end = at + 8 + int.from_bytes(data[at + 6 : at + 8], "little")
    assert read_frame(data[:at] + data[end:]).doubt == CAPTURE


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "PALETTE COLOR"])
@pytest.mark.parametrize("sop_class", [CTImageStorage, EnhancedCTImageStorage, "1.2.826.0.1.3680043.9.9"])
def test_colour_under_modality_ct(photometric, sop_class):
    assert doubt_of(in_colour(photometric, SOPClassUID=sop_class)) == COLOUR


def test_colour_of_another_modality_keeps_its_reason():
    assert doubt_of(in_colour("RGB", Modality="US")) == "not CT but US"


@pytest.mark.parametrize(
    ("kinds", "doubt"),
    [
        (["DERIVED", "SECONDARY", "SCREEN SAVE"], SCREEN),
        (["DERIVED", "SECONDARY", "AXIAL", "SCREEN_SAVE"], SCREEN),
        (["DERIVED", "SECONDARY", "Screen Save"], SCREEN),
        (["DERIVED", "SECONDARY", "SCREENSHOT"], SCREEN),
        (["DERIVED", "PRIMARY", "VOLUME", "VOLUME_RENDER"], RENDERING),
        (["DERIVED", "SECONDARY", "VRT"], RENDERING),
        (["DERIVED", "SECONDARY", "LOCALIZER"], "a localizer"),
        (["ORIGINAL", "PRIMARY", "SCANO"], "a localizer"),
        (["ORIGINAL", "PRIMARY", "SCOUT VIEW"], "a localizer"),
        (["ORIGINAL", "PRIMARY", "SURVIEW"], "a localizer"),
        (["DERIVED", "SECONDARY", "DOSE_INFO"], "a report, not a CT slice"),
        (["ORIGINAL", "SECONDARY", "OTHER", "CT_SOM5 PROT"], "a report, not a CT slice"),
        (["DERIVED", "SECONDARY", "SSD"], RENDERING),
        (["DERIVED", "PRIMARY", "VOLUME", "CURVED_MPR"], "a curved reformat, not a CT slice"),
        (["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"], None),
        (["ORIGINAL", "PRIMARY", "AXIAL", "LOW DOSE"], None),
        (["DERIVED", "SECONDARY"], None),
        (["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"], None),
        (["DERIVED", "PRIMARY", "MPR", "MAX_IP"], None),
        (["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], None),
    ],
)
@pytest.mark.filterwarnings("ignore:.*VR CS")  # of writing them
def test_types_of_images(kinds, doubt):
    assert doubt_of(dataset(HU, ImageType=kinds)) == doubt


def test_a_type_and_a_technique_of_single_frames():
    ds, groups = dataset(HU, HU, HU), [Dataset(), Dataset(), Dataset()]
    for group, keyword, value in (
        (groups[0], "FrameType", ["DERIVED", "SECONDARY", "SCREEN SAVE", "NONE"]),
        (groups[1], "VolumeBasedCalculationTechnique", "SURFACE_RENDER"),
        (groups[2], "VolumeBasedCalculationTechnique", "MPR"),
    ):
        inner = Dataset()
        setattr(inner, keyword, value)
        group.CTImageFrameTypeSequence = Sequence([inner])
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    data = written(ds)
    assert [read_frame(data, number).doubt for number in (1, 2, 3)] == [SCREEN, RENDERING, None]


# Values that are not Hounsfield units


def raw(offset, **more):
    """Stored values that lie `offset` above Hounsfield units, of which the header says nothing."""
    stored = (HU.clip(-1000, 1000) + offset).astype("<u2")
    return dataset(HU, PixelData=stored.tobytes(), RescaleSlope=None, RescaleIntercept=None, **more)


@pytest.mark.parametrize("window", ["auto", "lung", "bone"])
@pytest.mark.parametrize("offset", [32768, 1024])
def test_raw_values_are_told(offset, window):
    values = HU.clip(-1000, 1000) + offset
    expected = f"values from {values.min():,} to {values.max():,} are not Hounsfield units"
    assert doubt_of(raw(offset), window) == expected


def test_an_intercept_alone_does_not_make_units_of_them():
    ds = raw(32768)
    ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
    assert "Hounsfield" in doubt_of(ds)


def test_a_window_among_the_values_shows_them_whatever_their_unit():
    assert doubt_of(raw(32768, window=(32768 - 600, 1500))) is None
    assert "Hounsfield" in doubt_of(raw(32768, window=(-600, 1500)))
    assert "Hounsfield" in doubt_of(raw(32768, window=(32768 - 600, 1500)), "lung")


def test_a_few_hot_or_dead_pixels_change_nothing():
    ds = raw(32768)
    stored = np.frombuffer(ds.PixelData, "<u2").copy()
    stored[:5] = 0, 900, 1000, 65535, 65535
    ds.PixelData = stored.tobytes()
    assert doubt_of(ds) == "values from 0 to 65,535 are not Hounsfield units"
    hu = HU.copy()
    hu[0, :5] = 30000
    assert doubt_of(dataset(hu)) is None


@pytest.mark.parametrize(
    "values",
    [
        HU,
        np.where(np.hypot(*np.mgrid[-1:1:48j, -1:1:64j]) > 0.7, -3024, HU),
        np.where(np.hypot(*np.mgrid[-1:1:48j, -1:1:64j]) > 0.4, -32768, HU),
        np.where(HU > 500, 30710, HU),
        HU.clip(-1000, 0),
        np.full(HU.shape, -1000),
        np.full(HU.shape, 0),
    ],
    ids=["chest", "-3024 around it", "a small field of view", "metal", "clipped", "air", "zeros"],
)
def test_ordinary_values_are_not_doubted(values):
    assert unit_doubt(values.astype(np.float32), 0, None) is None


@pytest.mark.parametrize(
    "values", [(HU + 1000) / 2000, (HU + 1000) // 8, HU / 1000, HU + 32768, HU - 8192, np.where(HU > 0, HU, 0)]
)
def test_other_units_are_doubted(values):
    assert unit_doubt(values.astype(np.float32), 0, None).endswith("are not Hounsfield units")


def test_bone_alone_is_not_doubted_where_the_header_says_where_water_lies():
    values = np.linspace(500, 1400, 256, dtype=np.float32)
    assert unit_doubt(values, -1024, None) is None
    assert unit_doubt(values, 0, None) == "values from 500 to 1,400 are not Hounsfield units"
    assert unit_doubt(values, 0, Window(800, 300)) is None


def test_padding_counts_for_nothing():
    values = (HU + 32768).astype(np.float32)
    values[:20] = np.nan
    assert unit_doubt(values, 0, None) == f"values from {HU[20:].min() + 32768:,} to {HU[20:].max() + 32768:,} " + (
        "are not Hounsfield units"
    )
    assert unit_doubt(np.full((4, 4), np.nan, np.float32), 0, None) is None


def test_what_is_not_ct_is_not_asked_for_hounsfield_units():
    assert doubt_of(raw(32768, Modality="MR"), "lung") == "not CT but MR"
    assert read_frame(written(raw(32768), ImplicitVRLittleEndian)).doubt is not None


@pytest.mark.parametrize(
    ("values", "intercept", "window"),
    [
        ((HU + 1350).clip(0, 1500) * 255 // 1500 - 1024, -1024, None),  # levels of 8 bits, the intercept left
        ((HU + 1350).clip(0, 1500) * 255 // 1500 - 1024, -1024, Window(-600, 1500)),
        ((HU + 1024) * 16 - 1024, -1024, None),  # 12 bits at the upper end of 16
        ((HU + 1024) * 16 - 1024, -1024, Window(-600, 1500)),
        ((HU + 1024) // 16 - 1024, -1024, None),
        (HU + 1024, 0, Window(40, 400)),  # the intercept lost, its windows left
        (HU + 1024, 0, Window(300, 1500)),
        (HU * -1024 - 1024, -1024, None),
        (np.where(np.hypot(*np.mgrid[-1:1:48j, -1:1:64j]) > 1, 64511, HU), -1024, None),  # white padding, unnamed
    ],
)
def test_what_is_left_of_a_header_does_not_make_units_of_other_values(values, intercept, window):
    assert unit_doubt(values.astype(np.float32), intercept, window).endswith("are not Hounsfield units")


@pytest.mark.parametrize(
    ("values", "window"),
    [((HU + 1350).clip(0, 1500) * 255 // 1500, (128, 256)), (HU + 1024, (424, 1500)), (HU + 1024, (1064, 400))],
)
def test_a_window_that_was_made_for_values_is_believed(values, window):
    assert unit_doubt(values.astype(np.float32), 0, Window(*window)) is None


@pytest.mark.parametrize("unit", ["MGML", "PCT", "Z_EFF", "ED", "EDW", "OD"])
def test_a_map_of_another_unit_is_told_by_its_rescale_type(unit):
    assert doubt_of(dataset(HU, RescaleType=unit)).endswith("not in Hounsfield units")


@pytest.mark.parametrize("unit", ["HU", "HU_MOD", "US", ""])
def test_rescale_types_of_scanners_are_no_doubt(unit):
    assert doubt_of(dataset(HU, RescaleType=unit)) is None


@pytest.mark.parametrize(
    ("number", "name"), [("66.4", "Segmentation"), ("481.2", "RT Dose"), ("4", "MR Image"), ("30", "Parametric Map")]
)
def test_another_class_of_the_standard_under_modality_ct(number, name):
    ds = dataset(HU, SOPClassUID=f"1.2.840.10008.5.1.4.1.1.{number}")
    assert doubt_of(ds) == f"of the class {name}, not a CT slice"


@pytest.mark.parametrize("name", [EnhancedCTImageStorage, "1.2.840.10008.5.1.4.1.1.2.2", "1.3.46.670589.5.0.1"])
def test_classes_of_ct_and_of_makers_are_no_doubt(name):
    assert doubt_of(dataset(HU, SOPClassUID=name)) is None
