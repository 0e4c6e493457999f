"""A trained model, as Python users hold it."""

import io
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from hilum.api.predictions import Predictions
from hilum.errors import extras_named
from hilum.evaluation.evaluate import evaluate_model
from hilum.evaluation.result import Evaluation
from hilum.explain.session import Explanation, check_asked, explain_file
from hilum.model.open import open_reader
from hilum.model.reader import Reader
from hilum.model.summary import summary_html, summary_line
from hilum.notebook import automatic
from hilum.outputs import OutputFile, OutputFolder
from hilum.predict.inputs import check_named, hidden_lines
from hilum.predict.rows import Row
from hilum.predict.session import predict_files
from hilum.progress import Tracker
from hilum.records.model import ModelRecord
from hilum.slices.table import SliceTable, check_table
from hilum.slices.windows import check_window
from hilum.trust.abstention import Limits


class Model:
    """A trained model: it predicts slices, explains its predictions, and can be scored on other slices.

    `hilum.train` and `hilum.open_model` give it. Research use only.

    Args:
        path: Model folder or exported `.onnx` file.
        weights: Folder with files `<tag>.safetensors`, for a model folder without bundled weights.
        threads: Number of ONNX Runtime threads; by default ONNX Runtime chooses.
        track: Progress display.

    Attributes:
        record: What is known about the model: classes, thresholds, scores and training data.

    Raises:
        HilumError: The model is missing, damaged or of a newer schema.

    Example:
        >>> model = hilum.open_model("model")
        >>> model
        Model(EfficientNet-Lite0 on phantom: 4 classes, macro-F1 strict ..., synthetic phantom slices)
        >>> model.record.classes
        ('adenocarcinoma', 'large_cell_carcinoma', 'normal', 'squamous_cell_carcinoma')
    """

    record: ModelRecord

    def __init__(
        self,
        path: str | Path,
        weights: str | Path | None = None,
        *,
        threads: int | None = None,
        track: Tracker = automatic,
    ) -> None:
        self._path, self._weights = Path(path), None if weights is None else Path(weights)
        self._threads, self._track = threads, track
        if not self._path.is_dir():
            self.record = self._reader.facts
            return
        from hilum.model.artefact import check_files, load_facts  # an exported file needs neither

        self.record = load_facts(self._path)
        check_files(self._path, self.record)

    @extras_named()
    def predict(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        coverage: float | None = None,
        risk: float | None = None,
        window: str | None = None,
    ) -> Predictions:
        """Predicts slices: one row each, also for files that cannot be read.

        Args:
            paths: Files, folders, patterns such as `scans/**/*.dcm`, or `.txt` and `.lst` files of paths; one or more.
            coverage: Share of slices to answer, from 0 to 1, as measured on slices held out in training; by default
                the model's own limit decides.
            risk: Share of answers that may be wrong, measured in the same way; not together with `coverage`.
            window: Window for DICOM files; by default that of the training.

        Raises:
            HilumError: Nothing that was named exists, an option makes no sense, or the model cannot be run.

        Example:
            >>> model = hilum.open_model("model")
            >>> predictions = model.predict("phantom/test")
            >>> len(predictions)
            15
            >>> predictions = model.predict(["phantom/valid", "phantom/test/*/*-s0.png"], coverage=0.9)
        """
        named = [paths] if isinstance(paths, str | Path) else [*paths]
        arguments = [os.fspath(path) for path in named]
        check_named(arguments)
        if window is not None:
            check_window(window)
        limits, rows = Limits.of(self.record, coverage, risk), list[Row]()
        outcome = predict_files(
            self._reader, arguments, rows.append, limits=limits, stdin=io.BytesIO(), window=window, track=self._track
        )
        promise = [self.record.thresholds.about_answers] if coverage is None and risk is None else []
        notes = [*promise, *hidden_lines(arguments)]
        return Predictions(rows, self.record.classes, outcome.tally.summaries(), notes)

    @extras_named()
    def explain(
        self,
        path: str | Path,
        *,
        frame: int | None = None,
        method: str | None = None,
        window: str | None = None,
        training_folder: str | Path | None = None,
    ) -> Explanation:
        """Explains the prediction on one slice: a map of what it rests on, and the nearest training slices.

        Args:
            path: Slice to explain: PNG, JPEG or DICOM.
            frame: Frame number (1-based) in a multi-frame file; by default the first.
            method: Map to draw: `linear`, `gradcam`, `gradcam++`, `gradcamelementwise`, `hirescam`, `layercam`,
                `xgradcam` or `scorecam`; by default the model's own. All others need the model folder.
            window: Window for a DICOM file; by default that of the training.
            training_folder: Folder that the model was trained on, to show pictures of the nearest slices.

        Raises:
            HilumError: The slice cannot be read, or the model does not support the method.

        Example:
            >>> model = hilum.open_model("model")
            >>> explanation = model.explain("phantom/test/normal/synthetic-p005-s0.png", training_folder="phantom")
            >>> [neighbour.label for neighbour in explanation.neighbours]
            [...]
        """
        folder = None if training_folder is None else Path(training_folder)
        check_asked(method, window, folder)
        return explain_file(
            self._reader,
            Path(path),
            method=method,
            frame=frame,
            window=window,
            training_folder=folder,
            track=self._track,
        )

    @extras_named()
    def evaluate(
        self,
        table: SliceTable,
        *,
        mapped: Mapping[str, str] | None = None,
        negative: str | None = None,
        look_alike: float | None = None,
        seed: int = 0,
    ) -> Evaluation:
        """Scores the model on labelled slices, without those that it was trained on.

        Args:
            table: The slices, from `read_labelled`.
            mapped: Class of the model for a folder's class; with `negative`, a name of the user's own.
            negative: Name of the model's non-cancer class; model and folder are then read as two classes, this one and
                all others.
            look_alike: Correlation above which slices without ids are resampled together; by default 0.87.
            seed: Random seed of the resamples.

        Raises:
            HilumError: An option is out of range, the classes do not fit, or no slice is left to score.

        Example:
            >>> model = hilum.open_model("model")
            >>> evaluation = model.evaluate(hilum.read_labelled("phantom/test"))
            >>> evaluation.record.figures.n
            15
        """
        check_table(table, "evaluate", "read_labelled")
        return evaluate_model(
            self._reader,
            table,
            mapped=mapped,
            negative=negative,
            look_alike=look_alike,
            seed=seed,
            track=self._track,
        )

    @extras_named()
    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the model folder.

        Args:
            folder: New or empty folder; with `overwrite`, also the folder of an earlier model without other files.
            overwrite: Whether to replace an earlier model.

        Returns:
            The folder.

        Raises:
            HilumError: The folder holds something that must not be overwritten, cannot be written, or the model is an
                exported file.

        Example:
            >>> model = hilum.open_model("model")
            >>> model.save("copy").name
            'copy'
        """
        from hilum.model.artefact import MODEL, copy_model

        with OutputFolder(folder, MODEL, overwrite=overwrite) as out:
            copy_model(self._path, out)
        return out.place

    @extras_named()
    def export(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Exports the model as one ONNX file, which the base install can use, without torch.

        Args:
            path: File to write, such as `model.onnx`.
            overwrite: Whether to replace an earlier file.

        Returns:
            The file.

        Raises:
            HilumError: The file exists or cannot be written, the backbone's weights were not found, or the model is an
                exported file.

        Example:
            >>> model = hilum.open_model("model")
            >>> model.export("exported.onnx").name
            'exported.onnx'
        """
        from hilum.model.artefact import check_folder

        with OutputFile(path, overwrite=overwrite) as out:
            check_folder(self._path)
            self._reader.export(out)
        return out.place

    def __repr__(self) -> str:
        return f"Model({summary_line(self.record)})"

    def _repr_html_(self) -> str:
        return summary_html(self.record)

    @cached_property
    def _reader(self) -> Reader:
        """The model ready to answer, made when it is first needed."""
        return open_reader(self._path, self._weights, threads=self._threads, track=self._track)


def open_model(
    path: str | Path, weights: str | Path | None = None, *, threads: int | None = None, track: Tracker = automatic
) -> Model:
    """Opens a model folder or an exported file.

    A folder's network is exported to the cache when it is first needed; later starts need neither torch nor timm.

    Args:
        path: A folder that `hilum train` or `Model.save` wrote, or an `.onnx` file that `hilum export` or
            `Model.export` wrote.
        weights: Folder with files `<tag>.safetensors`, for a model folder without bundled weights.
        threads: Number of ONNX Runtime threads; by default ONNX Runtime chooses.
        track: Progress display; by default bars in a notebook and nothing in a script.

    Raises:
        HilumError: The model is missing, damaged or of a newer schema.

    Example:
        >>> model = hilum.open_model("model.onnx")
        >>> for row in model.predict("phantom/test/normal"):
        ...     print(row.path, row.decision, row.label)
        phantom/test/normal/synthetic-p005-s0.png ...
    """
    return Model(path, weights, threads=threads, track=track)
