"""A trained model that is ready to read: one ONNX file that holds the network, the head and all facts."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.model.facts import NEIGHBOURS, parse_facts
from hilum.model.onnx_process import Network, Shapes
from hilum.model.onnx_worker import OUTPUTS
from hilum.model.seal import is_sealed

METADATA = "hilum"  # the key of the facts in the file's metadata
_FLOAT, _WHOLE = "tensor(float)", "tensor(int64)"
_TYPES = {name: _WHOLE if name == "neighbours" else _FLOAT for name in OUTPUTS}


@dataclass(frozen=True)
class Reading:
    """What a model says of n slices.

    Attributes:
        probabilities: Calibrated, float32 `[n, classes]`; rows sum to 1.
        outlier_scores: float32 `[n]`; the higher, the less like the training slices.
        maps: Class activation maps, float32 `[n, classes, h, w]`: what each place adds to a class's logit.
        neighbours: The nearest training slices, places in `facts.index`, `[n, k]`, nearest first.
        distances: Theirs, float32 `[n, k]`, in the unit of the outlier score.
    """

    probabilities: NDArray[np.float32]
    outlier_scores: NDArray[np.float32]
    maps: NDArray[np.float32]
    neighbours: NDArray[np.intp]
    distances: NDArray[np.float32]


class Reader:
    """An exported file, whose network runs in another process (hilum.model.onnx_process).

    Args:
        path: As `hilum export` writes it.
        threads: Of ONNX Runtime; None leaves the number to it.

    Attributes:
        facts: What the model says of itself.

    Raises:
        HilumError: The file is missing or damaged, or no model of hilum, or it cannot answer within hilum's limits.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        if not path.is_file():
            raise HilumError(f"The model {path} does not exist. Give a model folder or an exported .onnx file.")
        try:
            whole = is_sealed(path)
        except OSError as error:
            raise HilumError(f"The model {path} cannot be read ({error.strerror}).") from error
        if not whole:
            raise HilumError(
                f"{path} is no whole file that hilum exported: it is of another kind, cut short or altered. "
                "Export the model again."
            )
        self._path, self._network = path, Network(path, threads)
        about = self._network.about
        self.facts = parse_facts(about["metadata"].get(METADATA, ""), str(path))
        size = self.facts.preparation.size
        outputs = {name: about["outputs"].get(name) for name in OUTPUTS}
        if about["inputs"] != [[f"grey_{size}", _FLOAT, [1, size, size]]] or outputs != _TYPES:
            raise HilumError(f"{path} has other inputs or outputs than hilum's models. Export the model again.")
        self._network.attempt(np.full((1, 1, size, size), 0.5, np.float32))

    def read(self, greys: NDArray[np.float32]) -> Reading:
        """From grey levels `[n, size, size]` in `[0, 1]` to answers.

        Raises:
            HilumError: What the network gives does not fit what the file says of itself.
        """
        n, classes = len(greys), len(self.facts.classes)

        def check(shapes: Shapes) -> None:
            of = {name: tuple(shape) for name, (_, shape) in zip(OUTPUTS, shapes, strict=True)}
            if (
                of["probabilities"] != (n, classes)
                or of["outlier_score"] != (n,)
                or of["map"][:2] != (n, classes)
                or len(of["map"]) != 4
                or not all(0 < side <= self.facts.preparation.size for side in of["map"][2:])
                or of["neighbours"] != of["distances"]
                or len(of["neighbours"]) != 2
                or of["neighbours"][0] != n
                or not 0 < of["neighbours"][1] <= NEIGHBOURS
            ):
                raise self._unlike()

        probabilities, scores, maps, places, distances = self._network.run(greys[:, None], check)
        # An answer that is not a number is reported with its slice; for a map or a distance there is no such place.
        numbers = np.isfinite(probabilities).all(1) & np.isfinite(scores)
        sums = probabilities[numbers].astype(np.float64).sum(1)
        if (
            not ((places >= 0) & (places < len(self.facts.index))).all()
            or not (np.isfinite(maps[numbers]).all() and np.isfinite(distances[numbers]).all())
            or (probabilities[numbers] < 0).any()
            or (abs(sums - 1) > 1e-3).any()
        ):  # a seal tells damage, not who made the file
            raise self._unlike()
        return Reading(probabilities, scores, maps, places.astype(np.intp), distances)

    def _unlike(self) -> HilumError:
        return HilumError(f"{self._path} gives other answers than it says it would. Export the model again.")
