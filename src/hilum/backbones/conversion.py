"""Networks as ONNX graphs, written by torch."""

import importlib
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn


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
