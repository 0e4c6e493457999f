"""Engines that run the frozen networks: ONNX Runtime on a CPU, torch on a GPU."""

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hilum.options import kind_of_engine
from hilum.storage import Shards

if TYPE_CHECKING:
    from hilum.backbones.network import FeatureNetwork

THREADS = min(4, os.cpu_count() or 1)  # that read slices and run the network; more would take more memory


class Engine(Protocol):
    """An engine that runs one network, for several threads at once.

    Pictures go through the network in batches of a fixed size, so the features of a slice do not depend on its
    neighbours.

    Attributes:
        batch: Number of pictures in a batch.
    """

    batch: int

    def run(self, greys: NDArray[np.float32]) -> NDArray[np.float32]:
        """From grey levels `[n, 1, size, size]` to features `[n, width]`.

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
    kind = kind_of_engine(choice)
    if kind == "torch" or (kind == "auto" and _has_gpu_driver()):
        import torch  # takes seconds, so machines without a GPU are spared it

        cuda = torch.cuda.is_available()
        if kind == "torch" or cuda:
            return f"torch {torch.__version__} {'cuda' if cuda else 'cpu'}"
    return f"onnxruntime {onnxruntime.__version__} cpu"


def start_engine(name: str, build: Callable[[], "FeatureNetwork"], size: int, graphs: Shards | None = None) -> Engine:
    """Starts an engine with a network.

    Args:
        name: Name of the engine, from `engine_name`.
        build: Function that makes the network. It is called once at most, and only the engine keeps the network.
        size: Side of the input in pixels.
        graphs: Place in the cache for the network as an ONNX graph, which then needs neither `build` nor torch again.

    Raises:
        HilumError: The cache cannot be written, or `build` raises it.
    """
    if not name.startswith("torch"):
        return _OnnxRuntime(build, size, graphs)
    from hilum.backbones.torch_engine import TorchEngine

    return TorchEngine(build(), name.endswith("cuda"))


def _has_gpu_driver() -> bool:
    if os.path.exists("/dev/kfd"):  # noqa: PTH110 - AMD's, which torch calls CUDA too
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


class _OnnxRuntime:
    batch = 1  # more no longer fit into the processor's caches: EfficientNet-Lite0 then takes 15 % longer

    def __init__(self, build: "Callable[[], FeatureNetwork]", size: int, graphs: Shards | None) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Each of the threads runs a picture of its own, which wastes less than working on one picture together would;
        # processors beyond them help all of them.
        options.intra_op_num_threads = (os.cpu_count() or 1) - THREADS + 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # it would keep decoders from working
        with ExitStack() as stack:
            path = next(graphs.paths(), None) if graphs else None
            if path is None:
                from hilum.backbones.conversion import write_onnx

                # A file, not memory: torch's copy is gone before the session makes its own.
                path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "network.onnx"
                write_onnx(build(), self.batch, size, path, "grey", ("features",))
                if graphs:
                    graphs.append(path.read_bytes())
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(self, greys: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([self._session.run(None, {"grey": grey[None]})[0] for grey in greys])
