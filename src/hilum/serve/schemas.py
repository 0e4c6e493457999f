"""Requests and answers of the API, for its OpenAPI description. The answers themselves are made elsewhere."""

from collections.abc import Collection
from inspect import getdoc
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from hilum.predict import rows as predict
from hilum.predict.rows import WRITTEN, as_written
from hilum.predict.series import SeriesSummary
from hilum.records.comparison import ComparisonRecord
from hilum.records.evaluation import EvaluationRecord
from hilum.records.figures import Estimate
from hilum.serve.forms import FILES
from hilum.serve.problems import MEDIA_TYPE
from hilum.slices.windows import WINDOWS


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class Health(BaseModel):
    """The state of the server."""

    status: str
    model: bool
    runs: bool
    token: bool = Field(description="Whether the API, reports and metrics need a token.")


class Floor(Estimate):
    """The highest score of simple models that hardly see the disease."""

    name: str


def _written(of: type, names: Collection[str]) -> type[BaseModel]:
    """A model of the fields of a dataclass that `hilum predict` writes, with its docstring."""
    kinds: Any = {name: (kind, ...) for name, kind in as_written(get_type_hints(of)).items() if name in names}
    return create_model(of.__name__, __doc__=getdoc(of), **kinds)


Row = _written(predict.Row, WRITTEN)
Series = _written(SeriesSummary, as_written(get_type_hints(SeriesSummary)))


class Prediction(BaseModel):
    """Predictions on all files, in the order of the files and their frames."""

    rows: list[Row]  # type: ignore[valid-type]
    series: list[Series]  # type: ignore[valid-type]
    row_series: list[str | None] = Field(description="Series of each row, as named in series.")
    positions: list[float | None] = Field(description="Position of each row in its series, in mm.")
    thumbnails: list[str | None] = Field(description="Small PNG of each row, as a data: URL.")


class Values(BaseModel):
    """Hounsfield or stored units, for windowing on the page."""

    kind: Literal["int16"]
    rows: int
    columns: int
    slope: float
    base64: str = Field(description="Little-endian values in row-major order; -32768 is padding.")


class Window(BaseModel):
    """A window in the units of the values."""

    center: float
    width: float


class Neighbour(BaseModel):
    """A training slice that is near the uploaded slice."""

    label: str
    distance: float
    path: str
    thumbnail: str | None


class Explanation(BaseModel):
    """An explanation of a prediction."""

    row: Row  # type: ignore[valid-type]
    size: tuple[int, int] = Field(description="Width and height in pixels.")
    picture: str = Field(description="PNG of the slice, as a data: URL.")
    values: Values | None
    window: Window | None
    maps: dict[str, str] = Field(description="Transparent PNG per class, cut to the body, to lay over the picture.")
    outside_lungs: dict[str, float | None] = Field(
        description="Share of the evidence for each class that lies outside the lungs; null if it is not known."
    )
    remarks: dict[str, list[str]] = Field(description="Sentences per class about where its evidence lies.")
    method: str
    warning: str | None = Field(description="What a reader of maps by this method has to know.")
    neighbours: list[Neighbour]


class Limits(BaseModel):
    """Limits of a request."""

    files: int
    bytes: int
    pixels: int


class Model(BaseModel):
    """The served model."""

    name: str
    title: str
    classes: tuple[str, ...]
    negative: str | None
    notice: str
    synthetic: bool
    random_weights: bool
    size: int
    crop: bool
    window: str
    engine: str
    digest: str
    thresholds: dict[str, float]
    scores: dict[str, Estimate]
    floors: dict[str, Floor]
    titles: dict[str, str] = Field(description="Title of each protocol: `strict (0.87)`.")
    promised: bool = Field(description="Whether the limit of answers keeps a promise of accuracy.")
    trust: tuple[str, ...] = Field(description="Sentences on what answers promise, and what was measured of them.")
    methods: tuple[str, ...]
    windows: tuple[str, ...]
    limits: Limits


class RunModel(BaseModel):
    """A model of a run, with its known macro-F1 by protocol; `evaluated` is that on the slices of an evaluation."""

    name: str
    title: str
    scores: dict[str, Estimate]
    floor: Floor | None = Field(default=None, description="Highest floor under strict, or under `judged_by`.")
    lead: Estimate | None = Field(default=None, description="Lead there over the highest floor.")


class Run(BaseModel):
    """A run folder."""

    name: str
    created: str
    kind: Literal["comparison", "evaluation"]
    judged_by: str | None = Field(
        default=None, description="Protocol that stands for predictions that were made elsewhere; else None."
    )
    folder: str
    best: str
    models: list[RunModel]
    titles: dict[str, str] = Field(description="Title of each protocol, strict first: `strict (0.87)`.")
    synthetic: bool
    report: bool = Field(description="Whether the run has a report.html.")


class Runs(BaseModel):
    """The runs, newest first."""

    runs: list[Run]


RunRecord = Annotated[ComparisonRecord | EvaluationRecord, Field(discriminator="kind")]
"""The metrics.json of a comparison or an evaluation, described in docs/run-folder.md and docs/evaluate.md."""


class Step(BaseModel):
    """A row of history.csv: an epoch of a training, or a penalty that was tried."""

    model_config = ConfigDict(extra="allow")

    model: str
    epoch: float | None = Field(None, description="Number of the epoch (1-based).")
    train_loss: float | None = None
    train_accuracy: float | None = Field(None, description="Accuracy in [0, 1].")
    valid_loss: float | None = Field(None, description="Loss on the held-out slices.")
    valid_accuracy: float | None = Field(None, description="Accuracy on the held-out slices, in [0, 1].")
    strength: float | None = Field(None, description="Strength that was tried; a smaller one is a stronger penalty.")


class Predicted(BaseModel):
    """A slice of a confusion matrix."""

    path: str
    label: str | None
    predicted: str | None
    probabilities: dict[str, float | None]
    thumbnail: str | None


class Predictions(BaseModel):
    """The first slices of a run, and their total number."""

    rows: list[Predicted]
    total: int


class Slice(BaseModel):
    """A slice of a run."""

    path: str
    picture: str = Field(description="PNG as a data: URL.")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    name: {
        "description": "A problem (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for name in ("4XX", "5XX")
}
_ASKED_BY = {
    "name": "X-Requested-With",
    "in": "header",
    "required": True,
    "description": "Protects against pages of other sites.",
    "schema": {"type": "string", "enum": ["hilum"]},
}
_WINDOW = {"type": "string", "enum": list(WINDOWS), "description": "Window for DICOM; by default the model's."}


def posting(most: int, **fields: dict[str, Any]) -> dict[str, Any]:
    """The description of a POST with a multipart form.

    Args:
        most: Maximum number of files.
        **fields: Schemas of further fields.
    """
    files = {"type": "array", "minItems": 1, "maxItems": most, "items": {"type": "string", "format": "binary"}}
    form = {
        "type": "object",
        "properties": {FILES: files, "window": _WINDOW, **fields},
        "required": [FILES],
        "additionalProperties": False,
    }
    return {
        "parameters": [_ASKED_BY],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
    }
