"""`hilum predict --runner ray` through the command line: what is refused, and a whole job on a cluster of its own."""

import json

import pytest
from helpers.brightness import write_model
from PIL import Image


@pytest.fixture(scope="module")
def bright(tmp_path_factory):
    """A model that judges by brightness."""
    return write_model(tmp_path_factory.mktemp("bright") / "m.onnx")


@pytest.fixture
def pictures(here):
    for number in range(3):
        Image.new("L", (40, 30), 40 * number).save(here / f"{number}.png")
    (here / "other").mkdir()
    (here / "other" / "notes.txt").write_text("mine")


def test_what_a_user_can_mend_is_a_sentence_before_any_work(refused, bright, pictures):
    for words, said in (
        (("0.png", "--runner", "rai", "--out", "job"), "Did you mean 'ray'?"),
        (("0.png", "--runner", "ray"), "give --out a folder"),
        (("0.png", "--runner", "ray", "--out", "job", "--json"), "neither --json nor --csv"),
        (("0.png", "--runner", "ray", "--out", "job", "--threads", "0"), "--threads must be 1 or more, not 0."),
        (("0.png", "--runner", "ray", "--out", "job", "--max-errors", "-1"), "--max-errors must be 0 or more, not -1."),
        (("0.png", "--runner", "ray", "--out", "job", "--window", "brain"), "brain"),
        (("0.png", "--runner", "ray", "--out", "1.png"), "1.png is a file"),
        (("0.png", "--runner", "ray", "--out", "other"), "something else, not a job"),
        (("gone.png", "--runner", "ray", "--out", "job"), "There is nothing to predict: gone.png"),
    ):
        assert said in refused("predict", bright, *words), words
    assert "does not exist" in refused("predict", "gone.onnx", "0.png", "--runner", "ray", "--out", "job")


def test_without_a_cluster_that_answers_nothing_is_written(refused, bright, pictures, monkeypatch):
    for address, said in (("auto", "HOST:PORT"), ("ray://127.0.0.1:1", "HOST:PORT"), ("127.0.0.1:1", "127.0.0.1:1")):
        monkeypatch.setenv("RAY_ADDRESS", address)
        assert said in refused("predict", bright, "0.png", "--runner", "ray", "--out", "job"), address


def test_one_process_stops_at_too_many_errors_and_keeps_its_rows(run, bright, pictures, here):
    words = ("predict", bright, "0.png", "gone-1.png", "1.png", "gone-2.png", "2.png", "--out", "rows.jsonl")
    code, _, err = run(*words, "--max-errors", "1", "--threads", "1")
    assert code == 2
    assert "2 slices cannot be read, more than the 1 that --max-errors allows" in err
    assert [json.loads(line)["path"] for line in (here / "rows.jsonl").read_text().splitlines()][-1] == "gone-2.png"
    for most, code in (("2", 0), ("1", 2), ("2", 0)):  # the second time, of a file that is complete
        assert run(*words, "--max-errors", most)[0] == code
        assert len((here / "rows.jsonl").read_text().splitlines()) == 5
