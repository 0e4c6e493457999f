"""A trained head as a torch module, which exports to ONNX: logits, and what each feature adds to them."""

from typing import Any

import torch
from torch import Tensor, nn

from hilum.heads.questions import HeadArrays, Kernel, Linear, Question, Scorer

_LEAST = 1e-12  # length below which a row is a row of zeros


class HeadNetwork(nn.Module):
    """A trained head, from features `[n, width]` to logits `[n, classes]` whose softmax gives the probabilities.

    Attributes:
        linear: Weights `[classes, width]` of a head that is one linear scorer; otherwise None.
    """

    linear: Tensor | None
    _questions: Any  # a list of `_QuestionNetwork`

    def __init__(self, head: HeadArrays) -> None:
        super().__init__()
        one = head.linear
        asked = () if one else head.questions
        self._questions = nn.ModuleList(_QuestionNetwork(question, head.classes) for question in asked)
        self.register_buffer("linear", torch.from_numpy(one.weights) if one else None)
        self.register_buffer("offsets", torch.from_numpy(one.offsets) if one else None)
        self.register_buffer("own", torch.eye(head.classes, dtype=torch.float64))
        self.register_buffer("others", torch.log(1 - self.get_buffer("own")))  # 0, and minus infinity for itself

    def forward(self, features: Tensor) -> Tensor:
        """Logits: those of the one linear scorer, or the logarithms of the probabilities of the classes."""
        if self.linear is not None:
            return self._logits(features, self.linear)
        return self._log_probabilities(features).float()

    def scores(self, features: Tensor) -> Tensor:
        """What a map explains, `[n, classes]`: the logits of one linear scorer, otherwise each class's log odds."""
        if self.linear is not None:
            return self._logits(features, self.linear)
        logs = self._log_probabilities(features)
        return (logs - torch.logsumexp(logs[:, None] + self.get_buffer("others"), 2)).float()

    def slopes(self, features: Tensor) -> Tensor:
        """Derivatives of `scores` by the features, `[n, classes, width]`, or `[classes, width]` if they are constant.

        They are written out, because an exported graph has no automatic differentiation.
        """
        if self.linear is not None:
            return self.linear
        # The log odds of a class are its logarithm without the others', each weighted by its share among them.
        shares = torch.softmax(self._log_probabilities(features)[:, None] + self.get_buffer("others"), 2)
        weights = self.get_buffer("own") - shares
        slopes = [question.slopes(features.double(), weights) for question in self._questions]
        return torch.stack(slopes).sum(0).float()

    def _logits(self, features: Tensor, weights: Tensor) -> Tensor:
        return features @ weights.T + self.get_buffer("offsets")

    def _log_probabilities(self, features: Tensor) -> Tensor:
        logs = [question(features.double()) @ question.get_buffer("answers") for question in self._questions]
        return torch.stack(logs).sum(0)


class _QuestionNetwork(nn.Module):
    """A question, from features `[n, width]` to the logarithms of the probabilities of its answers `[n, answers]`."""

    _scorers: Any  # a list of `_LinearNetwork` and `_KernelNetwork`

    def __init__(self, question: Question, classes: int) -> None:
        super().__init__()
        self._scorers = nn.ModuleList(_scorer_network(scorer) for scorer in question.scorers)
        inside = [[float(number in answer) for number in range(classes)] for answer in question.answers]
        self.register_buffer("answers", torch.tensor(inside, dtype=torch.float64))

    def forward(self, features: Tensor) -> Tensor:
        return torch.logsumexp(self._said(features), 0)

    def slopes(self, features: Tensor, weights: Tensor) -> Tensor:
        """Derivatives of weighted sums of the classes' logarithms, `[n, sums, width]`.

        Args:
            features: Features, `[n, width]`.
            weights: Weight of each class in each sum, `[n, sums, classes]`.
        """
        said = self._said(features)
        # A scorer counts in an answer by its share of the answer's probability.
        counts = torch.softmax(said, 0)
        asked = weights @ self.get_buffer("answers").T
        total = torch.zeros(1, dtype=torch.float64)
        for scorer, logs, count in zip(self._scorers, said, counts, strict=True):
            own = asked * count[:, None]
            pulled = own - own.sum(2, keepdim=True) * torch.softmax(logs, 1)[:, None]
            total = total + scorer.slopes(features, pulled)
        return total

    def _said(self, features: Tensor) -> Tensor:
        """Logarithms of the shares of the mean that the scorers give to the answers, `[scorers, n, answers]`."""
        logs = torch.stack([torch.log_softmax(scorer(features), 1) for scorer in self._scorers])
        return logs - torch.log(torch.tensor(float(len(self._scorers)), dtype=torch.float64))


class _LinearNetwork(nn.Module):
    """`Linear` of `hilum.heads.questions`."""

    def __init__(self, scorer: Linear) -> None:
        super().__init__()
        self.register_buffer("weights", torch.from_numpy(scorer.weights))
        self.register_buffer("offsets", torch.from_numpy(scorer.offsets))

    def forward(self, features: Tensor) -> Tensor:
        return features @ self.get_buffer("weights").double().T + self.get_buffer("offsets")

    def slopes(self, features: Tensor, weights: Tensor) -> Tensor:
        """Derivatives of sums of the logits, weighted by `[n, sums, answers]`: `[n, sums, width]`."""
        del features
        return weights @ self.get_buffer("weights").double()


class _KernelNetwork(nn.Module):
    """`Kernel` of `hilum.heads.questions`."""

    def __init__(self, scorer: Kernel) -> None:
        super().__init__()
        self._spread, self._gamma = scorer.spread, scorer.gamma
        for name in ("centre", "rows", "weights", "offsets"):
            self.register_buffer(name, torch.from_numpy(getattr(scorer, name)))
        self.register_buffer("squares", self.get_buffer("rows").double().square().sum(1))

    def forward(self, features: Tensor) -> Tensor:
        likeness = self._likeness(self._prepared(features))
        return likeness @ self.get_buffer("weights").double().T + self.get_buffer("offsets")

    def slopes(self, features: Tensor, weights: Tensor) -> Tensor:
        """Derivatives of sums of the logits, weighted by `[n, sums, answers]`: `[n, sums, width]`."""
        values = self._prepared(features)
        pulls = (weights @ self.get_buffer("weights").double()) * self._likeness(values)[:, None]
        towards = (pulls.float() @ self.get_buffer("rows")).double() - pulls.sum(2, keepdim=True) * values[:, None]
        towards = towards * (2 * self._gamma / self._spread)
        length = self._length(features)[:, None]
        unit = features[:, None] / length
        return (towards - (towards * unit).sum(2, keepdim=True) * unit) / length  # a slice's length counts for nothing

    def _likeness(self, values: Tensor) -> Tensor:
        # The one large product is in single precision, with the rows on the left: they stand once in an exported file.
        products = (self.get_buffer("rows") @ values.float().T).T.double()
        squares = (values * values).sum(1, keepdim=True) + self.get_buffer("squares") - 2 * products
        return torch.exp(-self._gamma * squares.clamp_min(0))

    def _prepared(self, features: Tensor) -> Tensor:
        return (features / self._length(features) - self.get_buffer("centre")) / self._spread

    def _length(self, features: Tensor) -> Tensor:
        return (features * features).sum(1, keepdim=True).sqrt().clamp_min(_LEAST)


def _scorer_network(scorer: Scorer) -> nn.Module:
    return _KernelNetwork(scorer) if isinstance(scorer, Kernel) else _LinearNetwork(scorer)
