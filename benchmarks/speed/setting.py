"""What all parts share: the slices, the weights, folders to work in, and how much time is left."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import hilum
from speed.processes import ROOT, Ran, run, shown
from speed.processes import hilum as command

BACKBONES = ("efficientnet_lite0", "xception", "densenet169")
BACKBONE = "efficientnet_lite0"  # its weights come with a package
STUB = "timm:test_resnet.r160_in1k"  # at 32 pixels it costs next to nothing


@dataclass(frozen=True)
class Setting:
    """A run of the benchmark.

    Attributes:
        scratch: Folder for everything that is made on the way; phantoms in it are used again.
        data: Folder of slices.
        groups: Table of patients of a phantom.
        weights: Folder of weights; without it backbones run with random ones.
        keras: Python of the environment that holds Keras.
        runs: How often the short steps run.
        quick: Whether to try everything out on very little.
        end: When, by `time.monotonic`, no long step is repeated any more.
    """

    scratch: Path
    data: Path
    groups: Path | None
    weights: Path | None
    keras: Path
    runs: int
    quick: bool
    end: float

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.end - time.monotonic()

    @property
    def random(self) -> bool:
        """Whether backbones run with random weights."""
        return self.weights is None

    @property
    def slices(self) -> list[str]:
        """The slices, as words of a command."""
        return [str(self.data), *(["--groups", str(self.groups)] if self.groups else [])]

    @property
    def weighted(self) -> list[str]:
        """The weights, as words of a command."""
        return ["--weights", str(self.weights)] if self.weights else ["--random-weights"]

    def fresh(self, name: str, like: Path | None = None) -> Path:
        """An empty folder, or a copy of another one."""
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        if like:
            shutil.copytree(like, folder)
        else:
            folder.mkdir(parents=True)
        return folder

    def run(self, words: Sequence[str], cache: Path) -> Ran:
        """Runs a command with a cache of its own, and says what it took."""
        ran = run(words, {"HILUM_CACHE": str(cache)})
        took = f"{ran.seconds:7.1f} s, {ran.processor:7.1f} of the processor, {ran.peak:6,.0f} MB"
        print(f"{took}: {shown(words)}", file=sys.stderr, flush=True)
        return ran

    def model(self, name: str, *options: object) -> Path:
        """A model trained on a small phantom, made once and exported."""
        file, cache = self.scratch / f"{name}.onnx", self.scratch / "cache-models"
        if not file.exists():
            folder, slices = self.scratch / f"model-{name}", phantom(self.scratch, 100)
            words = command("train", slices, "--groups", slices / "table.csv", "--out", folder, "--overwrite", *options)
            self.run(words, cache)
            self.run(command("export", folder, "--out", file), cache)
        return file

    def stub(self) -> Path:
        """A model whose network costs next to nothing."""
        return self.model("stub", "--backbone", STUB, "--random-weights", "--size", 32)


def phantom(scratch: Path, count: int) -> Path:
    """A clean phantom with a number of slices, made once."""
    folder = scratch / f"phantom-{count}"
    if not folder.exists():
        hilum.write_phantom(folder, count, 0)
    return folder


def shared() -> Path:
    """The folder of real slices and weights that tests use too."""
    return Path(os.environ.get("HILUM_SHARED") or ROOT.parent / "shared")


def public_set(chosen: Path | None) -> Path | None:
    """The chosen folder or the public set, if it is there."""
    found = chosen or shared() / "data" / "chest-ctscan"
    return found if found.is_dir() else None
