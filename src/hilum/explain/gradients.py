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
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.zoo import backbone as backbone_named
from hilum.explain.explanation import Mapper
from hilum.model.artefact import Tensors, load_model
from hilum.model.head import HeadNetwork
from hilum.model.weights import weights_of
from hilum.progress import Tracker, silent

_BATCH = 16


class ScoreNetwork(nn.Module):
    """A frozen backbone with a trained head, from grey levels `[n, 1, size, size]` to scores `[n, classes]`.

    Attributes:
        seen: Layer without work of its own, through which the coarsest maps that the head sees pass: those of the last
            scale, or of the earlier one if the head sees nothing else.
    """

    def __init__(self, network: FeatureNetwork, tensors: Tensors) -> None:
        super().__init__()
        self.backbone, self.seen = network, nn.Identity()
        self.head = HeadNetwork(tensors.head)
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> Tensor:
        """Computes logits of one linear scorer, or log odds, before calibration."""
        *finer, coarsest = self.backbone.chosen(self.backbone.maps(grey))
        features = [maps.mean((2, 3)) for maps in (*finer, self.seen(coarsest))]
        return self.head.scores(torch.cat(features, 1))


def gradient_mapper(folder: Path, weights: str | Path | None, method: str, track: Tracker = silent) -> Mapper:
    """Loads the network of a model folder and returns the mapper of a method.

    Args:
        folder: Model folder, written by `hilum train`.
        weights: Folder of `<tag>.safetensors` files, for a model without bundled weights.
        method: One of `hilum.explain.methods.METHODS` except `linear`.
        track: Progress display.

    Raises:
        HilumError: The model or its weights are missing.
    """
    model = load_model(folder)
    backbone = backbone_named(model.facts.backbone.name)
    found = weights_of(model, weights, track)
    body = load_network(backbone, found, model.facts.preparation.size, model.facts.backbone.seed)
    network = FeatureNetwork(backbone, body, model.facts.head.scales)
    return network_mapper(ScoreNetwork(network, model.tensors), method, track)


def network_mapper(network: ScoreNetwork, method: str, track: Tracker = silent) -> Mapper:
    """The mapper of a network, for the maps that pass `ScoreNetwork.seen`.

    Its maps have values in `[0, 1]` on their grid. The methods are Grad-CAM (Selvaraju et al. 2017), its
    elementwise variant (GradCAMElementWise of the library), Grad-CAM++ (Chattopadhyay et al. 2018), HiResCAM (Draelos
    and Carin 2020), Layer-CAM (Jiang et al. 2021), XGrad-CAM (Fu et al. 2020) and Score-CAM (Wang et al. 2020), all of
    the scores. With average pooling and a linear head on one scale, Grad-CAM is the positive part of the linear map, up
    to scale (Selvaraju et al., section 3.1).
    """
    kind, target = _from_library(method)

    def mapper(square: NDArray[np.float32], number: int) -> NDArray[np.float32]:
        # The network is frozen, so gradients reach the layer only if the input requires them.
        grey = torch.from_numpy(square[None, None].copy()).requires_grad_(True)
        cam, passes = kind(network, [network.seen]), 1
        cam.batch_size = _BATCH
        cam.get_target_width_height = lambda _: None  # keep the map on the grid of the layer
        if method == "scorecam":  # a pass for each channel
            channels = network.backbone.chosen(network.backbone.maps(grey))[-1].shape[1]
            passes += -(-channels // _BATCH)
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
