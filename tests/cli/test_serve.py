"""`hilum serve` as a user meets it."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from helpers.brightness import write_model
from helpers.uploads import OURS, files, flat

NEVER = ("torch", "timm", "sklearn", "scipy", "pandas", "matplotlib")
COMMAND = """
import signal
import sys
from hilum.cli import main

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {never!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell in the background leaves it out
main()
"""


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("served") / "model.onnx")


@contextmanager
def started(*words):
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(never=NEVER), "serve", *map(str, words), "--no-open"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address_in(line):
    return next(word for word in line.split() if word.startswith("http://"))


def test_an_exported_file_is_served_from_the_base_install(tiny_model, tmp_path):
    with started(tiny_model, "--port", 0, "--runs", tmp_path, "--slices", tmp_path) as process:
        address = address_in(process.stdout.readline())
        assert address.startswith("http://127.0.0.1:")
        for path in ("predict", "explain"):
            sent = files(a=flat(51))
            assert httpx.post(f"{address}api/{path}", files=sent, headers=OURS, timeout=20).status_code == 200
        assert httpx.get(f"{address}api/runs").json() == {"runs": []}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert out.splitlines()[-1] == "Stopped."
    assert "Traceback" not in err
    assert process.returncode == 0


def test_an_address_for_others_needs_the_token(tiny_model, tmp_path):
    token = tmp_path / "token"
    token.write_text("correct-horse-battery\n")
    with started(tiny_model, "--port", 0, "--host", "0.0.0.0", "--token-file", token) as process:
        address = address_in(process.stdout.readline())
        said = process.stdout.readline()
        assert "token" in said
        for path in ("", "openapi.json", "healthz"):
            assert f"/{path}" in said or path == ""
            assert httpx.get(f"{address}{path}").status_code == 200
        for path in ("api/model", "metrics", "runs/a/report.html"):
            assert httpx.get(f"{address}{path}").status_code == 401
        headers = {"Authorization": "Bearer correct-horse-battery"}
        assert httpx.get(f"{address}api/model", headers=headers).status_code == 200


def test_what_is_wrong_is_said_in_a_sentence(refused, here):
    (here / "token").write_text("correct-horse-battery")
    for words, message in (
        ([], "Give a MODEL, or --runs"),
        (["nothing.onnx"], "does not exist"),
        (["--runs", "nowhere"], "The folder nowhere does not exist. Give --runs a folder."),
        (["--runs", ".", "--slices", "nowhere"], "The folder nowhere does not exist. Give --slices a folder."),
        (["--runs", ".", "--host", "0.0.0.0"], "a token is needed"),
        (["--runs", ".", "--token-file", "nowhere"], "cannot be read"),
        (["--runs", ".", "--host", "192.0.2.1", "--token-file", "token"], "Give another --host or --port"),
    ):
        assert message in refused("serve", *words, "--no-open"), words
