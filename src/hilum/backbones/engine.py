"""Engines that run the frozen networks: ONNX Runtime on a CPU, torch on a GPU."""

import importlib
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from hilum.backbones.network import FeatureNetwork
from hilum.errors import HilumError
from hilum.options import kind_of_engine
from hilum.text import first_sentence

BATCH = 16  # fixed: convolutions then absorb the padding, and the features of a slice do not depend on its neighbours


class Engine(Protocol):
    """An engine that runs one network."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """From grey levels `[BATCH, 1, size, size]` to features `[BATCH, width]`.

        Raises:
            HilumError: The GPU cannot run the network.
        """
        ...


def engine_name(choice: str) -> str:
    """The name of the engine that a choice stands for on this machine, with its version and device.

    Args:
        choice: `auto`, `onnxruntime` or `torch`, or a name that this function returned.

    Raises:
        HilumError: There is no such engine.
    """
    kind, cuda = kind_of_engine(choice), torch.cuda.is_available()
    if kind == "torch" or (kind == "auto" and cuda):
        return f"torch {torch.__version__} {'cuda' if cuda else 'cpu'}"
    return f"onnxruntime {onnxruntime.__version__} cpu"


def start_engine(name: str, build: Callable[[], FeatureNetwork], size: int) -> Engine:
    """Starts an engine with a network.

    Args:
        name: Name of the engine, from `engine_name`.
        build: Function that makes the network. It is called once, and only the engine keeps the network.
        size: Side of the input in pixels.
    """
    return _Torch(build(), name.endswith("cuda")) if name.startswith("torch") else _OnnxRuntime(build, size)


class _Torch:
    def __init__(self, network: FeatureNetwork, cuda: bool) -> None:
        self._device = torch.device("cuda" if cuda else "cpu")
        with gpu_errors_said(self._device):
            self._network = network.to(self._device).to(memory_format=torch.channels_last)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode(), _full_precision(), gpu_errors_said(self._device):
            features: NDArray[np.float32] = self._network(torch.from_numpy(batch).to(self._device)).cpu().numpy()
            return features


@contextmanager
def _full_precision() -> Iterator[None]:
    """Keeps a GPU from rounding products to TF32, which torch allows in convolutions by default."""
    settings = (torch.backends.cudnn.conv, torch.backends.cuda.matmul)  # type: ignore[attr-defined]
    before = [setting.fp32_precision for setting in settings]
    try:
        for setting in settings:
            setting.fp32_precision = "ieee"
        yield
    finally:
        for setting, precision in zip(settings, before, strict=True):
            setting.fp32_precision = precision


@contextmanager
def gpu_errors_said(device: torch.device) -> Iterator[None]:
    """Turns the errors of a GPU that is too small, too old or in use into advice.

    Raises:
        HilumError: torch could not run the block on the GPU.
    """
    try:
        yield
    except RuntimeError as error:
        if device.type == "cpu":
            raise
        raise HilumError(
            f"The GPU cannot run this network ({first_sentence(error)}). Free its memory, or set the "
            "environment variable CUDA_VISIBLE_DEVICES to an empty text to run on the CPU."
        ) from error


class _OnnxRuntime:
    def __init__(self, build: Callable[[], FeatureNetwork], size: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.onnx"
            # A file, not memory: torch's copy is gone before the session makes its own.
            write_onnx(build(), BATCH, size, path, "grey", ("features",))
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        features: NDArray[np.float32] = self._session.run(None, {"grey": batch})[0]
        return features


def write_onnx(
    network: nn.Module, batch: int, size: int, path: Path, name: str, outputs: Sequence[str], *, fixed: bool = True
) -> None:
    """Writes a network as an ONNX file.

    Args:
        network: Network from grey levels `[batch, 1, size, size]` to the outputs.
        batch: Number of slices.
        size: Side of the input in pixels.
        path: File to write.
        name: Name of the input.
        outputs: Names of the outputs.
        fixed: Whether the model takes exactly `batch` slices; otherwise it takes any number.
    """
    importlib.import_module("onnx")  # torch needs it, but its own error would not say so clearly
    with warnings.catch_warnings():
        # The older exporter takes 1 s instead of 10, and its graph runs as fast.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(batch, 1, size, size),),
            str(path),
            input_names=[name],
            output_names=list(outputs),
            dynamic_axes=None if fixed else {each: {0: "slices"} for each in (name, *outputs)},
            dynamo=False,
        )
