"""External validation: every model of a comparison, trained on all its slices, scored on slices from elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit, FloorDraws
from hilum.audit.duplicates import LOOK_ALIKE, SAME_SLICE, nearest
from hilum.audit.groups import find_groups
from hilum.audit.picture_checks import Look, looks
from hilum.audit.shortcuts import cheap_features, floor_of, predicted
from hilum.audit.signature import distinct_rows as distinct_pictures
from hilum.audit.signature import signatures
from hilum.brief import Brief
from hilum.comparison.external import External, readings_of
from hilum.comparison.models import Part
from hilum.comparison.result import ModelResult, Scores
from hilum.comparison.scores import score_models
from hilum.errors import HilumError
from hilum.progress import Tracker, silent
from hilum.records.comparison import ExternalFacts
from hilum.records.figures import Floor
from hilum.scoring.classes import ClassReading
from hilum.scoring.folds import stop_part
from hilum.scoring.left_out import left_out, said
from hilum.scoring.options import ScoringOptions
from hilum.scoring.protocols import Fit, Plan, Protocol, Slices, distinct_rows
from hilum.scoring.scoring import Predictions
from hilum.slices.known import chosen_on
from hilum.slices.table import SliceTable
from hilum.trust.calibration import measured_calibration

MEANING = (
    "Trained on all distinct slices of the folder, test included, without label conflicts; scored on slices from "
    "elsewhere without copies and look-alikes of any of them. It chooses nothing."
)
_EVERY = "external"  # the plan that trains once and scores the slices of all external tables
_UNREADABLE = "that cannot be read"


@dataclass(frozen=True, repr=False)
class Elsewhere(Brief):
    """Slices from elsewhere, without those that are left out.

    Attributes:
        name: Name that the user gave them.
        asked: Slices as they were asked for.
        table: Slices that are scored, m rows.
        looks: Result of the picture checks of each row.
        reading: Classes that they are read as.
        slices: The rows in the form that scoring takes, in the classes of `reading`.
        plan: The protocol. It trains on rows of the training table and scores all m rows.
        left_out: Number of files left out, by reason.
        notes: Sentences that a reader of the figures should know.
    """

    name: str
    asked: External
    table: SliceTable
    looks: tuple[Look, ...]
    reading: ClassReading
    slices: Slices
    plan: Plan
    left_out: Mapping[str, int]
    notes: tuple[str, ...]

    @property
    def facts(self) -> ExternalFacts:
        """What records say of the slices."""
        table = self.asked.table
        return ExternalFacts.made(
            {
                "folder": table.root.resolve().name,
                "digest": table.digest,
                "files": len(table.rows) + len(table.skipped),
                "classes": self.reading.classes,
                "read_as": self.reading.folder,
                "left_out": self.left_out,
                "notes": self.notes,
            }
        )

    def read(self, predictions: Predictions, classes: Sequence[str]) -> Predictions:
        """Predictions of training classes as those of the classes of `reading`."""
        parts = (self.reading.probabilities(of, classes) for of in (predictions.probabilities, predictions.by_seed))
        return Predictions(self.plan, *parts)


@dataclass(frozen=True, repr=False)
class Outside(Brief):
    """All slices from elsewhere.

    Attributes:
        sets: The sets of slices.
        plans: The plan that scores them all, if there are any: one training serves all. Their rows are numbered after
            those of the training table, one set after the other.
    """

    sets: tuple[Elsewhere, ...] = ()
    plans: Mapping[Protocol, Plan] = field(default_factory=dict)

    @property
    def parts(self) -> list[Part]:
        """The scored slices of each set, with the results of their picture checks."""
        return [(of.table, of.looks) for of in self.sets]

    @property
    def notes(self) -> list[str]:
        """Notes of all sets."""
        return [f"external {of.name}: {note}" for of in self.sets for note in of.notes]

    def apart(self, every: Predictions) -> dict[Protocol, Predictions]:
        """The predictions of the one plan for each set, by the name of its protocol."""
        ends = np.cumsum([len(of.table.rows) for of in self.sets])[:-1]
        parts = (np.split(of, ends, axis=1) for of in (every.probabilities, every.by_seed))
        return {of.plan.name: Predictions(of.plan, *two) for of, *two in zip(self.sets, *parts, strict=True)}

    def split(self, result: ModelResult) -> ModelResult:
        """A model's result with a protocol for each set."""
        if not self.sets:
            return result
        predictions, floors = (self._each_apart(of) for of in (result.predictions, result.floors))
        return replace(result, predictions=predictions, floors=floors)

    def _each_apart(self, found: Mapping[Protocol, Predictions]) -> dict[Protocol, Predictions]:
        others = {name: of for name, of in found.items() if name != _EVERY}
        return others | (self.apart(found[_EVERY]) if _EVERY in found else {})


NOWHERE = Outside()


