"""A whole explanation: from a file to its picture. `hilum explain` starts here."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hilum import html
from hilum.explain.explanation import Explained, explain, frame_of
from hilum.explain.methods import check_method, default_method, method_of
from hilum.explain.neighbours import Shown, check_training_folder, shown
from hilum.explain.picture import draw
from hilum.model.reader import Reader
from hilum.predict.inputs import Input
from hilum.progress import Tracker, silent
from hilum.report.words import readable, warnings_of
from hilum.slices.windows import check_window
from hilum.trust.abstention import Limits

_WIDTH = 900  # pixels in a notebook


@dataclass(frozen=True, kw_only=True, repr=False)
class Explanation(Explained):
    """A prediction on one slice with its explanation, which a notebook shows as a picture.

    Attributes:
        limits: Thresholds of the decision.
        pictures: Pictures of the neighbours, in order.
        warnings: Warnings about the model, such as random weights.

    Example:
        >>> model = hilum.open_model("model")
        >>> explanation = model.explain("phantom/test/normal/synthetic-p005-s0.png")
        >>> explanation.map.label in model.record.classes
        True
        >>> with open("explained.png", "wb") as file:
        ...     size = file.write(explanation.picture)
    """

    limits: Limits
    pictures: tuple[Shown, ...]
    warnings: tuple[str, ...]

    @cached_property
    def picture(self) -> bytes:
        """The explanation as a PNG file: slice, map, probabilities, remarks and nearest training slices."""
        return draw(self, self.limits, self.pictures, self.warnings)

    @property
    def answer(self) -> str:
        """The decision and its reason, in a sentence."""
        return f"{readable(self.row.label or self.row.decision)}: {self.row.reason}."

    def __repr__(self) -> str:
        return f"Explanation({self.row.path}: {self.answer.removesuffix('.')}; map: {self.map.method})"

    def _repr_html_(self) -> str:
        near = ", ".join(f"{readable(one.label)} at {one.distance:.3f}" for one in self.neighbours)
        words = " ".join((f"{self.row.path}, {self.answer}", *self.remarks, f"Nearest training slices: {near}."))
        return html.block(html.picture(self.picture, "png", words, _WIDTH))


def check_asked(method: str | None, window: str | None, training_folder: Path | None) -> None:
    """Checks, before any work, what an explanation was asked for.

    Raises:
        HilumError: The method or the window is unknown, or the training folder does not exist.
    """
    check_method(method)
    if window is not None:
        check_window(window)
    check_training_folder(training_folder)


def explain_file(
    reader: Reader,
    file: Path,
    *,
    method: str | None = None,
    frame: int | None = None,
    window: str | None = None,
    training_folder: Path | None = None,
    track: Tracker = silent,
) -> Explanation:
    """Predicts one slice and explains the prediction.

    Args:
        reader: Model to explain.
        file: Slice to explain: PNG, JPEG or DICOM.
        method: Name of the map's method, one of `hilum.explain.methods.METHODS`; by default the model's own.
        frame: Frame number (1-based) in a multi-frame file; by default the first.
        window: Window for DICOM; by default that of the training.
        training_folder: Folder that the model was trained on, to show pictures of the nearest slices.
        track: Progress display.

    Raises:
        HilumError: The file cannot be explained, or the model does not support the method.
    """
    facts, model = reader.facts, reader.place
    chosen, mapper = method_of(method, facts, model), None
    picture = frame_of(file, window or facts.preparation.window, frame)
    if chosen != default_method(facts):
        from hilum.explain.gradients import gradient_mapper  # the base install has no torch

        mapper = gradient_mapper(model, reader.weights, chosen, track)
    limits = Limits.of(facts)
    explained = explain(reader, picture, Input(str(file)).name, limits, chosen, mapper)
    return Explanation(
        **vars(explained),
        limits=limits,
        pictures=tuple(shown(one, facts, model, training_folder) for one in explained.neighbours),
        warnings=tuple(warnings_of(facts)),
    )
