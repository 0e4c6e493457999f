"""Explanations over the API."""

import base64

import numpy as np
import pytest
from helpers.brightness import write_model
from helpers.dicoms import chest, dataset, written
from helpers.pictures import picture
from helpers.uploads import client_of, encoded, files, flat, is_problem

from hilum.explain.methods import warning_of
from hilum.storage import sha256_of_file


def explain(client, data, **fields):
    return client.post("/api/explain", files=files(a=data), data=fields)


def test_a_picture_is_explained_by_its_own_row_and_maps(client):
    levels = np.full((30, 40), 40, np.uint8)
    levels[:, 20:] = 60
    body = explain(client, encoded(levels, format="PNG")).json()
    assert body["row"] == client.post("/api/predict", files=files(a=encoded(levels, format="PNG"))).json()["rows"][0]
    assert (body["size"], body["values"], body["window"], body["method"]) == ([40, 30], None, None, "linear")
    np.testing.assert_array_equal(np.asarray(picture(body["picture"])), levels)
    assert list(body["maps"]) == ["dark", "grey", "bright"]
    drawn = np.asarray(picture(body["maps"]["dark"]))
    assert drawn.shape == (30, 40, 4)
    assert drawn[15, 35, 3] == 255  # the tiny model's map is the slice itself
    assert drawn[15, 5, 3] == 0  # what is darker than the body lies outside it
    assert body["outside_lungs"] == dict.fromkeys(body["maps"])
    assert list(body["remarks"]) == list(body["maps"])
    unknown = "No lungs were found, so nobody can say how much of the evidence for grey lies outside them."
    assert body["remarks"]["grey"] == [unknown]
    assert body["warning"] == warning_of("linear")
    assert body["neighbours"] == [
        {"label": "dark", "distance": body["row"]["outlier_score"], "path": "train/dark/1.png", "thumbnail": None}
    ]


def test_dicom_comes_with_its_values_and_window(client):
    hu = chest(0)
    body = explain(client, written(dataset(hu, window=(40, 400)))).json()
    values = np.frombuffer(base64.b64decode(body["values"]["base64"]), "<i2")
    np.testing.assert_array_equal(values.reshape(body["values"]["rows"], body["values"]["columns"]), hu)
    assert body["values"]["slope"] == 1
    assert body["window"] == {"center": 40, "width": 400}
    lung = explain(client, written(dataset(hu)), window="lung").json()
    assert lung["window"] == {"center": -600, "width": 1500}
    shown = np.asarray(picture(lung["picture"]), int)
    np.testing.assert_allclose(shown, (((hu + 600) / 1500 + 0.5).clip(0, 1) * 255).round(), atol=1)


def test_slopes_are_in_the_values_and_inverted_or_coloured_pictures_have_none(client):
    hu = chest(0) // 2 * 2
    body = explain(client, written(dataset(hu, slope=2))).json()
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(body["values"]["base64"]), "<i2"), hu.ravel())
    assert explain(client, written(dataset(hu, inverted=True))).json()["values"] is None


def test_a_frame_can_be_chosen(client):
    data = written(dataset(chest(1), chest(2), chest(3)))
    rows = client.post("/api/predict", files=files(a=data)).json()["rows"]
    assert [explain(client, data, frame=number).json()["row"] for number in (1, 2, 3)] == rows
    assert explain(client, data).json()["row"] == rows[0]
    assert is_problem(explain(client, data, frame=4), 422)
    assert is_problem(explain(client, flat(51), frame=2), 422)
    assert explain(client, flat(51), frame=1).status_code == 200


@pytest.mark.parametrize("data", [b"", b"no picture", flat(51)[:50], bytes(200) + b"DICM"])
def test_what_cannot_be_read_is_a_problem_that_says_why(client, data):
    response = explain(client, data)
    assert is_problem(response, 422)
    assert response.json()["detail"].startswith("The file cannot be explained: ")


def test_a_neighbour_is_shown_where_it_is_the_very_file(tmp_path):
    place = tmp_path / "slices" / "train" / "dark" / "1.png"
    place.parent.mkdir(parents=True)
    place.write_bytes(flat(51))
    for content, shown in ((sha256_of_file(place), True), ("1" * 64, False)):
        model = write_model(tmp_path / "model.onnx", index=[["train/dark/1.png", "dark", content]])
        with client_of(model, slices_folder=tmp_path / "slices") as client:
            (neighbour,) = explain(client, flat(51)).json()["neighbours"]
            assert (neighbour["thumbnail"] is not None) == shown
