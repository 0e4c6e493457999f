"""Reading with an exported model: one ONNX file that holds the network, the head and all facts."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.model.facts import parse_facts
from hilum.model.reader import Reading
from hilum.model.seal import is_sealed
from hilum.text import spelt

METADATA = "hilum"  # the key of the facts in the file's metadata
_WANTED = ("probabilities", "outlier_score", "map", "neighbours", "distances")


class OnnxReader:
    """A `Reader` of an exported file.

    Args:
        path: As `hilum export` writes it.
        threads: Of ONNX Runtime; None leaves the number to it.

    Raises:
        HilumError: The file is missing or damaged, or no model of hilum.
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
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # Data beside the file could be anyone's: everything that hilum writes is inside it.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
        if threads:
            options.intra_op_num_threads = threads
        try:
            source = path if spelt(str(path)) == str(path) else path.read_bytes()  # it opens paths in UTF-8 alone
            self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
            metadata = self._session.get_modelmeta().custom_metadata_map
        except Exception as error:  # ONNX Runtime's errors have no common class of their own
            raise HilumError(f"{path} is no readable ONNX file. Export the model again.") from error
        self._path = path
        self.facts = parse_facts(metadata.get(METADATA, ""), str(path))
        outputs = {output.name for output in self._session.get_outputs()}
        inputs = {each.name: each.shape[1:] for each in self._session.get_inputs()}
        self._input = f"grey_{self.facts.size}"
        if inputs != {self._input: [1, self.facts.size, self.facts.size]} or not outputs >= set(_WANTED):
            raise HilumError(f"{path} has other inputs or outputs than hilum's models. Export the model again.")

    def read(self, greys: NDArray[np.float32]) -> Reading:
        """From grey levels `[n, size, size]` in `[0, 1]` to answers.

        Raises:
            HilumError: What the network gives does not fit what the file says of itself.
        """
        probabilities, scores, maps, places, distances = self._session.run(_WANTED, {self._input: greys[:, None]})
        n, classes, indexed = len(greys), len(self.facts.classes), len(self.facts.index)
        if (
            probabilities.shape != (n, classes)
            or scores.shape != (n,)
            or maps.ndim != 4
            or maps.shape[:2] != (n, classes)
            or places.shape != distances.shape
            or len(places) != n
            or not ((places >= 0) & (places < indexed)).all()
        ):  # a seal tells damage, not who made the file
            raise HilumError(f"{self._path} gives other answers than it says it would. Export the model again.")
        return Reading(probabilities, scores, maps, places.astype(np.intp), distances)
