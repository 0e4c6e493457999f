"""Runs over the API."""

import json

import pytest
from helpers.run_folders import COMPARISON, EVALUATION
from helpers.run_records import SPAN as FIGURE
from helpers.uploads import client_of, flat, is_problem, levels_in, undescribed

from hilum.serve.run_routes import REPORT_POLICY


@pytest.fixture(scope="module")
def shown(runs, tmp_path_factory):
    slices = tmp_path_factory.mktemp("slices")
    for path in ("test/cat/1.png", "train/cat/1.png", "secret.png"):
        (slices / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (slices / "in" / path).write_bytes(flat(51, 400, 300))
    with client_of(runs=runs, slices_folder=slices / "in") as client:
        yield client


def test_runs_are_listed_newest_first_and_other_folders_are_not(shown):
    evaluated, compared = shown.get("/api/runs").json()["runs"]
    assert compared == {
        "name": "compared", "created": "2026-11-22T21:30:00+00:00", "kind": "comparison", "folder": "slices",
        "best": "b", "synthetic": True, "report": True,
        "titles": {"strict": "strict (0.87)", "external:iq": "external iq", "given": "given"},
        "models": [
            {"name": "a", "title": "A", "scores": {"given": FIGURE}, "floor": None, "lead": None},
            {"name": "b", "title": "B", "scores": {"strict": FIGURE, "external:iq": FIGURE},
             "floor": {**FIGURE, "value": 0.8, "name": "lungs blanked"}, "lead": {**FIGURE, "value": 0.1}},
        ],
    }  # fmt: skip
    assert (evaluated["name"], evaluated["kind"], evaluated["best"]) == (
        "<b>evaluated & all", "evaluation", "densenet169",
    )  # fmt: skip
    assert evaluated["models"][0]["title"] == "DenseNet169"
    assert evaluated["report"] is False  # `hilum evaluate` writes none that a page could show
    assert evaluated["models"][0]["scores"] == {"given": FIGURE, "evaluated": FIGURE}


def test_without_a_folder_of_runs_there_are_none(client):
    assert is_problem(client.get("/api/runs"), 404)
    assert is_problem(client.get("/api/runs/compared"), 404)


def test_files_of_a_run_are_given(shown):
    assert shown.get("/api/runs/compared").json() == COMPARISON
    assert shown.get("/api/runs/%3Cb%3Eevaluated%20&%20all").json() == EVALUATION
    rows = shown.get("/api/runs/compared/history").json()
    assert rows == [
        {"model": "a", "epoch": 1, "train_loss": 0.5, "strength": None},
        {"model": "b", "epoch": None, "train_loss": 0.25, "strength": 0.1},
    ]
    assert shown.get("/api/runs/%3Cb%3Eevaluated%20&%20all/history").json() == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/runs", ""), ("/api/runs/{name}", ""), ("/api/runs/{name}/history", ""),
        ("/api/runs/{name}/predictions", ""), ("/api/runs/{name}/slice", "?path=test/cat/1.png"),
    ],
)  # fmt: skip
def test_every_field_of_a_run_is_described(shown, path, query):
    answer = shown.get(path.format(name="compared") + query)
    assert answer.status_code == 200
    assert undescribed(shown.get("/openapi.json").json(), path, answer) == set()


def test_a_report_may_draw_and_nothing_else(shown):
    response = shown.get("/runs/compared/report.html")
    assert response.text.startswith("<h1>hello</h1>")
    assert response.headers["content-security-policy"] == REPORT_POLICY
    assert "script-src" not in REPORT_POLICY
    assert is_problem(shown.get("/runs/%3Cb%3Eevaluated%20&%20all/report.html"), 404)


@pytest.mark.parametrize("name", ["damaged", "empty", ".hidden", "..", "compared%2F..%2Fcompared", "Compared"])
@pytest.mark.parametrize("address", ["/api/runs/{}", "/api/runs/{}/history", "/api/runs/{}/predictions"])
def test_what_is_no_run_is_a_problem(shown, name, address):
    assert is_problem(shown.get(address.format(name)), 404)


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ({}, ["test/cat/1.png", "train/dog/2.png", "test/dog/1.png"]),
        ({"model": "a"}, ["test/cat/1.png", "test/dog/1.png"]),
        ({"model": "a", "label": "cat", "predicted": "dog"}, ["test/cat/1.png"]),
        ({"model": "b"}, ["train/dog/2.png"]),
        ({"label": "dog", "predicted": "cat"}, ["train/dog/2.png"]),
        ({"model": "none"}, []),
    ],
)
def test_a_cell_of_the_confusion_matrix_holds_its_slices_of_strict_else_of_test(shown, query, paths):
    body = shown.get("/api/runs/compared/predictions", params=query).json()
    assert [row["path"] for row in body["rows"]] == paths
    assert body["total"] == len(paths)


def test_slices_have_pictures_where_they_are_in_the_folder_that_was_named(shown):
    rows = shown.get("/api/runs/compared/predictions?model=a").json()["rows"]
    assert rows[0]["probabilities"] == {"cat": 0.2, "dog": 0.8}
    assert rows[0]["thumbnail"].startswith("data:image/png;base64,")
    assert rows[1]["thumbnail"] is None


def test_no_picture_comes_from_outside_the_folder(tmp_path):
    paths = ["../secret.png", "/etc/passwd", "test/../../secret.png", "a\x00b", "x" * 5000, "#1", ""]
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(COMPARISON))
    rows = "".join(f'a,"{path}",test,cat,cat,1\n' for path in paths)
    (folder / "predictions.csv").write_text(f"model,path,split,label,predicted,p_cat\n{rows}")
    (tmp_path / "secret.png").write_bytes(flat(51))
    (tmp_path / "in").mkdir()
    with client_of(runs=folder, slices_folder=tmp_path / "in") as client:
        found = client.get("/api/runs/run/predictions").json()["rows"]
    assert {row["path"]: row["thumbnail"] for row in found} == dict.fromkeys(paths)


def test_a_slice_of_a_run_is_given_in_full_and_no_other_file(shown):
    address = "/api/runs/compared/slice"
    large = levels_in(shown.get(address, params={"path": "test/cat/1.png"}).json()["picture"])
    small = levels_in(shown.get("/api/runs/compared/predictions?model=a").json()["rows"][0]["thumbnail"])
    assert (large.shape, small.shape) == ((300, 400), (144, 192))
    for path in ("../secret.png", "in/../test/cat/1.png", "test/dog/1.png", "train/cat/1.png", "", "/etc/passwd"):
        assert is_problem(shown.get(address, params={"path": path}), 404)
    assert is_problem(shown.get(address), 422)
    assert is_problem(shown.get("/api/runs/nothing/slice?path=test/cat/1.png"), 404)
