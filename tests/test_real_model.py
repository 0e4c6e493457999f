"""From the real slices to answers: train, predict, explain and export, and the same slice as DICOM."""

import json
import sys

import numpy as np
import pytest
from helpers.dicoms import dataset, written
from helpers.real_slices import every_nth

from hilum import cli
from hilum.slices.read import read_slice

pytestmark = pytest.mark.slow


def test_a_model_of_the_real_slices_answers_from_every_form(chest_ctscan, tmp_path, monkeypatch, capfd):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["hilum", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        assert not stop.value.code, err
        return out

    def rows(text):
        return [json.loads(line) for line in text.splitlines()]

    monkeypatch.chdir(tmp_path)
    real = every_nth(chest_ctscan, tmp_path / "real", 3)
    run("train", real, "--backbone", "efficientnet_lite0", "--out", "model", "--window", "lung")
    record = json.loads((tmp_path / "model" / "model.json").read_text())
    scores = record["scores"]["protocols"]
    assert scores["given"]["f1_macro"]["value"] > scores["strict"]["f1_macro"]["value"] > 0.7
    run("export", "model", "--to", "onnx", "--out", "model.onnx")

    png = sorted((real / "test" / "squamous.cell.carcinoma").glob("*.png"))[:6]
    pixels = [read_slice(path).pixels for path in png]
    for number, levels in enumerate(pixels):
        # The lung window, -600 and 1500, undone: the same greys come back.
        scan = dataset(np.round(levels * 1500 - 1350 + 400).astype(np.int16), window=(-200, 1500))
        (tmp_path / f"{number}.dcm").write_bytes(written(scan))
    folder = rows(run("predict", "model", *png, "--json"))
    exported = rows(run("predict", "model.onnx", *png, "--json"))
    scans = rows(run("predict", "model", *(f"{number}.dcm" for number in range(6)), "--json", "--window", "file"))
    for one, other, scan in zip(folder, exported, scans, strict=True):
        assert one == other
        assert (scan["decision"], scan["class"]) == (one["decision"], one["class"])
    explained = json.loads(run("explain", "model.onnx", png[0], "--json", "--out", "map.png"))
    assert explained["probabilities"] == folder[0]["probabilities"]
    assert explained["prediction_set"]
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
