"""A reader without a network, whose answer the test writes."""

import json
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, ExplicitVRLittleEndian, generate_uid

from hilum.model.facts import parse_facts
from hilum.model.reader import Reading
from hilum.records.model import MODEL_SCHEMA, ModelRecord
from hilum.slices.frames import Frame

CLASSES = ("a", "b", "c")
INDEX = [[f"train/{label}/{i}.png", label, f"{i}" * 64] for i, label in enumerate("aabbc")]
RECORD = {
    "schema": MODEL_SCHEMA,
    "digest": "0" * 64,
    "notice": "Research use only.",
    "classes": list(CLASSES),
    "negative": None,
    "backbone": {
        "name": "none",
        "tag": "none",
        "seed": 0,
        "weights": {"origin": "random", "digest": "random", "tensors": "random"},
    },
    "preparation": {"size": 224, "interpolation": "bilinear", "crop": True, "window": "auto"},
    "engine": "none",
    "head": {"kind": "logistic", "scales": "last"},
    "thresholds": {"answer": 0.6, "outlier": 0.5},
    "curve": [],
    "index": INDEX,
    "files": {},
    "thumbnails": False,
}


def facts_for(**changes) -> ModelRecord:
    return parse_facts(json.dumps({**RECORD, **changes}), "test")


@dataclass
class Fixed:
    """Gives every slice the same answer; class k's map is flat at k but for its first cell, k + 1."""

    facts: ModelRecord
    probabilities: tuple[float, ...] = (0.1, 0.7, 0.2)
    score: float = 0.3

    def read(self, greys):
        n = len(greys)
        maps = np.arange(3, dtype=np.float32)[:, None, None] * np.ones((3, 2, 2), np.float32)
        maps[:, 0, 0] += 1
        return Reading(
            np.float32([self.probabilities] * n),
            np.float32([self.score] * n),
            np.stack([maps] * n),
            np.array([[3, 0, 4, 1, 2]] * n),
            np.float32([[0.1, 0.15, 0.2, 0.25, 0.3]] * n),
        )


def body(height=60, width=90):
    """A picture of one bright block, rows 10 to 50 and columns 20 to 80."""
    pixels = np.zeros((height, width), np.float32)
    pixels[10:50, 20:80] = 0.8
    return Frame(pixels, "PNG", "L", False)


def write_scan(path, *frames):
    """A DICOM file of axial CT frames `[height, width]` in Hounsfield units, one or more."""
    ds, meta = Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = meta.MediaStorageSOPClassUID = CTImageStorage if len(frames) == 1 else EnhancedCTImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.Modality, ds.PatientID, ds.SeriesInstanceUID, ds.NumberOfFrames = "CT", "someone", generate_uid(), len(frames)
    ds.ImageType, ds.ImageOrientationPatient = ["ORIGINAL", "PRIMARY", "AXIAL"], [1, 0, 0, 0, 1, 0]
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = *frames[0].shape, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    ds.PixelData = np.stack(frames).astype("<i2").tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta = meta
    ds.save_as(path, enforce_file_format=True)
    return path


def thorax(level):
    """A frame of padding with a block of a level in Hounsfield units, rows 10 to 50 and columns 20 to 80."""
    frame = np.full((60, 90), -2000)
    frame[10:50, 20:80] = level
    return frame
