"""The content of a comparison's metrics.json (docs/run-folder.md)."""

from collections.abc import Collection, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hilum.records.audit import AuditSummary, Counts, GroupPoint, Said
from hilum.records.base import Document, Record
from hilum.records.figures import ByProtocol, Estimate, Figures, Floor, ProtocolFigures, ProtocolName, floors_with_own
from hilum.records.heads import ChosenScorer
from hilum.records.scales import Scales
from hilum.records.settings import JudgeSettings, Settings

COMPARISON_SCHEMA = "hilum.comparison/1"
# Columns of predictions.csv: the class predicted under strict, and the beginning of those with its probabilities.
STRICT_CALLED, STRICT_SHARE = "strict_predicted", "strict_p_"


class Data(Counts):
    """The slices."""

    files: int
    distinct: int
    uncropped: int
    skipped: tuple[Said, ...]
    notes: tuple[str, ...]


class Weights(Record):
    """Where a backbone's weights came from."""

    origin: str
    digest: str


class Splits(Record):
    """Figures on valid, if there are any, and on test as given."""

    valid: Figures[float | None] | None
    test: Figures[float | None]


class Spread(Record):
    """Mean and standard deviation."""

    mean: float
    spread: float


class Seeds(Record):
    """Macro-F1 on test over the seeds of a head."""

    count: int
    f1_macro: Spread


class SecondsTaken(Record):
    """Seconds that a model's work took when it was done."""

    decoding: float
    features: float
    head: float
    total: float
    protocols: float
    cached: bool


class ComparedModel(Record):
    """A model that was trained and scored; an ensemble has `members`, a frozen backbone a `tag`.

    `floors` are, by protocol, the figures of the same model on blanked pictures.
    """

    name: str
    title: str
    status: Literal["ok"]
    reason: None
    tag: str | None = None
    licence: str | None = None
    members: tuple[str, ...] = ()
    engine: str | None = None
    weights: Weights | None = None
    size: int | None = None
    scales: Scales | None = None
    width: int | None = None
    epochs: int | None
    best_epoch: int | None
    strength: float | None
    chosen: tuple[ChosenScorer, ...] = ()
    splits: Splits
    protocols: ByProtocol[ProtocolFigures]
    floors: ByProtocol[Floor] = Field(default={})
    seeds: Seeds | None
    seconds: SecondsTaken | None


class Unavailable(Record):
    """A model that could not be compared."""

    name: str
    title: str
    status: Literal["unavailable"]
    reason: str
    tag: str


class ExternalFacts(Record):
    """The slices from elsewhere that models were scored on, read as classes of their own or as two.

    Attributes:
        folder: Name of their folder.
        digest: SHA-256 of the table.
        files: Number of files.
        classes: Classes that labels and predictions were read as.
        read_as: Class from `classes` for each class of the folder that was scored.
        left_out: Number of files that were left out, by reason.
        notes: Sentences that a reader of the figures should know.
    """

    folder: str
    digest: str
    files: int
    classes: tuple[str, ...]
    read_as: dict[str, str]
    left_out: dict[str, int]
    notes: tuple[str, ...]


class ProtocolFacts(Record):
    """A protocol that the models were scored under.

    `title` says which strict it is. Slices from elsewhere are protocols too, named `external:NAME`, and have facts.
    """

    name: ProtocolName
    title: str
    likeness: float | None = None
    external: ExternalFacts | None = None
    meaning: str
    trained: int
    scored: int
    groups: int
    repeats: int
    notes: tuple[str, ...]


class Gap(Record):
    """A model's paired difference from the best one in one figure.

    Only the primary claim, macro-F1 under `strict`, has more than the difference; elsewhere the rest is None.

    Attributes:
        difference: The model's figure minus the best model's; None for the best one itself.
        p: Two-sided p-value that there is none.
        p_holm: The same, adjusted over all models by Holm's method.
        told_apart: Whether `p_holm` is below 0.05.
        as_good: Whether the lower limit of the difference is above minus the margin of the settings, if there is one.
    """

    difference: Estimate | None
    p: float | None
    p_holm: float | None
    told_apart: bool | None
    as_good: bool | None = None


class Difference(Record):
    """A model compared with the best one, and how often each figure would have put it first."""

    model: str
    f1_macro: Gap
    auc_macro: Gap
    first: float | None
    first_auc: float | None


class SimilarityPoint(GroupPoint):
    """Scores by model in folds that keep together slices joined above a similarity.

    `false_links` says that pairs just above the similarity are often of two chests (`Purity.false_below`).
    """

    scores: dict[str, Estimate]
    folds: int | None = None
    false_links: bool = False
    notes: tuple[str, ...] = ()


class Published(Record):
    """A model's published figures; an unknown figure is None.

    Attributes:
        name: Name of the model in hilum.
        title: Published name of the model.
        split: Split that the figures were computed on.
        f1_micro: Micro-averaged F1 in `[0, 1]`, equal to the accuracy; some were published as accuracy.
        keras_auc: AUC of Keras over the flattened one-hot matrix, in `[0, 1]`.
        seconds: Training time in seconds, on the publisher's machine.
    """

    name: str
    title: str
    split: Literal["valid", "test"]
    f1_micro: float | None
    keras_auc: float | None
    seconds: float | None


