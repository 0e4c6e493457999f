"""A trained head as arrays: the questions it asks, and the scorers that answer them. Needs NumPy alone.

Every head is a tuple of questions. A logistic head asks one question (which class?) of one linear scorer; a head that
averages a linear and a kernel machine asks the same question of both; a hierarchical head asks two questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_LEAST = 1e-12  # length below which a row is a row of zeros


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear scorer.

    Attributes:
        weights: Weights on the features as the backbone gives them, float32 `[answers, width]`.
        offsets: Offsets, float32 `[answers]`.
    """

    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]

    def scores(self, features: NDArray[np.floating]) -> _Floats:
        """Logits of the answers, `[n, answers]`, of features `[n, width]`."""
        logits: _Floats = features.astype(np.float64) @ self.weights.T + self.offsets
        return logits


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel machine with a radial basis function on rows of unit length.

    A row of features is divided by its Euclidean length, `centre` is taken off, and the rest is divided by `spread`.

    Attributes:
        centre: Mean of the training rows of unit length, float32 `[width]`.
        spread: Root of the mean squared length of the centred training rows.
        gamma: Width of the kernel `exp(-gamma * squared distance)`, above 0.
        rows: Prepared rows of the training slices, float32 `[m, width]`.
        weights: Weights of the training rows, float32 `[answers, m]`.
        offsets: Offsets, float32 `[answers]`.
    """

    centre: NDArray[np.float32]
    spread: float
    gamma: float
    rows: NDArray[np.float32]
    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]

    def prepared(self, features: NDArray[np.floating]) -> _Floats:
        """Features `[n, width]` as the kernel compares them, `[n, width]`."""
        values = features.astype(np.float64)
        unit = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), _LEAST)
        prepared: _Floats = (unit - self.centre) / self.spread
        return prepared

    def similarities(self, features: NDArray[np.floating]) -> _Floats:
        """The kernel between features `[n, width]` and the training rows, `[n, m]`."""
        values, rows = self.prepared(features), self.rows.astype(np.float64)
        squares = np.square(values).sum(1)[:, None] + np.square(rows).sum(1) - 2 * values @ rows.T
        similarities: _Floats = np.exp(-self.gamma * np.maximum(squares, 0))
        return similarities

    def scores(self, features: NDArray[np.floating]) -> _Floats:
        """Logits of the answers, `[n, answers]`, of features `[n, width]`."""
        logits: _Floats = self.similarities(features) @ self.weights.T + self.offsets
        return logits


Scorer = Linear | Kernel


@dataclass(frozen=True, eq=False)
class Question:
    """A question about a slice, whose answer is the mean of what the scorers say.

    Attributes:
        answers: Numbers of the classes that each answer stands for. A class in no answer is not asked about.
        scorers: What gives logits of the answers; their probabilities are averaged.
    """

    answers: tuple[tuple[int, ...], ...]
    scorers: tuple[Scorer, ...]

    def log_probabilities(self, features: NDArray[np.floating]) -> _Floats:
        """Logarithms of the probabilities of the answers, `[n, answers]`, of features `[n, width]`."""
        parts = [_log_softmax(scorer.scores(features)) for scorer in self.scorers]
        mean: _Floats = np.logaddexp.reduce(parts, axis=0) - np.log(len(parts))
        return mean


@dataclass(frozen=True, eq=False)
class HeadArrays:
    """A trained head.

    Attributes:
        classes: Number of classes.
        questions: Questions; the probability of a class is the product of those of the answers that it lies in.
    """

    classes: int
    questions: tuple[Question, ...]

    @property
    def linear(self) -> Linear | None:
        """The one linear scorer that says it all, which has a linear map; None if the head is anything else."""
        scorers = [scorer for question in self.questions for scorer in question.scorers]
        return scorers[0] if len(scorers) == 1 and isinstance(scorers[0], Linear) else None

    def logits(self, features: NDArray[np.floating]) -> _Floats:
        """Logarithms of the probabilities of the classes, `[n, classes]`, of features `[n, width]`."""
        total = np.zeros((len(features), self.classes))
        for question in self.questions:
            said = question.log_probabilities(features)
            for answer, classes in enumerate(question.answers):
                total[:, list(classes)] += said[:, [answer]]
        return total

    def as_tensors(self) -> dict[str, NDArray[Any]]:
        """The arrays by name, from which `of_tensors` makes the head again."""
        named: dict[str, NDArray[Any]] = {}
        for number, question in enumerate(self.questions):
            inside = np.zeros((len(question.answers), self.classes), np.uint8)
            for answer, classes in enumerate(question.answers):
                inside[answer, list(classes)] = 1
            named[f"head.{number}.answers"] = inside
            for place, scorer in enumerate(question.scorers):
                for field, value in vars(scorer).items():
                    named[f"head.{number}.{place}.{field}"] = np.asarray(value)
        return named

    @classmethod
    def of_tensors(cls, named: Mapping[str, NDArray[Any]]) -> "HeadArrays":
        """The head of `as_tensors`; or of `head.weights` and `head.offsets`, as models were written at first.

        Raises:
            KeyError: An array is missing.
        """
        if "head.weights" in named:
            return one_question((Linear(named["head.weights"], named["head.offsets"]),))
        count = 1 + max(int(name.split(".")[1]) for name in named if name.startswith("head."))
        questions = tuple(_question(named, number) for number in range(count))
        return cls(named["head.0.answers"].shape[1], questions)


def one_question(scorers: tuple[Scorer, ...]) -> HeadArrays:
    """A head that asks one question, which class it is, of some scorers."""
    classes = len(scorers[0].offsets)
    return HeadArrays(classes, (Question(tuple((number,) for number in range(classes)), scorers),))


def _question(named: Mapping[str, NDArray[Any]], number: int) -> Question:
    answers = tuple(tuple(np.flatnonzero(line).tolist()) for line in named[f"head.{number}.answers"])
    parts = [name.split(".") for name in named if name.startswith(f"head.{number}.")]
    scorers = []
    for place in range(len({part[2] for part in parts if part[2] != "answers"})):
        fields: dict[str, Any] = {part[3]: named[".".join(part)] for part in parts if part[2] == str(place)}
        numbers = {name: float(value) for name, value in fields.items() if not value.ndim}
        scorers.append((Kernel if "gamma" in fields else Linear)(**{**fields, **numbers}))
    return Question(answers, tuple(scorers))


def _log_softmax(logits: _Floats) -> _Floats:
    shifted = logits - logits.max(1, keepdims=True)
    logs: _Floats = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return logs
