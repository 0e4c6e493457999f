"""A model as Python users hold it: from a folder and from an exported file."""

import shutil
from pathlib import Path

import pytest

import hilum
from hilum.explain.methods import default_method


@pytest.fixture
def model(phantom_model, use_shared_cache):
    return hilum.open_model(phantom_model)


@pytest.fixture
def file_model(exported):
    return hilum.open_model(exported)


def test_the_record_is_that_of_the_folder(model, file_model):
    assert model.record == file_model.record
    assert model.record.classes[2] == "normal"


def test_a_folder_is_made_ready_only_when_an_answer_is_asked_for(phantom_model, phantom, tmp_path, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "cache"))
    model = hilum.open_model(phantom_model)
    assert "EfficientNet-Lite0" in repr(model)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("kind", [str, Path, list, tuple, iter])
def test_one_path_or_several_are_predicted(model, phantom, kind):
    asked = phantom / "test" / "normal"
    found = model.predict(kind(asked) if kind in (str, Path) else kind([asked]))
    assert [row.path for row in found] == [str(path) for path in sorted(asked.iterdir())]
    assert found.notes == (model.record.thresholds.about_answers,)


def test_what_cannot_be_read_has_a_row_and_what_is_hidden_is_counted(model, phantom, tmp_path):
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "note.png").write_bytes(b"no picture")
    shutil.copy(next((phantom / "test" / "normal").iterdir()), tmp_path / "slice.png")
    found = model.predict([tmp_path, tmp_path / "gone.png"], coverage=1)
    assert [row.decision == "unreadable" for row in found] == [True, False, True]
    assert found[2].reason == "there is no such file"
    assert found.notes == ("Hidden files and those of other programs or of hilum are left out, 1 in all.",)


@pytest.mark.parametrize(
    ("paths", "options", "said"),
    [
        ("gone.png", {}, "nothing to predict: gone.png: there is no such file"),
        (["gone.png", "*.png"], {}, "Nothing else that was named exists"),
        ([], {}, "no path was given"),
        (".", {"coverage": 2}, "coverage must be from 0 to 1, not 2"),
        (".", {"coverage": 0.5, "risk": 0.1}, "Give a coverage or a risk, not both"),
        (".", {"window": "lungs"}, "There is no window 'lungs'"),
    ],
)
def test_what_cannot_be_predicted_is_refused(model, paths, options, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(hilum.HilumError, match=said):
        model.predict(paths, **options)


def test_an_explanation_is_a_picture(model, file_model, phantom):
    path = next((phantom / "test" / "normal").iterdir())
    own = model.explain(path)
    assert own.map.method == default_method(model.record)
    assert own.picture.startswith(b"\x89PNG")
    assert own.as_json() == file_model.explain(path).as_json()
    assert model.explain(path, method="gradcam").map.method == "gradcam"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "gradcamm"}, "There is no method 'gradcamm'. Did you mean 'gradcam'"),
        ({"method": "gradcam"}, "gradcam needs the network itself"),
        ({"frame": 2}, "has only one frame"),
        ({"training_folder": "gone"}, "The training folder gone does not exist"),
        ({"window": "lungs"}, "There is no window 'lungs'"),
    ],
)
def test_what_cannot_be_explained_is_refused(file_model, phantom, options, said):
    with pytest.raises(hilum.HilumError, match=said):
        file_model.explain(next((phantom / "test" / "normal").iterdir()), **options)


def test_a_model_is_scored_on_slices_that_it_was_not_trained_on(model, phantom):
    found = model.evaluate(hilum.read_labelled(phantom / "test"), seed=3)
    assert found.record.figures.n == 15
    with pytest.raises(hilum.HilumError, match=r'evaluate needs a table; make one with hilum\.read_labelled\("ct"\)'):
        model.evaluate("ct")
    with pytest.raises(hilum.HilumError, match="seed must be"):
        model.evaluate(hilum.read_labelled(phantom / "test"), seed=-1)


def test_a_saved_model_is_a_copy_of_the_same_files(model, phantom_model, tmp_path):
    place = model.save(tmp_path / "copy")
    files = sorted(path.relative_to(phantom_model) for path in phantom_model.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(place) for path in place.rglob("*") if path.is_file())
    assert all((place / name).read_bytes() == (phantom_model / name).read_bytes() for name in files)
    with pytest.raises(hilum.HilumError, match="holds a model already"):
        model.save(place)
    (place / "model.safetensors").write_bytes(b"")
    model.save(place, overwrite=True)
    assert hilum.open_model(place).record == model.record
    itself = hilum.open_model(place)
    itself.save(place, overwrite=True)
    assert hilum.open_model(place).record == model.record


def test_an_altered_folder_is_neither_opened_nor_copied(model, phantom_model, tmp_path):
    altered = hilum.open_model(model.save(tmp_path / "model"))
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other")
    with pytest.raises(hilum.HilumError, match=r"model\.safetensors is not the file"):
        altered.save(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    with pytest.raises(hilum.HilumError, match=r"model\.safetensors is not the file"):
        hilum.open_model(tmp_path / "model")


def test_an_export_is_the_file_that_the_model_runs_as(model, exported, tmp_path):
    place = model.export(tmp_path / "model.onnx")
    assert hilum.open_model(place).record == model.record
    with pytest.raises(hilum.HilumError, match="exists already"):
        model.export(place)
    place.write_bytes(b"")
    assert model.export(place, overwrite=True).read_bytes() == exported.read_bytes()


def test_an_exported_file_is_copied_by_its_user(file_model, tmp_path):
    for write in (file_model.save, file_model.export):
        with pytest.raises(hilum.HilumError, match="which holds the whole model: copy the file"):
            write(tmp_path / "place")
    assert not (tmp_path / "place").exists()


def test_what_is_no_model_is_not_opened(phantom, tmp_path):
    (tmp_path / "other.onnx").write_bytes(b"other")
    for place, said in (
        (tmp_path / "gone", "does not exist"), (phantom, "holds no model"), (tmp_path / "other.onnx", "not an intact"),
    ):  # fmt: skip
        with pytest.raises(hilum.HilumError, match=said):
            hilum.open_model(place)


def test_a_model_shows_what_it_is(model, file_model):
    assert repr(model) == repr(file_model)
    assert repr(model).startswith("Model(EfficientNet-Lite0 on phantom: 4 classes, macro-F1 strict (ids) 0.")
    assert model._repr_html_() == file_model._repr_html_()