class Judged(Record):
    """What is known of predictions that were made elsewhere.

    Attributes:
        digest: SHA-256 of the file, or of the rows if they came otherwise.
        rows: Number of rows.
        classes_only: Whether they are classes without probabilities, so that what needs those is left out.
        trained_on: What the models were trained on, as far as it is known: `train and valid of slices`; None if nothing
            is known.
        trained: Number of slices of that in the folder.
        chosen_on_valid: Whether the best model was chosen on valid; else its headline figure is the highest.
        left_out: Number of slices that were reported and are not in the headline figure, by reason.
    """

    digest: str
    rows: int
    classes_only: bool
    trained_on: str | None
    trained: int
    chosen_on_valid: bool
    left_out: dict[str, int]


def hardest(names: Collection[str], *, judged: bool) -> str:
    """The protocol whose figures stand for a model: strict, of predictions what has no leaks, else given."""
    without_leaks = ("no-look-alikes", "no-copies") if judged else ()
    return next((name for name in ("strict", *without_leaks) if name in names), "given")


class ComparisonRecord(Document):
    """All of metrics.json; `judged` says that the models are predictions that were made elsewhere."""

    kind: Literal["hilum.comparison/1"] = Field(alias="schema")
    random_weights: bool
    settings: Settings | JudgeSettings
    judged: Judged | None = None
    data: Data
    models: tuple[Annotated[ComparedModel | Unavailable, Field(discriminator="status")], ...]
    best: str
    audit: AuditSummary
    protocols: tuple[ProtocolFacts, ...]
    differences: ByProtocol[tuple[Difference, ...]]
    curve: tuple[SimilarityPoint, ...]
    published: tuple[Published, ...]
    versions: dict[str, str]
    files: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _say_which_strict(self) -> Self:
        """Earlier records say `unseen` and `strict` only; here they get the titles that they would have today."""
        titles = {"unseen": "no copies", "strict": self.audit.title("strict")}
        if not any(one.title in titles for one in self.protocols):
            return self
        named = [
            one.model_copy(
                update={
                    "title": titles.get(one.title, one.title),
                    "likeness": self.audit.likeness if one.title == "strict" else one.likeness,
                }
            )
            for one in self.protocols
        ]
        return self.model_copy(update={"protocols": tuple(named)})

    @property
    def ranked(self) -> list[ComparedModel]:
        """The models that ran, the best first, then by macro-F1 on valid, else in the headline (ties: lower loss)."""
        ran = (model for model in self.models if isinstance(model, ComparedModel))
        return sorted(ran, key=lambda model: (model.name != self.best, self._rank(model)))

    def _rank(self, model: ComparedModel) -> tuple[float, float]:
        if model.splits.valid and self.chosen_on_valid:
            return model.splits.valid.rank
        figures = model.protocols[self.judged_by(model)]
        return -(figures.f1_macro.value or 0), figures.loss.value or 0

    @property
    def chosen_on_valid(self) -> bool:
        """Whether the best model was chosen on valid; else it has the highest headline figure."""
        return self.judged is None or self.judged.chosen_on_valid

    @property
    def has_probabilities(self) -> bool:
        """Whether the answers have probabilities, as all but predictions of classes alone have."""
        return self.judged is None or not self.judged.classes_only

    @property
    def best_model(self) -> ComparedModel:
        """The model that was chosen."""
        return self.ranked[0]

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the models that ran, by name, the best first."""
        return {model.name: model.title for model in self.ranked}

    @property
    def unavailable(self) -> list[Unavailable]:
        """The models that could not be compared."""
        return [model for model in self.models if isinstance(model, Unavailable)]

    def floors_of(self, model: ComparedModel, protocol: str) -> Mapping[str, Floor]:
        """The floors of a model under a protocol by name: its own, "lungs blanked", before the cheap ones."""
        return floors_with_own(model.floors.get(protocol), self.audit.floors.get(protocol, {}))

    @property
    def floor_names(self) -> list[str]:
        """Names of the floors of all protocols that are no model's own."""
        return list(dict.fromkeys(floor for name in self.protocol_names for floor in self.audit.floors.get(name, {})))

    @property
    def protocol_names(self) -> list[str]:
        """Names of the protocols that the models were scored under."""
        return [protocol.name for protocol in self.protocols]

    @property
    def headline(self) -> str:
        """The protocol that models are compared by: strict, else what was given or reported without leaks."""
        return hardest(self.protocol_names, judged=self.judged is not None)

    def judged_by(self, model: ComparedModel) -> str:
        """The protocol whose figures, confusions and mistakes stand for a model: the headline, if it was run there."""
        return hardest(model.protocols, judged=self.judged is not None)

    @property
    def external(self) -> list[ProtocolFacts]:
        """The slices from elsewhere that the models were scored on."""
        return [protocol for protocol in self.protocols if protocol.external]

    def title_of(self, protocol: str) -> str:
        """What readers see of a protocol: `strict (0.87)`."""
        return next((of.title for of in self.protocols if of.name == protocol), protocol)
