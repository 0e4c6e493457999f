import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from hilum.backbones.conversion import write_onnx


class _Halves(nn.Module):
    """The mean of each picture, and half of it."""

    def forward(self, grey):
        mean = grey.mean((1, 2, 3))
        return mean, mean / 2


@pytest.mark.parametrize("fixed", [True, False])
def test_a_graph_answers_as_the_network_does_for_the_number_of_slices_that_it_takes(tmp_path, fixed):
    path = tmp_path / "network.onnx"
    write_onnx(_Halves(), 2, 8, path, "grey", ("whole", "half"), fixed=fixed)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_outputs()] == ["whole", "half"]
    greys = np.random.default_rng(0).random((3, 1, 8, 8), np.float32)
    for found, expected in zip(
        session.run(None, {"grey": greys[:2]}), _Halves()(torch.from_numpy(greys[:2])), strict=True
    ):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-6)
    if fixed:
        with pytest.raises(Exception, match="Got: 3 Expected: 2"):
            session.run(None, {"grey": greys})
    else:
        assert session.run(None, {"grey": greys})[0].shape == (3,)
