"""`hilum predict` through the command line: terminals, pipes, and both forms of a model."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from helpers.brightness import write_model
from PIL import Image


@pytest.fixture(scope="module")
def bright(tmp_path_factory):
    """A model that judges by brightness."""
    return write_model(tmp_path_factory.mktemp("bright") / "m.onnx")


def test_a_folder_and_its_export_give_the_same_answers(run, phantom, phantom_model, exported):
    slices = sorted((phantom / "test").rglob("*.png"))[:4]
    answers = []
    for model in (phantom_model, exported):
        code, out, err = run("predict", model, *slices, "--json")
        assert code == 0, err
        answers.append([json.loads(line) for line in out.splitlines()])
    assert answers[0] == answers[1]
    assert [row["path"] for row in answers[0]] == [str(path) for path in slices]
    assert {row["decision"] for row in answers[0]} <= {"class", "abstain", "outlier"}


def test_what_a_user_can_mend_is_a_sentence(refused, bright, here):
    Image.new("L", (40, 30), 51).save("a.png")
    for words, said in (
        (("nothing.onnx", "a.png"), "does not exist"),
        ((bright, "b.png"), "There is nothing to predict: b.png"),
        ((bright, "a.png", "--window", "brain"), "brain"),
        ((bright, "a.png", "--json", "--csv"), "--csv"),
    ):
        assert said in refused("predict", *words), words


@pytest.mark.parametrize(
    ("encoding", "option"), [("ascii", ""), ("ascii", "--json"), ("ascii", "--csv"), ("cp1252", "")]
)
def test_a_terminal_without_utf_8_stops_nothing(bright, tmp_path, encoding, option):
    path = tmp_path / "肺é–.png"
    Image.fromarray(np.full((30, 40), 51, np.uint8)).save(path)
    done = subprocess.run(
        [sys.executable, "-m", "hilum", "predict", bright, path, "missing–肺", *filter(None, [option])],
        env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if option == "--json":
        assert json.loads(done.stdout.splitlines()[0])["path"] == str(path)
    elif not option:
        assert rb"\u80ba" in done.stdout


@pytest.mark.parametrize("option", ["", "--json"])
def test_a_pipe_that_is_closed_ends_in_no_traceback(bright, tmp_path, option):
    Image.fromarray(np.full((30, 40), 51, np.uint8)).save(tmp_path / "a.png")
    done = subprocess.Popen(
        [sys.executable, "-m", "hilum", "predict", bright, *[tmp_path / "a.png"] * 200, *filter(None, [option])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    done.stdout.readline()
    done.stdout.close()
    err = done.stderr.read().decode()
    done.stderr.close()
    done.wait()
    assert "Traceback" not in err
    assert "Exception" not in err
