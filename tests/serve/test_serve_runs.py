"""Runs over the API."""

import json

import pytest
from helpers.run_records import SPAN as FIGURE
from helpers.run_records import compared, comparison, evaluation
from helpers.uploads import client_of, flat, is_problem, levels_in, undescribed

from hilum.serve.run_routes import REPORT_POLICY
from hilum.serve.runs import find_runs, prediction_rows

UNAVAILABLE = {"name": "c", "title": "C", "status": "unavailable", "reason": "no weights", "tag": ""}
COMPARISON = comparison(
    [compared("a", "A", {"given": FIGURE}), compared("b", "B", {"strict": FIGURE}), UNAVAILABLE], "b", ["dog", "cat"]
)
PREDICTIONS = """model,path,split,label,predicted,p_cat,p_dog
a,train/cat/1.png,train,cat,dog,0.1,0.9
a,test/cat/1.png,test,cat,dog,0.2,0.8
a,test/dog/1.png,test,dog,dog,0.3,0.7
b,test/cat/1.png,test,cat,cat,0.6,0.4
"""
HISTORY = "model,epoch,train_loss,strength\na,1,0.5,\nb,,0.25,0.1\n"
EVALUATION = evaluation(
    "densenet169", ["cat", "dog", "sound"], ["hurt", "sound"], FIGURE, [[1, 0], [0, 1]],
    {"Sound": "sound", "Bad": "hurt"},
)  # fmt: skip
EVALUATED = """path,label,decision,predicted,p_cat,p_dog,p_sound,outlier_score,left_out
1.png,Bad,class,sound,0.3,0.3,0.4,0.1,
2.png,Sound,class,sound,0.1,0.1,0.8,0.1,
3.png,Sound,class,cat,0.8,0.1,0.1,0.1,a copy of another slice
4.png,Bad,unreadable,,,,,,
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, texts in {
        "compared": {
            "metrics.json": json.dumps(COMPARISON), "predictions.csv": PREDICTIONS, "history.csv": HISTORY,
            "report.html": "<h1>hello</h1><script>alert(1)</script>",
        },
        "<b>evaluated & all": {"metrics.json": json.dumps(EVALUATION), "predictions.csv": EVALUATED},
        "damaged": {"metrics.json": "{"}, "another": {"metrics.json": '{"schema": "other/1"}'},
        "a list": {"metrics.json": "[]"},
        "odd models": {"metrics.json": '{"schema": "hilum.comparison/1", "models": ["x"]}'},
        "odd data": {"metrics.json": '{"schema": "hilum.comparison/1", "data": [1]}'},
        "no number": {"metrics.json": '{"schema": "hilum.comparison/1", "created": NaN}'},
        "no text": {"metrics.json": '{"schema": "hilum.comparison/1", "created": "\\ud800"}'},
        "empty": {}, ".hidden": {"metrics.json": json.dumps(COMPARISON)},
    }.items():  # fmt: skip
        (folder / name).mkdir()
        for file, text in texts.items():
            (folder / name / file).write_text(text)
    return folder


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
        "models": [
            {"name": "a", "title": "A", "given": FIGURE, "unseen": None, "strict": None},
            {"name": "b", "title": "B", "given": None, "unseen": None, "strict": FIGURE},
        ],
    }  # fmt: skip
    assert (evaluated["name"], evaluated["kind"], evaluated["best"]) == (
        "<b>evaluated & all", "evaluation", "densenet169",
    )  # fmt: skip
    assert evaluated["models"][0]["title"] == "DenseNet169"
    assert evaluated["report"] is False  # `hilum evaluate` writes none that a page could show
    assert evaluated["models"][0]["evaluated"] == evaluated["models"][0]["given"] == FIGURE


def test_without_a_folder_of_runs_there_are_none(client):
    assert is_problem(client.get("/api/runs"), 404)
    assert is_problem(client.get("/api/runs/compared"), 404)


def test_a_run_can_be_named_itself(runs):
    assert list(find_runs(runs / "compared")) == ["compared"]
    assert find_runs(runs / "nowhere") == {}


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
        ({}, ["test/cat/1.png", "test/dog/1.png", "test/cat/1.png"]),
        ({"model": "a"}, ["test/cat/1.png", "test/dog/1.png"]),
        ({"model": "a", "label": "cat", "predicted": "dog"}, ["test/cat/1.png"]),
        ({"label": "dog", "predicted": "cat"}, []),
        ({"model": "none"}, []),
    ],
)
def test_a_cell_of_the_confusion_matrix_holds_its_slices_of_test(shown, query, paths):
    body = shown.get("/api/runs/compared/predictions", params=query).json()
    assert [row["path"] for row in body["rows"]] == paths
    assert body["total"] == len(paths)


def test_slices_have_pictures_where_they_are_in_the_folder_that_was_named(shown):
    rows = shown.get("/api/runs/compared/predictions?model=a").json()["rows"]
    assert rows[0]["probabilities"] == {"cat": 0.2, "dog": 0.8}
    assert rows[0]["thumbnail"].startswith("data:image/png;base64,")
    assert rows[1]["thumbnail"] is None


@pytest.mark.parametrize(
    "path", ["../secret.png", "/etc/passwd", "test/../../secret.png", "a\x00b", "x" * 5000, "#1", ""]
)
def test_no_picture_comes_from_outside_the_folder(runs, shown, path, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(COMPARISON))
    (folder / "predictions.csv").write_text(f'model,path,split,label,predicted,p_cat\na,"{path}",test,cat,cat,1\n')
    (tmp_path / "secret.png").write_bytes(flat(51))
    (tmp_path / "in").mkdir()
    with client_of(runs=folder, slices_folder=tmp_path / "in") as client:
        (row,) = client.get("/api/runs/run/predictions").json()["rows"]
    assert (row["path"], row["thumbnail"]) == (path, None)


def test_a_slice_of_a_run_is_given_in_full_and_no_other_file(shown):
    address = "/api/runs/compared/slice"
    large = levels_in(shown.get(address, params={"path": "test/cat/1.png"}).json()["picture"])
    small = levels_in(shown.get("/api/runs/compared/predictions?model=a").json()["rows"][0]["thumbnail"])
    assert (large.shape, small.shape) == ((300, 400), (144, 192))
    for path in ("../secret.png", "in/../test/cat/1.png", "test/dog/1.png", "train/cat/1.png", "", "/etc/passwd"):
        assert is_problem(shown.get(address, params={"path": path}), 404)
    assert is_problem(shown.get(address), 422)
    assert is_problem(shown.get("/api/runs/nothing/slice?path=test/cat/1.png"), 404)


def test_an_evaluation_is_read_as_it_was_scored(runs):
    """Two of the model's classes are one here: `cat` and `dog` together make 0.6 of the first slice."""
    run = find_runs(runs)["<b>evaluated & all"]
    rows = list(prediction_rows(run))
    assert [(row["path"], row["label"], row["predicted"]) for row in rows[:2]] == [
        ("1.png", "hurt", "hurt"),
        ("2.png", "sound", "sound"),
    ]
    assert rows[0]["probabilities"]["hurt"] == pytest.approx(0.6)
    assert [row["path"] for row in prediction_rows(run, label="hurt", predicted="hurt")][:1] == ["1.png"]
    assert "3.png" not in [row["path"] for row in rows]
