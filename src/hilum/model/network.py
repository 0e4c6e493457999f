"""The whole model as one network: from grey squares to probabilities, outlier score, map and nearest slices."""

import torch
from torch import Tensor, nn

from hilum.backbones.network import FeatureNetwork
from hilum.model.artefact import Tensors
from hilum.model.default_map import linear_map
from hilum.model.head import HeadNetwork
from hilum.model.onnx_worker import OUTPUTS as ANSWERS
from hilum.trust.outliers import NEIGHBOURS, network_score

OUTPUTS = ("features", *ANSWERS)


class AnswerNetwork(nn.Module):
    """A frozen backbone with a trained head, its calibration, its maps and its index of training features."""

    def __init__(self, backbone: FeatureNetwork, tensors: Tensors) -> None:
        super().__init__()
        self.backbone = backbone
        self._nearest = min(NEIGHBOURS, len(tensors.index))
        self.head = HeadNetwork(tensors.head)
        self.register_buffer("index", torch.from_numpy(tensors.index))
        self.register_buffer("temperature", torch.tensor(tensors.temperature, dtype=torch.float32))
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> tuple[Tensor, ...]:
        """Computes the arrays that `OUTPUTS` names from grey levels `[n, 1, size, size]` in `[0, 1]`.

        Returns:
            Features `[n, width]` that the head sees; calibrated probabilities `[n, classes]`; outlier scores `[n]`;
            class activation maps `[n, classes, h, w]`; places in the index and distances `[n, k]`, nearest first.
            Scores and distances are in the last scale's features, whatever the head sees.

            A map is the head's slope times what the features are the means of. For one linear scorer the mean over
            places and the offset add up to the logit (Zhou et al., Learning Deep Features for Discriminative
            Localization, 2016). For every other head the slope of a class's log odds is this slice's own (HiResCAM:
            Draelos and Carin, Use HiResCAM instead of Grad-CAM for faithful explanations, 2020).
        """
        every = self.backbone.maps(grey)
        maps = self.backbone.chosen(every)
        features, last = torch.cat([each.mean((2, 3)) for each in maps], 1), every[-1].mean((2, 3))
        index = self.get_buffer("index")
        probabilities = torch.softmax(self.head(features) / self.get_buffer("temperature"), 1)
        unit = last / last.norm(dim=1, keepdim=True).clamp_min(1e-12)
        # With the index on the left, it stands in an exported file only once.
        places = torch.topk((index @ unit.T).T, self._nearest, dim=1).indices
        # Computed from the vectors, because 1 - product loses its digits for near neighbours.
        distances = (index[places] - unit[:, None]).norm(dim=2)
        drawn = linear_map(maps, self.head.slopes(features))
        return features, probabilities, network_score(distances), drawn, places, distances
