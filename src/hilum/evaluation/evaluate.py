"""Evaluation of a saved model on another labelled set. `hilum evaluate` starts here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.audit.groups import find_groups
from hilum.errors import HilumError
from hilum.evaluation.config import evaluation_config
from hilum.evaluation.result import Evaluation
from hilum.model.reader import Reader, Reading
from hilum.options import check_likeness, check_seed
from hilum.predict.rows import Row, Square, answer
from hilum.progress import Tracker, silent
from hilum.records.base import opening
from hilum.records.evaluation import EVALUATION_SCHEMA, EvaluationRecord, NamedFloor
from hilum.records.figures import highest_floor, likeness_text
from hilum.records.model import ModelRecord, Thresholds
from hilum.scoring.classes import ClassReading, read_classes
from hilum.scoring.intervals import TRUSTED_FROM, Scored, figures_and_draws
from hilum.scoring.left_out import counted, left_out
from hilum.scoring.protocols import PROTOCOLS, Slices
from hilum.scoring.resamples import Resamples, draw_resamples
from hilum.scoring.scoring import group_figures
from hilum.slices.known import chosen_on
from hilum.slices.pixels import square_of
from hilum.slices.pool import reading_threads
from hilum.slices.table import SliceTable
from hilum.text import plain_path
from hilum.trust.abstention import DECISIONS, Limits, risks, share
from hilum.trust.calibration import measured_calibration
from hilum.trust.measure import once_a_group
from hilum.versions import versions

_BATCH = 16
SAME = 1e-3  # feature distance below which a slice counts as a training slice
NOTICE = "Research use only. The figures describe these slices; they say nothing about a patient."


def evaluate_model(
    reader: Reader,
    table: SliceTable,
    *,
    mapped: Mapping[str, str] | None = None,
    negative: str | None = None,
    look_alike: float | None = None,
    seed: int = 0,
    command: str | None = None,
    track: Tracker = silent,
) -> Evaluation:
    """Scores a model on labelled slices, without those that it was trained on.

    Args:
        reader: The model.
        table: The slices, from `read_labelled`.
        mapped: Class of the model for a folder's class, or with `negative` a name of the user's own.
        negative: Name of the model's non-cancer class; model and folder are then read as two classes, this one and all
            others.
        look_alike: Correlation above which slices without ids are resampled together; None is 0.87.
        seed: Random seed of the resamples.
        command: Command that made the evaluation, for the record.
        track: Progress display.

    Raises:
        HilumError: The likeness is out of range, the classes do not fit, no slice is left to score, or a file changed
            since the table was read.
    """
    facts = reader.facts
    check_seed(seed)
    check_likeness(look_alike)
    reading = read_classes(table.classes, facts.classes, mapped or {}, negative)
    if negative is None:
        reading = replace(reading, negative=facts.negative)
    limits = Limits.of(facts)
    rows, of_model, nearest = _read_rows(reader, table, limits, track)
    groups = find_groups(table, track, look_alike=look_alike)
    trained = {row.content for row in facts.index}
    same = np.array([row.facts.content in trained for row in table.rows]) | (nearest < SAME)
    reasons = left_out(table, reading, {"the model was trained on the same picture": same})
    kept = np.flatnonzero([reason is None for reason in reasons])
    if not len(kept):
        raise HilumError("No slice is left to score: " + counted(reasons) + ". Give slices that the model never saw.")
    slices = groups.slices_of(table)
    labels = np.array([reading.classes.index(reading.folder[table.rows[i].label]) for i in kept], np.intp)
    probabilities = reading.probabilities(of_model[kept], facts.classes)
    scored = Scored(labels, probabilities[None], groups.strict[kept], None)
    resamples = draw_resamples(labels, scored.groups, seed=seed)
    decisions = np.array([rows[i].decision for i in kept])
    # An answer is the most probable class of the model's own, as it is read.
    called = np.array([reading.classes.index(reading.model[name]) for name in facts.classes])[of_model[kept].argmax(1)]
    record = EvaluationRecord.made(
        {
            **opening(EVALUATION_SCHEMA, NOTICE, command, table.synthetic),
            "random_weights": facts.random_weights,
            "model": _model_facts(facts),
            "data": _data_facts(table, reading, reasons, _notes(table, facts, reading, reasons, scored, slices)),
            "classes": reading.classes,
            "limits": limits,
            "figures": figures_and_draws(scored, reading.classes, reading.negative, resamples)[0],
            "per_group": group_figures(scored),
            "per_series": None if slices.series is None else group_figures(replace(scored, groups=slices.series[kept])),
            "calibration": measured_calibration(labels, probabilities, seed),
            "decisions": _decisions(decisions, called == labels, resamples),
            "promise": _promise(facts.thresholds, decisions == "class", called == labels, scored.groups, resamples),
            "risk_coverage": risks(labels, probabilities, 20, resamples),
            "versions": versions(),
        }
    )
    config = evaluation_config(reader, table, mapped or {}, negative, look_alike, seed)
    return Evaluation(record, table, reading, rows, of_model, tuple(reasons), config)


def _model_facts(facts: ModelRecord) -> dict[str, Any]:
    """The model, and its scores where it was trained."""
    return {
        "name": facts.backbone.name,
        "digest": facts.digest,
        "classes": facts.classes,
        "trained_on": facts.data.folder if facts.data else "unknown",
        "scores": facts.headlines,
        "titles": {name: facts.title(name) for name in PROTOCOLS if name in {*facts.headlines, *facts.floors}},
        "highest_floor": _highest_floor(facts),
    }


def _data_facts(
    table: SliceTable,
    reading: ClassReading,
    reasons: Sequence[str | None],
    notes: Sequence[str],
) -> dict[str, Any]:
    """The slices: their classes, and how many were left out."""
    windows = _windows(table)
    return {
        "folder": table.root.resolve().name,
        "digest": table.digest,
        "files": len(table.rows),
        "counts": dict(sorted(Counter(row.label for row in table.rows).items())),
        "read_as": reading.folder,
        "window": windows[0] if windows else None,
        "left_out": Counter(filter(None, reasons)),
        "skipped": table.skipped,
        "notes": notes,
    }


def _notes(
    table: SliceTable,
    facts: ModelRecord,
    reading: ClassReading,
    reasons: Sequence[str | None],
    scored: Scored,
    slices: Slices,
) -> list[str]:
    """Sentences that a reader of the figures should know."""
    notes = [*table.notes, *reading.notes, *chosen_on(table)]
    if reading.classes != tuple(sorted(facts.classes)):
        notes.append(
            "Decisions are those that predict takes, by the top probability of the model's own classes; figures, "
            "calibration and risk are of the classes as they are read here."
        )
    if out := counted(reasons):
        notes.append(f"Left out: {out}.")
    notes.append(
        "A model holds no patient ids: other slices of patients that it was trained on are not recognised, and are "
        "scored."
    )
    if slices.likeness is not None:
        whose = "Slices without an id" if slices.ids else "No patient or series ids were given: slices"
        notes.append(f"{whose} that correlate above {likeness_text(slices.likeness)} are resampled together.")
    if len(np.unique(scored.groups)) < TRUSTED_FROM:
        notes.append(f"Fewer than {TRUSTED_FROM} groups: the intervals are wide and rough.")
    windows = _windows(table)
    if windows and windows != [facts.preparation.window]:
        notes.append(
            f"DICOM was read with the window {', '.join(windows)}, while the model was trained with "
            f"{facts.preparation.window}: training slices among them may not be recognised."
        )
    return notes


def _windows(table: SliceTable) -> list[str]:
    return sorted({row.facts.window for row in table.rows if row.facts.window})


def _read_rows(
    reader: Reader, table: SliceTable, limits: Limits, track: Tracker = silent
) -> tuple[tuple[Row, ...], NDArray[np.float32], NDArray[np.float32]]:
    """Answers on every row of a table.

    Returns:
        The answers; calibrated probabilities `[n, classes of the model]`; and distances to the nearest training slice
        `[n]`.

    Raises:
        HilumError: A file changed since the table was read, or an answer is not a number.
    """
    how, answers, parts = reader.facts.preparation, list[Row](), list[Reading]()
    with track("answering", len(table.rows)) as advance, reading_threads() as pool:
        for start in range(0, len(table.rows), _BATCH):
            rows = table.rows[start : start + _BATCH]
            greys = list(pool.map(lambda row: square_of(table, row, how.size, how.interpolation, how.crop), rows))
            squares = [
                Square(plain_path(row.path), grey, row.facts.frame, row.facts.doubt)
                for row, grey in zip(rows, greys, strict=True)
            ]
            made, reading = answer(reader, squares, limits)
            answers += made
            parts.append(reading)
            for _ in rows:
                advance()
    probabilities = np.concatenate([part.probabilities for part in parts])
    nearest = np.concatenate([part.distances[:, 0] for part in parts])
    known = np.isfinite(nearest) & [row.decision != "unreadable" for row in answers]
    if not known.all():
        raise HilumError(
            f"The model's answer on {answers[int(known.argmin())].path} is not a number, so there is nothing to score. "
            "Leave the slice out, or evaluate another model."
        )
    return tuple(answers), probabilities, nearest


def _highest_floor(record: ModelRecord) -> NamedFloor | None:
    """The best score that a shortcut reached on the training set, under the hardest protocol that was measured."""
    found = {protocol: highest_floor(record.floors.get(protocol, {})) for protocol in reversed(PROTOCOLS)}
    return next(
        (NamedFloor(name=floor[0], protocol=protocol, **dict(floor[1])) for protocol, floor in found.items() if floor),
        None,
    )


def _decisions(made: NDArray[np.str_], right: NDArray[np.bool_], resamples: Resamples) -> dict[str, Any]:
    every = np.ones(len(made), np.bool_)
    shares: dict[str, Any] = {name: share(made == name, every, resamples) for name in DECISIONS[:-1]}
    answered = made == "class"
    return {**shares, "accuracy_of_answered": share(answered & right, answered, resamples)}


def _promise(
    thresholds: Thresholds,
    answered: NDArray[np.bool_],
    right: NDArray[np.bool_],
    groups: NDArray[np.intp],
    resamples: Resamples,
) -> dict[str, Any]:
    once, promise = once_a_group(groups), thresholds.promise
    accuracy = share((answered & right) * once, answered * once, resamples)
    kept = None
    if promise is not None and promise.shown and accuracy.value is not None:
        kept = accuracy.value >= promise.accuracy
    return {"said": thresholds.about_answers, "accuracy": accuracy, "kept": kept}
