"""DICOM files that the tests write: a chest in Hounsfield units, in any syntax and photometric interpretation."""

import io

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from hilum.slices.windows import PRESETS

AXIAL = [1, 0, 0, 0, 1, 0]
CORONAL = [1, 0, 0, 0, 0, -1]
SECRET = "Geheimrat^Rosalinde"  # must never be seen anywhere
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "RLE": RLELossless,
    "JPEG 2000": JPEG2000Lossless,
    "JPEG-LS": JPEGLSLossless,
}


def chest(seed=0, height=48, width=64):
    """A thorax in whole Hounsfield units: air, soft tissue, two lungs, a spine, noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    hu = np.where(x**2 + y**2 < 0.85, 40, -970)
    for side in (-1, 1):
        hu[((x - 0.42 * side) / 0.3) ** 2 + (y / 0.55) ** 2 < 1] = -850
    hu[x**2 + (y - 0.65) ** 2 < 0.02] = 700
    return (hu + rng.integers(-30, 31, hu.shape)).astype(np.int32)


def dataset(
    *frames,
    slope=1,
    intercept=-1024,
    signed=False,
    inverted=False,
    window=None,
    bits=16,
    patient="patient 1",
    series="1.2.3",
    **more,
):
    """A CT dataset of pictures in Hounsfield units; further elements, or None to leave one out, by keyword."""
    hu = np.stack(frames)
    stored = np.rint((hu - intercept) / slope).astype(np.int64)
    stored = stored if signed else stored.clip(0)
    if inverted:  # as MONOCHROME1 is meant to be shown: the least as white
        stored = stored.max() + stored.min() - stored
    ds = Dataset()
    ds.SOPClassUID = CTImageStorage if len(frames) == 1 else EnhancedCTImageStorage
    ds.SOPInstanceUID = generate_uid()
    ds.Modality, ds.PatientName, ds.PatientID, ds.SeriesInstanceUID = "CT", SECRET, patient, series
    ds.ImageType, ds.ImageOrientationPatient = ["ORIGINAL", "PRIMARY", "AXIAL"], AXIAL
    ds.ImagePositionPatient, ds.PixelSpacing = [-100, -100, 12.5], [0.7, 0.8]
    ds.Rows, ds.Columns, ds.SamplesPerPixel = *hu.shape[1:], 1
    ds.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, bits, bits - 1, int(signed)
    ds.RescaleSlope, ds.RescaleIntercept = slope, intercept
    if len(frames) > 1:
        ds.NumberOfFrames = len(frames)
    if window is not None:
        ds.WindowCenter, ds.WindowWidth = window
    ds.PixelData = stored.astype("<i2" if signed else "<u2").tobytes()
    ds["PixelData"].VR = "OW"
    for keyword, value in more.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    return ds


def written(ds, syntax=ExplicitVRLittleEndian, meta=True):
    """The bytes of a file; without `meta` neither preamble nor meta information."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    file = io.BytesIO()
    if syntax.is_compressed and not syntax.is_deflated:
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.compress(syntax, generate_instance_uid=False)
    elif syntax == ExplicitVRBigEndian:
        ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
    if meta:
        ds.save_as(file, enforce_file_format=True)
    else:
        del ds.file_meta
        ds.save_as(file, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
    return file.getvalue()


def png_levels(hu, window):
    """What an exporter of PNG makes of Hounsfield units: whole levels of 255."""
    centre, width = window if not isinstance(window, str) else (PRESETS[window].centre, PRESETS[window].width)
    return np.rint(((hu - (centre - width / 2)) / width).clip(0, 1) * 255).astype(np.uint8)


def png(levels):
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "PNG")
    return file.getvalue()


def broken_after(count):
    """A file of compressed frames, the one after `count` of them damaged."""
    data = bytearray(written(dataset(*(chest(seed, 16, 16) for seed in range(count + 1))), RLELossless))
    last = data.rindex(b"\xfe\xff\x00\xe0") + 8
    data[last : last + 64] = b"\xff" * 64
    return bytes(data)
