"""What every test stands on: real data where it is, caches of its own, and the rule of `make test-all`."""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.training import saved, trained_on
from hypothesis import settings

import hilum
from hilum.processes import _AHEAD

settings.register_profile("hilum", deadline=None)
settings.load_profile("hilum")

_ROOT = Path(__file__).resolve().parent.parent
_CACHES = ("HF_HOME", "TORCH_HOME", "XDG_CACHE_HOME")
_NONE_SKIPPED = os.environ.get("HILUM_TEST_ALL", "") not in ("", "0")


def pytest_configure(config):
    """Empties the environment of caches before anything is imported: huggingface_hub reads it only then."""
    folder = tempfile.TemporaryDirectory(prefix="hilum-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    # The fonts that matplotlib found may stay: looking for them again takes each process seconds.
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ.setdefault("MPLCONFIGDIR", str(user_cache / "matplotlib"))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_ASSETS_CACHE", "HF_XET_CACHE", "HF_TOKEN"):
        os.environ.pop(name, None)
    for name in _CACHES:
        os.environ[name] = str(Path(folder.name) / name.lower())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    return _fail_if_skipped((yield))


def _fail_if_skipped(report):
    if _NONE_SKIPPED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"With HILUM_TEST_ALL a skipped test fails. {reason}"
    return report


@pytest.fixture(autouse=True)
def _own_caches(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("caches")
    for name in (*_CACHES, "HILUM_CACHE"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    for name in ("HILUM_WEIGHTS", "HILUM_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    yield
    shutil.rmtree(folder, ignore_errors=True)  # thousands of them would fill a small disk


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Makes a file or folder once for all workers: `made_once("name", lambda path: ...)`."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name, make):
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (root / name).exists():
                make(root / f"{name}.part")
                (root / f"{name}.part").rename(root / name)
        return root / name

    return made


@pytest.fixture(scope="session")
def shared_cache(made_once):
    """A cache for tests that share what is dear to compute; `use_shared_cache` makes a test use it."""
    return made_once("shared-cache", Path.mkdir)


@pytest.fixture
def use_shared_cache(shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))


@pytest.fixture(scope="session")
def phantom(made_once):
    """A folder of 48 synthetic slices and their table; not to be changed."""
    return made_once("phantom", lambda folder: hilum.write_phantom(folder, 48, 0))


@pytest.fixture(scope="session")
def phantom_table(phantom, shared_cache):
    with _prepared(shared_cache):
        return hilum.read_table(phantom, groups=phantom / "table.csv")  # so alike are phantoms that folds need ids


@pytest.fixture(scope="session")
def phantom_audit(phantom_table, shared_cache):
    with _prepared(shared_cache):
        return hilum.run_audit(phantom_table, negative="normal")


@pytest.fixture(scope="session")
def compared(phantom_table, phantom_audit, shared_cache):
    """A comparison of three models, of which the last cannot be had without a network."""
    with _prepared(shared_cache):
        return hilum.compare(phantom_table, ["cnn", "efficientnet_lite0", "vgg16"], cnn_epochs=2, audited=phantom_audit)


@pytest.fixture(scope="session")
def trained(phantom_table, phantom_audit, shared_cache):
    """What training gives, not yet saved."""
    with _prepared(shared_cache):
        return trained_on(
            phantom_table,
            "efficientnet_lite0",
            audited=phantom_audit,
            with_thumbnails=True,
            command="hilum train phantom",
        )


@pytest.fixture(scope="session")
def phantom_model(trained, made_once):
    """The folder of the trained model; not to be changed."""
    return made_once("phantom-model", lambda folder: saved(trained, folder))


@pytest.fixture(scope="session")
def exported(phantom_model, made_once, shared_cache):
    """The trained model as one file."""
    from hilum.model.artefact import load_model
    from hilum.model.export import onnx_bytes
    from hilum.model.weights import weights_of

    def export(path):
        with _prepared(shared_cache):
            model = load_model(phantom_model)
            path.write_bytes(onnx_bytes(model, weights_of(model, None)))

    return made_once("phantom-model.onnx", export)


@contextmanager
def _prepared(cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(cache))
        patch.setenv("HILUM_OFFLINE", "1")
        yield


@pytest.fixture(scope="session")
def chest_ctscan():
    """The real data set."""
    return _shared("data/chest-ctscan", "The public set of 1,000 chest CT slices", "train/, valid/ and test/")


@pytest.fixture(scope="session")
def iq_othnccd():
    """Real slices of another hospital."""
    return _shared("data/iq-othnccd-dev", "300 slices of another hospital", "benign/, malignant/ and normal/")


@pytest.fixture(scope="session")
def weights_folder():
    """Real weights."""
    return _shared("weights", "Pretrained weights", "TAG.safetensors files")


def _shared(name, what, content):
    folder = Path(os.environ.get("HILUM_SHARED") or _ROOT.parent / "shared") / name
    if not folder.is_dir():
        pytest.skip(f"{what} not found: put {content} in {folder}, or set HILUM_SHARED to a folder with {name} in it.")
    return folder


@pytest.fixture
def none_ahead():
    """Ends the processes that commands in this process started ahead and did not need."""
    for process in _AHEAD.values():
        process.communicate(timeout=60)
    _AHEAD.clear()


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait
