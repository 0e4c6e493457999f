"""The torch engine: full precision, and advice where a GPU fails."""

import numpy as np
import pytest
import torch

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import engine_name, start_engine
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.torch_engine import gpu_errors_said
from hilum.backbones.weights import RANDOM
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError


def test_torch_rounds_to_nothing_coarser_and_leaves_a_programs_own_setting():
    row = backbone("timm:resnet10t")
    seen = []

    class Watched(FeatureNetwork):
        def forward(self, grey):
            seen.append((torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision))
            return super().forward(grey)

    engine = start_engine(engine_name("torch"), lambda: Watched(row, load_network(row, RANDOM, 64)), 64)
    before = torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    try:
        engine.run(np.zeros((1, 1, 64, 64), np.float32))
        after = torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    finally:
        torch.backends.cuda.matmul.fp32_precision = before[1]
    assert seen == [("ieee", "ieee")]
    assert after == (before[0], "tf32")


def test_a_gpu_that_fails_is_said_with_the_way_round_it():
    with (
        pytest.raises(HilumError, match=r"GPU cannot run this network \(out of memory\).*CUDA_VISIBLE_DEVICES"),
        gpu_errors_said(torch.device("cuda")),
    ):
        raise torch.OutOfMemoryError(
            "out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.18 GiB."
        )
    with pytest.raises(RuntimeError, match="a fault of hilum"), gpu_errors_said(torch.device("cpu")):
        raise RuntimeError("a fault of hilum")
