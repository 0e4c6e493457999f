"""Gradient maps of the pytorch-grad-cam library, which need the network in torch."""

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
from hilum.backbones.zoo import backbone as backbone_named
from hilum.errors import HilumError
from hilum.explain.explanation import Mapper
from hilum.model.artefact import Tensors, load_model
from hilum.model.weights import weights_of
from hilum.progress import Tracker, silent

_BATCH = 16


class ScoreNetwork(nn.Module):
    """A frozen backbone with a trained head, from grey levels `[n, 1, size, size]` to logits `[n, classes]`."""

    def __init__(self, network: FeatureNetwork, tensors: Tensors) -> None:
        super().__init__()
        self.backbone = network
        self.register_buffer("weights", torch.from_numpy(tensors.weights))
        self.register_buffer("offsets", torch.from_numpy(tensors.offsets))
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> Tensor:
        """Computes logits, before calibration."""
        features: Tensor = self.backbone(grey)
        return features @ self.get_buffer("weights").T + self.get_buffer("offsets")


def gradient_mapper(folder: Path, weights: str | Path | None, method: str, track: Tracker = silent) -> Mapper:
    """Loads the network of a model folder and returns the mapper of a method.

    Args:
        folder: Model folder, written by `hilum train`.
        weights: Folder of `<tag>.safetensors` files, for a model without bundled weights.
        method: One of `hilum.explain.explanation.METHODS` except `linear`.
        track: Progress display.

    Raises:
        HilumError: The model or its weights are missing, or the layer of the backbone is unknown.
    """
    model = load_model(folder)
    backbone = backbone_named(model.facts.backbone.name)
    if backbone.cam_layer is None:
        raise HilumError(f"hilum knows no layer of {backbone.name} for {method}. Use --method linear.")
    found = weights_of(model, weights, track)
    body = load_network(backbone, found, model.facts.preparation.size, model.facts.backbone.seed)
    network = FeatureNetwork(backbone, body, model.facts.head.scales)
    return network_mapper(backbone, ScoreNetwork(network, model.tensors), method, track)


def network_mapper(backbone: Backbone, network: ScoreNetwork, method: str, track: Tracker = silent) -> Mapper:
    """The mapper of a network, for the layer whose mean gives the features of the last scale.

    Maps have values in `[0, 1]` on the grid of that layer. The methods are Grad-CAM (Selvaraju et al. 2017), its
    elementwise variant (GradCAMElementWise of the library), Grad-CAM++ (Chattopadhyay et al. 2018), HiResCAM (Draelos
    and Carin 2020), Layer-CAM (Jiang et al. 2021), XGrad-CAM (Fu et al. 2020) and Score-CAM (Wang et al. 2020), all of
    the logits. With average pooling and a linear head on one scale, Grad-CAM is the positive part of the linear map, up
    to scale (Selvaraju et al., section 3.1).
    """
    kind, target = _from_library(method)
    assert backbone.cam_layer is not None
    layer = network.backbone.body.get_submodule(backbone.cam_layer)
    passes = 1 + -(-backbone.width // _BATCH) if method == "scorecam" else 1

    def mapper(square: NDArray[np.float32], number: int) -> NDArray[np.float32]:
        # The network is frozen, so gradients reach the layer only if the input requires them.
        grey = torch.from_numpy(square[None, None].copy()).requires_grad_(True)
        cam = kind(network, [layer])
        cam.batch_size = _BATCH
        cam.get_target_width_height = lambda _: None  # keep the map on the grid of the layer
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
    """The class of a method in the library, and the target class for a class index."""
    import pytorch_grad_cam as library
    from pytorch_grad_cam import score_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    score_cam.tqdm = SimpleNamespace(tqdm=iter)  # `track` shows the progress
    kinds = {name.lower(): kind for name, kind in vars(library).items()}  # their names are those of the methods
    return kinds[method.replace("++", "plusplus")], ClassifierOutputTarget
