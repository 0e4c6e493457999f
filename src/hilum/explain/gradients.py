"""Maps by methods of the pytorch-grad-cam library, which need the network itself in torch."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hilum.backbones.checkpoints import load_network
from hilum.backbones.facts import Backbone
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.explain.explanation import Mapper
from hilum.model.artefact import Tensors, load_model
from hilum.model.weights import weights_of
from hilum.progress import Tracker, silent

_BATCH = 16


class ScoreNetwork(nn.Module):
    """A frozen backbone with a trained head: from grey levels `[n, 1, size, size]` to logits `[n, classes]`."""

    def __init__(self, network: FeatureNetwork, tensors: Tensors) -> None:
        super().__init__()
        self.backbone = network
        self.register_buffer("weights", torch.from_numpy(tensors.weights))
        self.register_buffer("offsets", torch.from_numpy(tensors.offsets))
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> Tensor:
        """The logits, before calibration."""
        features: Tensor = self.backbone(grey)
        return features @ self.get_buffer("weights").T + self.get_buffer("offsets")


def gradient_mapper(folder: Path, weights: str | Path | None, method: str, track: Tracker = silent) -> Mapper:
    """Opens the network of a model folder for one of the library's methods.

    Args:
        folder: That `hilum train` wrote.
        weights: Folder with files `<tag>.safetensors`, for a model folder without bundled weights.
        method: One of `hilum.explain.explanation.METHODS` but `linear`.
        track: Shows progress.

    Raises:
        HilumError: The model or its weights cannot be had, or no layer of the backbone is known.
    """
    model = load_model(folder)
    row = backbone(model.facts.backbone.name)
    if row.cam_layer is None:
        raise HilumError(f"hilum knows no layer of {row.name} for {method}. Use --method linear.")
    found = weights_of(model, weights, track)
    body = load_network(row, found, model.facts.preparation.size, model.facts.backbone.seed)
    network = FeatureNetwork(row, body, model.facts.head.scales)
    return network_mapper(row, ScoreNetwork(network, model.tensors), method, track)


def network_mapper(row: Backbone, network: ScoreNetwork, method: str, track: Tracker = silent) -> Mapper:
    """Maps of a network, from the layer whose mean the last scale's features are, in `[0, 1]` on that layer's own grid.

    Grad-CAM (Selvaraju et al. 2017), also with each place's gradient kept apart (the library's GradCAMElementWise),
    Grad-CAM++ (Chattopadhyay et al. 2018), HiResCAM (Draelos and Carin 2020), Layer-CAM (Jiang et al. 2021), XGrad-CAM
    (Fu et al. 2020) and Score-CAM (Wang et al. 2020) of the logits. With average pooling and a linear head on
    one scale, Grad-CAM is the linear map without its negative part, up to scale (Selvaraju et al., section 3.1).
    """
    kind, target = _from_library(method)
    assert row.cam_layer is not None
    layer = network.backbone.body.get_submodule(row.cam_layer)
    passes = 1 + -(-row.width // _BATCH) if method == "scorecam" else 1

    def mapper(square: NDArray[np.float32], number: int) -> NDArray[np.float32]:
        # Gradients reach the layer only if the input asks for them: the network itself is frozen.
        grey = torch.from_numpy(square[None, None].copy()).requires_grad_(True)
        cam = kind(network, [layer])
        cam.batch_size = _BATCH
        cam.get_target_width_height = lambda _: None  # the map stays on the layer's grid
        with track(method, passes) as advance:
            counting = network.register_forward_hook(lambda *_: advance())
            try:
                values: NDArray[np.float32] = cam(grey, [target(number)])[0]
            finally:
                counting.remove()
                cam.activations_and_grads.release()
        return values

    return mapper


def _from_library(method: str) -> tuple[Callable[..., Any], Callable[[int], Any]]:
    """The class of a method, and what makes a target of a class's number."""
    import pytorch_grad_cam as library
    from pytorch_grad_cam import score_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    score_cam.tqdm = SimpleNamespace(tqdm=iter)  # progress is shown by `track`
    kinds = {name.lower(): kind for name, kind in vars(library).items()}  # named as the methods are
    return kinds[method.replace("++", "plusplus")], ClassifierOutputTarget
