import os
import platform
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import torch

import hilum
from hilum.versions import versions


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    assert hilum.__version__ == project["version"]


def test_versions_are_those_that_run():
    found = versions()
    assert found["python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert torch.__version__.startswith(found["torch"])  # which may lack the build
    assert found["machine"].endswith(f", {os.cpu_count()} cores")


def test_a_package_that_is_not_installed_is_said_to_be(monkeypatch):
    def absent(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr("importlib.metadata.version", absent)
    assert versions()["timm"] == "not installed"


@pytest.mark.parametrize("package", ["hilum", "pillow", "timm", "onnxruntime", "scikit-learn"])
def test_packages_that_decide_a_figure_are_recorded(package):
    assert package in versions()