def outside_of(
    audit: Audit,
    asked: Mapping[str, External],
    options: ScoringOptions,
    track: Tracker = silent,
) -> Outside:
    """Reads the classes of slices from elsewhere and leaves out what must not be scored.

    Args:
        audit: The audit of the training slices; a first look is enough.
        asked: The slices from elsewhere by name.
        options: Options of the scoring.
        track: Progress display.

    Raises:
        HilumError: The classes do not fit, or the slices of fewer than two classes are left.
    """
    if not asked:
        return NOWHERE
    slices, sets = audit.slices, list[Elsewhere]()
    readings = readings_of(asked, slices.classes, options.negative_among(slices.classes))
    rows, likeness = distinct_rows(slices), slices.likeness or LOOK_ALIKE
    stops = [stop_part(slices.labels, rows, slices.strict, options.seed + repeat) for repeat in range(options.repeats)]

    def plan(name: Protocol, scored: NDArray[np.intp]) -> Plan:
        fits = tuple((Fit(np.setdiff1d(rows, stop), stop, scored, rows),) for stop in stops)
        return Plan(name, scored, fits, slices.strict)

    for name, of in asked.items():
        reading = readings[name]
        reasons = left_out(of.table, reading, _seen(audit.table, of.table, likeness, track))
        left = Counter(filter(None, reasons))
        kept = [row for row, reason in zip(of.table.rows, reasons, strict=True) if reason is None]
        if len({reading.folder[row.label] for row in kept}) < 2:
            raise HilumError(
                f"Of external {name}, slices of fewer than two classes are left to score. {said(left)} Give "
                "slices of two classes or more that are not in the training folder."
            )
        table = replace(of.table, rows=tuple(kept))
        its = _slices(table, reading, likeness, track)
        numbers = left + Counter({_UNREADABLE: len(table.skipped)})
        made, notes = plan(f"external:{name}", np.arange(len(kept))), _notes(of.table, reading, numbers)
        sets.append(Elsewhere(name, of, table, tuple(looks(table, track)), reading, its, made, numbers, notes))
    first, count = len(audit.table.rows), sum(len(of.table.rows) for of in sets)
    return Outside(tuple(sets), {_EVERY: plan(_EVERY, np.arange(first, first + count))})


def external_floors(
    audit: Audit, outside: Outside, seed: int, track: Tracker = silent
) -> tuple[dict[str, dict[str, Floor]], FloorDraws]:
    """The cheap floors, trained like the models, on slices from elsewhere; and their macro-F1 on the resamples."""
    floors: dict[str, dict[str, Floor]] = {of.plan.name: {} for of in outside.sets}
    draws: dict[str, dict[str, NDArray[np.float64]]] = {of.plan.name: {} for of in outside.sets}
    if outside.sets:
        parts = [(audit.table, audit.looks), *outside.parts]
        labels, classes = audit.slices.labels, audit.table.classes
        for shortcut, values in cheap_features(parts, track).items():
            every = predicted(shortcut, values, outside.plans[_EVERY], labels, len(classes), seed)
            for of, found in zip(outside.sets, outside.apart(every).values() if every else (), strict=False):
                made = floor_of(of.read(found, classes), of.slices, of.reading.classes, of.reading.negative, seed)
                floors[of.plan.name][shortcut], draws[of.plan.name][shortcut] = made
    return floors, draws


def score_outside(
    results: Sequence[ModelResult],
    best: str,
    outside: Outside,
    classes: Sequence[str],
    options: ScoringOptions,
    floors: FloorDraws,
    track: Tracker = silent,
) -> Scores:
    """Figures, calibration and paired differences on slices from elsewhere.

    Args:
        results: Results of the models, with a protocol for each set.
        best: Name of the model that was chosen on valid.
        outside: The slices from elsewhere.
        classes: Training classes.
        options: Options of the scoring.
        floors: Macro-F1 of every floor on the resamples, by protocol, `[1 + count]`.
        track: Progress display.
    """
    found = Scores({}, {}, {})
    for of in outside.sets:
        name = of.plan.name
        read = {result.name: of.read(result.predictions[name], classes) for result in results}
        ours = [
            replace(
                result,
                predictions={name: read[result.name]},
                floors={name: of.read(result.floors[name], classes)} if name in result.floors else {},
            )
            for result in results
        ]
        negative = replace(options, negative=of.reading.negative)
        scores = score_models(ours, best, {name: of.plan}, of.slices, negative, floors, track)
        figures = {}
        for model, its in scores.figures[name].items():
            measured = measured_calibration(of.slices.labels, read[model].probabilities, options.seed)
            figures[model] = its.model_copy(update={"calibration": measured})
        found = found.with_those(replace(scores, figures={name: figures}))
    return found


def _seen(trained: SliceTable, table: SliceTable, likeness: float, track: Tracker) -> dict[str, NDArray[np.bool_]]:
    """Which rows show what the models were trained on, by reason."""
    highest = nearest(signatures(table, track), signatures(trained, track), likeness)[distinct_pictures(table)[1]]
    pixels, ids = {row.facts.pixels for row in trained.rows}, _dicom_ids(trained)
    return {
        "a copy of a training slice": np.isin([row.facts.pixels for row in table.rows], list(pixels))
        | (highest > SAME_SLICE),
        f"a look-alike of a training slice (above {likeness:.2f})": highest > likeness,
        "of a patient or series that was trained on": np.array([row.group in ids for row in table.rows]),
    }


def _dicom_ids(table: SliceTable) -> set[str]:
    """The hashed patients or series of DICOM slices; ids that a user gave may mean others elsewhere."""
    return {row.group for row in table.rows if row.group and row.group in (row.facts.patient, row.facts.series)}


def _slices(table: SliceTable, reading: ClassReading, likeness: float, track: Tracker) -> Slices:
    groups = find_groups(table, track, look_alike=likeness)
    labels = np.array([reading.classes.index(reading.folder[row.label]) for row in table.rows], np.intp)
    return replace(groups.slices_of(table), labels=labels, classes=reading.classes)


def _notes(table: SliceTable, reading: ClassReading, numbers: Mapping[str, int]) -> tuple[str, ...]:
    notes = [*table.notes, *reading.notes, *chosen_on(table)]
    if numbers:
        notes.append(said(numbers))
    if all(row.group is None for row in table.rows):
        notes.append("No patient or series ids were given: intervals resample groups of look-alikes.")
    return tuple(notes)
