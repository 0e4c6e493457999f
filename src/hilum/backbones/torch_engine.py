"""The engine that runs frozen networks in torch, on a GPU."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from hilum.backbones.network import FeatureNetwork
from hilum.errors import HilumError
from hilum.text import first_sentence


class TorchEngine:
    """A network in torch; see `hilum.backbones.engine.Engine`.

    Args:
        network: The network, which only the engine keeps.
        cuda: Whether it runs on the GPU.
    """

    batch = 16  # pictures that a GPU needs to be busy

    def __init__(self, network: FeatureNetwork, cuda: bool) -> None:
        self._device, self._lock = torch.device("cuda" if cuda else "cpu"), threading.Lock()
        with gpu_errors_said(self._device):
            self._network = network.to(self._device).to(memory_format=torch.channels_last)

    def run(self, greys: NDArray[np.float32]) -> NDArray[np.float32]:
        """From grey levels `[n, 1, size, size]` to features `[n, width]`; threads take turns.

        Raises:
            HilumError: The GPU cannot run the network.
        """
        whole = -(-len(greys) // self.batch) * self.batch
        padded = np.pad(greys, [(0, whole - len(greys)), (0, 0), (0, 0), (0, 0)])
        with self._lock, torch.inference_mode(), _full_precision(), gpu_errors_said(self._device):
            parts = [self._network(part.to(self._device)) for part in torch.split(torch.from_numpy(padded), self.batch)]
            features: NDArray[np.float32] = torch.cat(parts)[: len(greys)].cpu().numpy()
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
