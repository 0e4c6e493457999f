"""The API's answers are those of `hilum predict`, on good files and on bad ones."""

import numpy as np
from helpers.brightness import ANSWER, OUTLIER
from helpers.dicoms import SECRET, broken_after, chest, dataset, written
from helpers.malformed import MALFORMED
from helpers.uploads import encoded, flat

from hilum.model.reader import Reader
from hilum.predict.inputs import Input
from hilum.predict.run import answers
from hilum.trust.abstention import Limits


def predicted(model, folder, named, window=None):
    """What `hilum predict` makes of files, by their own names."""
    for number, (_, data) in enumerate(named):
        (folder / str(number)).write_bytes(data)
    inputs = [Input(str(folder / str(number))) for number in range(len(named))]
    names = {str(folder / str(number)): name for number, (name, _) in enumerate(named)}
    rows = answers(Reader(model, 1), inputs, Limits(ANSWER, OUTLIER), window=window)
    return [{**row.as_json(), "path": names[row.path]} for row in rows]


def post(client, named, **fields):
    return client.post("/api/predict", files=[("files", one) for one in named], data=fields)


CT = {
    "one": written(dataset(chest(0), patient="1")),
    "three frames": written(dataset(chest(1), chest(2), chest(3))),
    "windowed": written(dataset(chest(4), window=(40, 400))),
}


def test_rows_are_those_of_predict(client, tiny_model, tmp_path):
    named = [*((f"{level}.png", flat(level)) for level in (51, 128, 204, 89, 5)), *CT.items()]
    response = post(client, named)
    assert response.status_code == 200
    body = response.json()
    assert body["rows"] == predicted(tiny_model, tmp_path, named)
    assert [row["decision"] for row in body["rows"][:5]] == ["class", "class", "class", "abstain", "outlier"]
    assert [row["frame"] for row in body["rows"] if row["path"] == "three frames"] == [1, 2, 3]
    assert len(body["rows"]) == len(body["positions"]) == len(body["thumbnails"])
    assert all(thumbnail.startswith("data:image/png;base64,") for thumbnail in body["thumbnails"])


def test_a_window_is_taken_as_predict_takes_it(client, tiny_model, tmp_path):
    named = list(CT.items())
    rows = post(client, named, window="mediastinum").json()["rows"]
    assert rows == predicted(tiny_model, tmp_path, named, "mediastinum")
    assert rows != post(client, named, window="bone").json()["rows"]


def test_a_series_is_summed_up_and_its_slices_placed(client):
    slices = [
        (f"{place}.dcm", written(dataset(chest(place), series="1.2.9", ImagePositionPatient=[0, 0, place])))
        for place in (10, 5)
    ]
    body = post(client, slices).json()
    (series,) = body["series"]
    assert (series["slices"], series["path"], len(series["series"])) == (2, "10.dcm", 16)
    assert sum(series["decisions"].values()) == 2
    assert body["positions"] == [10, 5]
    assert body["row_series"] == [series["series"]] * 2


def test_one_series_number_in_two_patients_is_two_series(client):
    slices = [
        (f"{number}.dcm", written(dataset(chest(number), series="1.2.9", patient=patient)))
        for number, patient in enumerate(["a", "b", "a"])
    ]
    body = post(client, slices).json()
    assert [series["slices"] for series in body["series"]] == [2, 1]
    assert body["row_series"] == [body["series"][number]["series"] for number in (0, 1, 0)]


PICTURE = flat(51)
BAD = {
    **MALFORMED,
    "magnetic.dcm": written(dataset(chest(0), Modality="MR")),
    "coronal.dcm": written(dataset(chest(0), ImageOrientationPatient=[1, 0, 0, 0, 0, -1])),
    "damaged at its end.dcm": broken_after(5),
    "sixteen.png": encoded(np.full((30, 40), 13107, np.uint16), format="PNG"),
    "colours.jpg": encoded(np.full((30, 40, 3), 51, np.uint8), format="JPEG"),
}


def test_bad_files_are_rows_with_the_reasons_of_predict(client, tiny_model, tmp_path):
    named = [*BAD.items(), ("last.png", PICTURE)]
    response = post(client, named)
    rows = response.json()["rows"]
    assert response.status_code == 200
    assert rows == predicted(tiny_model, tmp_path, named)
    assert [row["decision"] for row in rows].count("unreadable") == len(MALFORMED) + 1
    assert rows[-1]["decision"] == "class"
    assert "Traceback" not in response.text


NAMES = [
    "../../etc/passwd",
    "C:\\scans\\a.png",
    "\\\\server\\share\\a.png",
    "<script>alert(1)</script>.png",
    'a"b.png',
    "=1+1.png",
    "ä 肺.png",
    "line\nfeed\r.png",
    "\u202egnp.a",
    'a; name="window"',
    "x" * 800,
]


def test_names_are_kept_as_text(client):
    response = post(client, [(name, PICTURE) for name in NAMES])
    assert [row["path"] for row in response.json()["rows"]] == NAMES


def test_nothing_of_a_header_comes_back(client):
    response = post(client, [(name, data) for name, data in {**CT, **BAD}.items()])
    explained = client.post("/api/explain", files=[("files", ("a.dcm", CT["one"]))])
    for text in (response.text, explained.text, client.get("/metrics").text):
        assert SECRET not in text
        assert "patient 1" not in text
