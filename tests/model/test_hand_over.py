"""The commands of docs/hand-over.md for a machine that is cut off, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hilum.errors import install_hint

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def _run(command, folder, **environment):
    # No setting of pip's may bring packages from elsewhere on the side that is cut off.
    there = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PIP_FIND_LINKS")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-ec", command], cwd=folder, capture_output=True, text=True, check=False, timeout=600,
        env={**there, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment},
    )  # fmt: skip


def test_a_machine_that_is_cut_off_answers_the_same(exported, phantom, tmp_path):
    text = (ROOT / "docs" / "hand-over.md").read_text()
    connected, cut_off = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    repository = tmp_path / "repository"
    shutil.copytree(ROOT / "src", repository / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, repository)
    shutil.copy(exported, repository / "model.onnx")
    done = _run(connected, repository, **{name: os.environ[name] for name in ("PIP_FIND_LINKS",) if name in os.environ})
    assert done.returncode == 0, done.stderr
    there = shutil.move(repository / "handover", tmp_path / "there" / "handover")
    shutil.rmtree(repository)
    shutil.copytree(phantom / "test", there / "scans")

    whole = (there / "model.onnx").read_bytes()
    (there / "model.onnx").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    done = _run(cut_off, tmp_path / "there", PIP_CONFIG_FILE=os.devnull)
    assert (done.returncode, done.stdout) == (1, "model.onnx: FAILED\n")
    assert not (tmp_path / "there" / "hilum-env").exists()
    (there / "model.onnx").write_bytes(whole)

    done = _run(cut_off, tmp_path / "there", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 0, done.stderr
    here = _run(f"{sys.executable} -m hilum predict model.onnx scans", there, PYTHONPATH=str(ROOT / "src"))
    assert here.returncode == 0, here.stderr
    assert done.stdout == here.stdout
    assert len(done.stdout.splitlines()) > 5

    hint = re.search(r"or (pip install .*) beside its wheel", install_hint("dicom"))[1]
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "."}
    done = _run(f"../hilum-env/bin/pip uninstall -qy pyjpegls && ../hilum-env/bin/{hint}", there, **offline)
    assert done.returncode == 0, done.stderr
    done = _run("../hilum-env/bin/python -c 'import fastapi, jpeg_ls, pydicom, hilum; print(hilum.__file__)'", there)
    assert str(tmp_path) in done.stdout
    assert _run("../hilum-env/bin/python -c 'import torch'", there).returncode == 1
