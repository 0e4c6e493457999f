"""A trained model that is ready to answer: one ONNX file with the network, the head and all facts."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.model.facts import parse_facts
from hilum.model.onnx_process import Network, Shapes
from hilum.model.onnx_worker import OUTPUTS
from hilum.model.seal import is_sealed
from hilum.outputs import OutputFile
from hilum.trust.outliers import NEIGHBOURS

METADATA = "hilum"  # the key of the facts in the file's metadata
_FLOAT, _WHOLE = "tensor(float)", "tensor(int64)"
_TYPES = {name: _WHOLE if name == "neighbours" else _FLOAT for name in OUTPUTS}


@dataclass(frozen=True)
class Reading:
    """A model's answers on n slices.

    Attributes:
        probabilities: Calibrated probabilities, float32 `[n, classes]`; rows sum to 1.
        outlier_scores: Distances from the training slices, float32 `[n]`; higher is less alike.
        maps: Class activation maps, float32 `[n, classes, h, w]`: contribution of each place to a class's score, by the
            method that `facts.head.map_method` names.
        neighbours: Nearest training slices as places in `facts.index`, `[n, k]`, nearest first.
        distances: Distances to the neighbours, float32 `[n, k]`, in the unit of the outlier score.
    """

    probabilities: NDArray[np.float32]
    outlier_scores: NDArray[np.float32]
    maps: NDArray[np.float32]
    neighbours: NDArray[np.intp]
    distances: NDArray[np.float32]


class Reader:
    """An exported file, whose network runs in another process (hilum.model.onnx_process).

    Args:
        path: File that `hilum export` wrote.
        threads: Number of ONNX Runtime threads; by default ONNX Runtime chooses.

    Attributes:
        facts: The model's record.
        place: Folder or file that was opened.
        weights: Folder of weights that was named for it.

    Raises:
        HilumError: The file is missing, damaged or not a hilum model, or it cannot answer within hilum's limits.
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
                f"{path} is not an intact hilum export: it is another kind of file, cut short or altered. "
                "Export the model again."
            )
        self.place = path
        self.weights: Path | None = None
        self._path, self._network = path, Network(path, threads)
        about = self._network.about
        self.facts = parse_facts(about["metadata"].get(METADATA, ""), str(path))
        size = self.facts.preparation.size
        outputs = {name: about["outputs"].get(name) for name in OUTPUTS}
        if about["inputs"] != [[f"grey_{size}", _FLOAT, [1, size, size]]] or outputs != _TYPES:
            raise HilumError(f"{path} does not have the inputs and outputs of a hilum model. Export the model again.")
        self._network.attempt(np.full((1, 1, size, size), 0.5, np.float32))

    def read(self, greys: NDArray[np.float32]) -> Reading:
        """Answers on slices with grey levels `[n, size, size]` in `[0, 1]`.

        Raises:
            HilumError: The network's outputs do not fit the facts in the file.
        """
        n, classes = len(greys), len(self.facts.classes)

        def check(shapes: Shapes) -> None:
            found = {name: tuple(shape) for name, (_, shape) in zip(OUTPUTS, shapes, strict=True)}
            if (
                found["probabilities"] != (n, classes)
                or found["outlier_score"] != (n,)
                or found["map"][:2] != (n, classes)
                or len(found["map"]) != 4
                or not all(0 < side <= self.facts.preparation.size for side in found["map"][2:])
                or found["neighbours"] != found["distances"]
                or len(found["neighbours"]) != 2
                or found["neighbours"][0] != n
                or not 0 < found["neighbours"][1] <= NEIGHBOURS
            ):
                raise self._unlike()

        probabilities, scores, maps, places, distances = self._network.run(greys[:, None], check)
        # Probabilities and scores that are not numbers are reported with their slice; maps and distances are not.
        numbers = np.isfinite(probabilities).all(1) & np.isfinite(scores)
        sums = probabilities[numbers].astype(np.float64).sum(1)
        if (
            not ((places >= 0) & (places < len(self.facts.index))).all()
            or not (np.isfinite(maps[numbers]).all() and np.isfinite(distances[numbers]).all())
            or (probabilities[numbers] < 0).any()
            or (abs(sums - 1) > 1e-3).any()
        ):  # the seal shows damage, not who made the file
            raise self._unlike()
        return Reading(probabilities, scores, maps, places.astype(np.intp), distances)

    def export(self, out: OutputFile) -> None:
        """Writes a copy of the file that it runs to an open output.

        Raises:
            HilumError: It cannot be written.
        """
        with out.writing() as made:
            shutil.copyfile(self._path, made)

    def _unlike(self) -> HilumError:
        return HilumError(f"{self._path} gives answers that do not fit its own record. Export the model again.")
