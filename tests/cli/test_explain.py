"""`hilum explain`: what it writes and prints, and a sentence where it cannot."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hilum.explain.picture import WIDTH
from hilum.model.open import open_reader
from hilum.predict.run import square_of
from hilum.slices.frames import read_frames
from hilum.trust.outliers import NEIGHBOURS


@pytest.fixture
def slice_(phantom):
    return sorted(phantom.glob("test/*/*.png"))[0]


@pytest.fixture
def explain(run):
    return lambda *words: run("explain", *words)


def _files(here):
    return sorted(path.name for path in here.iterdir())


def test_a_model_folder_explains_a_slice(explain, phantom_model, slice_, here):
    code, out, err = explain(phantom_model, slice_)
    assert code == 0
    assert all("preparing the model" in line for line in err.splitlines())  # said where it takes a second
    name = f"{slice_.stem}-explained.png"
    answer, remark, *_, last = out.splitlines()
    assert re.fullmatch(r"[\w ]+: .*\.", answer)
    assert re.fullmatch(r"\d+ % of the evidence for [\w ]+ lies outside the lungs\.", remark)
    assert last == f"Picture: {name}"
    assert _files(here) == [name]
    with Image.open(here / name) as image:
        image.load()
        assert image.size[0] == WIDTH
    again = explain(phantom_model, slice_)
    assert again[0] == 2
    assert again[2] == (
        f"Error: {name} exists already. "
        "Give another file (--out), or --overwrite (overwrite=True in Python) to replace it.\n"
    )
    assert explain(phantom_model, slice_, "--overwrite")[0] == 0


def test_the_exported_file_says_the_same(explain, phantom_model, exported, slice_, tmp_path):
    found = {}
    for path in (phantom_model, exported):
        code, out, err = explain(path, slice_, "--json", "--out", f"{path.suffix}x.png")
        assert code == 0
        assert "Picture: " in err.splitlines()[-1]
        found[path.suffix] = json.loads(out)
    folder, file = found[""], found[".onnx"]
    assert folder["remarks"] == file["remarks"]
    assert 0 <= folder["outside_lungs"] <= 1
    assert folder["remarks"][0].startswith(f"{100 * folder['outside_lungs']:.0f} % of the evidence for ")
    assert list(folder) == [
        *(
            "path",
            "frame",
            "decision",
            "class",
            "probabilities",
            "outlier_score",
            "reason",
            "prediction_set",
            "map",
            "outside_lungs",
            "remarks",
            "neighbours",
        )
    ]
    assert {key: folder[key] for key in ("path", "decision", "class", "reason")} == {
        key: file[key] for key in ("path", "decision", "class", "reason")
    }
    np.testing.assert_allclose(folder["map"]["values"], file["map"]["values"], atol=1e-4)
    assert [one["path"] for one in folder["neighbours"]] == [one["path"] for one in file["neighbours"]]
    # The folder's thumbnails make its picture the taller one.
    heights = [Image.open(tmp_path / "here" / f"{suffix}x.png").height for suffix in ("", ".onnx")]
    assert heights[0] > heights[1]


def test_the_json_is_the_model_s_reading(explain, phantom_model, phantom, slice_):
    found = json.loads(explain(phantom_model, slice_, "--json", "--out", "x.png")[1])
    reader = open_reader(phantom_model)
    facts, frame = reader.facts, next(read_frames(slice_))
    reading = reader.read(square_of(frame, facts)[None])
    best = int(reading.probabilities[0].argmax())
    assert found["map"]["class"] == facts.classes[best]
    assert found["map"]["method"] == facts.head.map_method == "hirescam"
    np.testing.assert_allclose(found["map"]["values"], reading.maps[0, best], atol=1e-5)
    assert found["map"]["shape"] == list(reading.maps.shape[2:])
    left, top, right, bottom = found["map"]["box"]
    assert 0 <= left < right <= frame.pixels.shape[1]
    assert 0 <= top < bottom <= frame.pixels.shape[0]
    np.testing.assert_allclose(list(found["probabilities"].values()), reading.probabilities[0], atol=1e-5)
    assert len(found["neighbours"]) == NEIGHBOURS
    distances = [one["distance"] for one in found["neighbours"]]
    assert distances == sorted(distances)
    assert distances[-1] == found["outlier_score"]
    for one in found["neighbours"]:
        assert (phantom / one["path"]).is_file()
        assert one["path"].split("/")[1] == one["label"]


def test_a_training_slice_is_its_own_nearest(explain, phantom_model, phantom):
    slice_ = sorted(phantom.glob("train/*/*.png"))[0]
    first, second = json.loads(explain(phantom_model, slice_, "--json", "--out", "x.png")[1])["neighbours"][:2]
    assert first["path"] == slice_.relative_to(phantom).as_posix()
    assert first["distance"] < 0.01 < second["distance"]


def test_the_training_folder_lends_pictures_to_an_exported_file(explain, exported, phantom, slice_, tmp_path):
    heights = []
    for words in ([], ["--training-folder", phantom], ["--training-folder", tmp_path]):
        assert explain(exported, slice_, "--out", "x.png", "--overwrite", *words)[0] == 0
        heights.append(Image.open(tmp_path / "here" / "x.png").height)
    assert heights[1] > heights[0] == heights[2]


def test_other_methods_make_other_maps(explain, phantom_model, slice_):
    own, gradient, layer = (
        np.array(
            json.loads(explain(phantom_model, slice_, "--json", "--out", f"{name}.png", "--method", name)[1])["map"][
                "values"
            ]
        )
        for name in ("hirescam", "gradcam", "layercam")
    )
    assert own.min() < 0 < own.max()
    for values in (own, gradient, layer):  # of the earlier scale, which the head sees
        assert values.shape == (14, 14)
    for values in (gradient, layer):
        assert values.min() == 0
        assert values.max() == pytest.approx(1, abs=1e-5)
    assert np.abs(layer - gradient).max() > 0.01


def test_an_exported_file_is_explained_without_the_train_extra(exported, phantom, slice_, tmp_path):
    hidden = "torch torchvision timm sklearn scipy pandas matplotlib jinja2 safetensors onnx pytorch_grad_cam cv2"
    code = f"import sys\nsys.modules.update(dict.fromkeys({hidden.split()}))\nfrom hilum.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, "explain", exported, slice_, "--training-folder", phantom, "--out", "x.png"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "x.png").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8 are Linux's")
def test_a_name_that_is_no_text_is_written_as_predict_writes_it(explain, exported, slice_, tmp_path):
    odd = tmp_path / os.fsdecode(b"s\xff.png")
    odd.write_bytes(slice_.read_bytes())
    code, out, err = explain(exported, odd, "--json")
    assert code == 0, err
    assert json.loads(out)["path"] == str(tmp_path / r"s\xff.png")
    assert [os.fsencode(path.name) for path in Path().iterdir()] == [b"s\xff-explained.png"]
    assert explain(exported, odd, "--json")[0] == 2  # the picture is there


def test_what_cannot_be_is_said_in_a_sentence(explain, phantom_model, exported, slice_, here, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    for words, said in (
        ((phantom_model, tmp_path / "none.png"), "none.png cannot be explained: the file cannot be opened"),
        ((phantom_model, tmp_path / "text.png"), "text.png cannot be explained: "),
        ((phantom_model, tmp_path), "cannot be explained: "),
        (
            (phantom_model, slice_, "--method", "magic"),
            "There is no method 'magic'. Known are linear, gradcam, ",
        ),
        ((exported, slice_, "--method", "gradcam"), "gradcam needs the network itself"),
        ((phantom_model, slice_, "--frame", 2), "has only one frame"),
        ((phantom_model, slice_, "--window", "brain"), "There is no window 'brain'"),
        ((phantom_model, slice_, "--training-folder", "nowhere"), "The training folder nowhere does not exist"),
        ((phantom_model, slice_, "--out", "x.jpg"), "ends in .png"),
        ((tmp_path / "nowhere", slice_), "nowhere"),
        ((tmp_path / "empty", slice_), "empty"),
        ((slice_, slice_), "model"),
    ):
        code, out, err = explain(*words)
        assert (code, out) == (2, ""), words
        assert err.startswith("Error: "), err
        assert said in err
        assert err.count("\n") == 1
    assert _files(here) == []
