"""The whole model as one network: from grey squares to probabilities, outlier score, map and nearest slices."""

import torch
from torch import Tensor, nn

from hilum.backbones.network import FeatureNetwork
from hilum.model.artefact import Tensors
from hilum.model.default_map import linear_map
from hilum.model.onnx_worker import OUTPUTS as ANSWERS
from hilum.trust.outliers import NEIGHBOURS, network_score

OUTPUTS = ("features", *ANSWERS)


class AnswerNetwork(nn.Module):
    """A frozen backbone with a trained head, its calibration, its maps and its index of training features."""

    def __init__(self, backbone: FeatureNetwork, tensors: Tensors) -> None:
        super().__init__()
        self.backbone = backbone
        self._nearest = min(NEIGHBOURS, len(tensors.index))
        for name in ("weights", "offsets", "index"):
            self.register_buffer(name, torch.from_numpy(getattr(tensors, name)))
        self.register_buffer("temperature", torch.tensor(tensors.temperature, dtype=torch.float32))
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> tuple[Tensor, ...]:
        """Computes the arrays that `OUTPUTS` names from grey levels `[n, 1, size, size]` in `[0, 1]`.

        Returns:
            Features `[n, width]`; calibrated probabilities `[n, classes]`; outlier scores `[n]`; class activation maps
            `[n, classes, h, w]`, whose mean over places and the offset add up to the logit (Zhou et al., Learning Deep
            Features for Discriminative Localization, 2016); places in the index and distances `[n, k]`, nearest first.
            Scores and distances are in the last scale's features.
        """
        every = self.backbone.maps(grey)
        maps = self.backbone.chosen(every)
        features, last = torch.cat([each.mean((2, 3)) for each in maps], 1), every[-1].mean((2, 3))
        weights, index = self.get_buffer("weights"), self.get_buffer("index")
        logits = features @ weights.T + self.get_buffer("offsets")
        probabilities = torch.softmax(logits / self.get_buffer("temperature"), 1)
        unit = last / last.norm(dim=1, keepdim=True).clamp_min(1e-12)
        places = torch.topk(unit @ index.T, self._nearest, dim=1).indices
        # Computed from the vectors, because 1 - product loses its digits for near neighbours.
        distances = (index[places] - unit[:, None]).norm(dim=2)
        return features, probabilities, network_score(distances), linear_map(maps, weights), places, distances
