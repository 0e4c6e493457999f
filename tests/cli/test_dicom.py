"""The same slices as PNG and as DICOM in several syntaxes, by the command line: the same audit, model and answers."""

import contextlib
import io
import itertools
import json
import shutil
import sys

import numpy as np
import pytest
from helpers.dicoms import SECRET, SYNTAXES, dataset, written
from PIL import Image

from hilum import cli

LITE0 = "efficientnet_lite0"


def _run(folder, *words):
    """Runs a command in this process, in a folder: what it prints on standard output."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        patch.setenv("HILUM_CACHE", str(folder / "cache"))
        patch.setenv("HILUM_OFFLINE", "1")
        patch.setattr(sys, "argv", ["hilum", *map(str, words)])
        code = None
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
        assert not code, words
        out.flush()
    return out.buffer.getvalue().decode()


@pytest.fixture(scope="module")
def place(tmp_path_factory, phantom):
    """Phantom slices as PNG and, by the lung window, as Hounsfield units in DICOM; a model trained on the latter."""
    folder = tmp_path_factory.mktemp("cli-dicom")
    shutil.copytree(phantom, folder / "png")
    kinds = itertools.cycle(itertools.product(SYNTAXES.values(), (False, True)))
    for path, (syntax, inverted) in zip(sorted((folder / "png").glob("*/*/*.png")), kinds, strict=False):
        grey = np.asarray(Image.open(path).convert("L")).astype(int)
        patient = path.stem.split("-")[1]
        ds = dataset(
            np.rint(grey / 255 * 1500 - 1350).astype(int), intercept=-2000, inverted=inverted, patient=patient,
            series=f"1.2.3.{int(patient[1:])}",
        )  # fmt: skip
        if inverted:  # white is stored as low values
            ds = dataset(
                np.rint((255 - grey) / 255 * 1500 - 1350).astype(int), intercept=-2000, patient=patient,
                series=f"1.2.3.{int(patient[1:])}", PhotometricInterpretation="MONOCHROME1",
            )  # fmt: skip
        target = folder / "dicom" / path.relative_to(folder / "png").with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(written(ds, syntax))
    _run(folder, "train", "dicom", "--backbone", LITE0, "--window", "lung", "--out", "model")
    assert (folder / "model" / "model.json").is_file()
    return folder


def _answers(place, *words):
    return [json.loads(line) for line in _run(place, "predict", "model", *words, "--json").splitlines()]


def test_png_and_dicom_of_a_slice_get_the_same_answer(place):
    dicom, png = (_answers(place, f"{kind}/test") for kind in ("dicom", "png"))
    assert [row["path"].replace("dicom", "png") + ".png" for row in dicom] == [row["path"] for row in png]
    assert [row["class"] for row in dicom] == [row["class"] for row in png]
    assert [row["decision"] for row in dicom] == [row["decision"] for row in png]
    for one, other in zip(dicom, png, strict=True):
        # Whole Hounsfield units are not whole grey levels.
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=0.05)


def test_patients_keep_their_slices_together_without_a_groups_file(place):
    record = json.loads((place / "model" / "model.json").read_text())
    assert "DICOM" in record["data"]["grouped_by"]
    assert record["preparation"]["window"] == "lung"
    audit = json.loads(_run(place, "audit", "dicom", "--out", "audit", "--window", "lung", "--json"))
    patients = {path.stem.split("-")[1] for path in (place / "png").glob("*/*/*.png")}
    assert audit["groups"]["given"] == len(patients)


def test_the_model_is_scored_on_dicom_by_patient(place):
    done = _run(place, "evaluate", "model", "dicom", "--out", "scored", "--json")  # in the model's window
    record = json.loads(done)
    assert record["data"]["window"] == "lung"
    assert record["per_series"]["n"] >= record["per_group"]["n"]
    index = json.loads((place / "model" / "model.json").read_text())["index"]
    assert sum(record["data"]["left_out"].values()) == len(index)
    assert record["figures"]["n"] == 48 - len(index)


def test_nothing_of_a_header_is_written_anywhere(place):
    _run(place, "predict", "model", "dicom/test", "--out", "rows.jsonl")
    _run(place, "explain", "model", next((place / "dicom" / "test").glob("*/*")), "--out", "map.png")
    name = SECRET.encode()
    assert any(name in path.read_bytes() for path in (place / "dicom").rglob("*") if path.is_file())
    for path in place.rglob("*"):
        if path.is_file() and "dicom" not in path.relative_to(place).parts:
            assert name not in path.read_bytes(), path
