"""Reading of predictions that were made elsewhere. `judge` starts here."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.judging import doubts
from hilum.judging.answers import Answered, put_together
from hilum.judging.cells import Texts
from hilum.judging.checks import checked
from hilum.judging.classes import as_known, plain_map, predicted_classes, reading_of
from hilum.judging.columns import Columns, find_columns
from hilum.judging.given import Answers, Given
from hilum.judging.matching import matched
from hilum.judging.sheet import Sheet, read_sheet
from hilum.notebook import automatic
from hilum.progress import Tracker
from hilum.report.words import plural
from hilum.scoring.classes import ClassReading
from hilum.slices.labels import SPLITS, class_name, listed, split_name
from hilum.slices.table import SliceTable
from hilum.text import spelt

_TRAIN, _VALID, _TEST = range(len(SPLITS))


def read_given(
    predictions: str | Path | pd.DataFrame,
    table: SliceTable,
    *,
    mapped: Mapping[str, str] | None = None,
    negative: str | None = None,
    track: Tracker = automatic,
) -> Given:
    """Reads predictions and matches them with the slices of a table.

    Args:
        predictions: CSV, Parquet or `.npz` file, or a DataFrame (docs/judge.md).
        table: The slices.
        mapped: Class of the predictions for each class of the folder that has another name there; or a name of one's
            own for every class but the negative one, and all classes are read as two.
        negative: The non-cancer class of the predictions, if they have it.
        track: Tracker of the progress.

    Raises:
        HilumError: They cannot be read or matched, or they are no predictions; the message names the first offenders.
    """
    with track("reading predictions", 1) as advance:
        given = _read(read_sheet(predictions), table, plain_map(mapped), negative and class_name(negative))
        advance()
    return given


def _read(sheet: Sheet, table: SliceTable, mapped: Mapping[str, str], negative: str | None) -> Given:
    source = sheet.source
    every = find_columns(sheet, {*table.classes, *mapped.values()})
    columns, slices, left = matched(every, table, source)
    reading, probabilities, read_as = _probabilities(columns, table, mapped, negative, source)
    marks, classes_only = columns.marks, not columns.classes
    rows = Answered(
        slices, marks["protocol"], _models(columns, sheet), marks.get("repeat"), marks.get("fold"), probabilities
    )
    splits = _splits(columns, source)
    as_given = np.array([name == "given" for name in rows.protocols.values])[rows.protocols.codes]
    tested = as_given & (splits == _TEST)
    scored = rows[tested | ~as_given]
    if not len(scored.slices):
        raise HilumError(
            f"{source} calls no row test in its column split, so there is nothing to score. Call what is to be scored "
            "test, or leave the column out."
        )
    trained = np.zeros(len(table.rows), np.bool_)
    trained[slices[as_given & (splits != _TEST)]] = True
    answers = put_together(scored, table)
    valid = put_together(rows[as_given & (splits == _VALID)], table)
    notes = [
        *every.notes,
        *_unread(columns, source),
        *left,
        *read_as,
        *doubts.about_answers(scored.probabilities, scored.slices, reading, table, classes_only),
        *doubts.about_order(answers, reading, table),
        *_about_rows(slices[tested], slices[as_given & ~tested], table, source),
        *_unscored(int((as_given & (splits == _TRAIN)).sum()), source),
        *(doubts.about_labels(marks["label"], slices, reading, table, source) if "label" in marks else ()),
        *_lacking_valid(valid, answers),
    ]
    return Given(
        source,
        sheet.digest or _digest(every),
        len(sheet.frame),
        reading,
        classes_only,
        answers,
        valid,
        trained,
        tuple(notes),
    )


def _probabilities(
    columns: Columns, table: SliceTable, mapped: Mapping[str, str], negative: str | None, source: str
) -> tuple[ClassReading, NDArray[np.float64], list[str]]:
    """How the classes are read, the probabilities of these classes `[n, classes]`, and sentences on both."""
    predicted = columns.marks.get("predicted")
    if columns.classes:
        reading = reading_of(table.classes, columns.classes, mapped, negative)
        checked(columns.shares, columns.classes, columns.paths, source)
        probabilities = reading.probabilities(columns.shares, columns.classes)
        notes = list(reading.notes)
        if predicted is not None:
            named = [as_known(text, columns.classes) for text in predicted.values]
            called = _places([reading.model.get(name, name) for name in named], reading.classes)
            notes += doubts.about_predicted(called[predicted.codes], probabilities, source)
        return reading, probabilities, notes
    assert predicted is not None  # `find_columns` has seen to it
    meant, classes, said = predicted_classes(predicted, table.classes, mapped, source, negative)
    reading = reading_of(table.classes, classes, mapped, negative)
    called = _places([reading.model[name] for name in meant], reading.classes)
    return reading, np.eye(len(reading.classes))[called[predicted.codes]], [*said, *reading.notes]


def _models(columns: Columns, sheet: Sheet) -> Texts:
    models = columns.marks.get("model")
    if models is None:
        return Texts(np.zeros(len(columns.paths.codes), np.intp), (sheet.name,))
    if empty := int(models.empty.sum()):
        raise HilumError(f"{sheet.source} has {plural(empty, 'row')} without a model. Fill in the column model.")
    return models


def _splits(columns: Columns, source: str) -> NDArray[np.intp]:
    """Number of the split that each row is called, `[n]`; test where there is no such column."""
    written = columns.marks.get("split")
    if written is None:
        return np.full(len(columns.paths.codes), _TEST)
    splits = [split_name(text) for text in written.values]
    unknown = [repr(text) for text, split in zip(written.values, splits, strict=True) if split is None]
    if written.empty.any():
        unknown.append("empty cells")
    if unknown:
        raise HilumError(
            f"The column split of {source} has {listed(unknown, 3)}. Use {', '.join(SPLITS)}, or leave the column out."
        )
    return np.array([SPLITS.index(split) for split in splits if split])[written.codes]


def _about_rows(tested: NDArray[np.intp], others: NDArray[np.intp], table: SliceTable, source: str) -> Iterator[str]:
    """Sentences on the slices that are called test, and on those that are in no split of the file."""
    if len(others):
        yield from doubts.about_splits(tested, table, source)
    yield from doubts.about_missing(tested, others, table)


def _unscored(rows: int, source: str) -> Iterator[str]:
    if rows:
        yield f"Not scored: {plural(rows, 'row')} that {source} calls train."


def _unread(columns: Columns, source: str) -> Iterator[str]:
    if columns.unread:
        yield f"Columns of {source} that were not read: {listed([spelt(name) for name in columns.unread])}."


def _lacking_valid(valid: tuple[Answers, ...], answers: tuple[Answers, ...]) -> Iterator[str]:
    names = {one.model for one in valid}
    if lacking := sorted({one.model for one in answers} - names) if names else []:
        yield f"{listed(lacking, 3)} has no predictions on valid, so the best model cannot be chosen there."


def _places(names: list[str], classes: tuple[str, ...]) -> NDArray[np.intp]:
    """Place of each name in the classes, -1 if it is none; and -1 last, for empty cells."""
    return np.array([classes.index(name) if name in classes else -1 for name in names] + [-1])


def _digest(columns: Columns) -> str:
    """SHA-256 of the rows."""
    digest = hashlib.sha256()
    for name, of in {"path": columns.paths, **columns.marks}.items():
        digest.update("\0".join([name, *of.values]).encode("utf-8", "surrogatepass"))
        digest.update(np.ascontiguousarray(of.codes, "<i8").tobytes())
    digest.update("\0".join(columns.classes).encode("utf-8", "surrogatepass"))
    digest.update(np.ascontiguousarray(columns.shares, "<f8").tobytes())
    return digest.hexdigest()
