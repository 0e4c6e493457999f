"""What every test stands on: real data where it is, caches of its own, and the rule of `make test-all`."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

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


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """A cache for tests that share what is dear to compute: `monkeypatch.setenv("HILUM_CACHE", str(shared_cache))`."""
    return tmp_path_factory.mktemp("shared-cache")


@pytest.fixture(scope="session")
def chest_ctscan():
    """The real data set."""
    return _shared("data/chest-ctscan", "The public set of 1,000 chest CT slices", "train/, valid/ and test/")


@pytest.fixture(scope="session")
def weights_folder():
    """Real weights."""
    return _shared("weights", "Pretrained weights", "TAG.safetensors files")


def _shared(name, what, content):
    folder = Path(os.environ.get("HILUM_SHARED") or _ROOT.parent / "shared") / name
    if not folder.is_dir():
        pytest.skip(f"{what} not found: put {content} in {folder}, or set HILUM_SHARED to a folder with {name} in it.")
    return folder
