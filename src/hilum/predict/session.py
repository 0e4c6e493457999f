"""A whole prediction: from what the user named to rows in a file or on the way to one, and what they come to."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from hilum.errors import HilumError
from hilum.model.reader import Reader
from hilum.predict.about import About, working_folder
from hilum.predict.inputs import STANDARD_INPUT, Input, input_files
from hilum.predict.output import Format
from hilum.predict.resume import RowFile, write_series
from hilum.predict.rows import Limits, Row
from hilum.predict.run import answers
from hilum.predict.series import Tally
from hilum.progress import Tracker, silent
from hilum.slices.pseudonyms import pseudonym

LISTED = 100  # unreadable slices that are named at the end


@dataclass(frozen=True)
class Outcome:
    """What a prediction came to.

    Attributes:
        tally: Counts of all rows, those of an earlier run included, and of their series.
        unreadable: The first `LISTED` slices of this run that could not be read.
        earlier: How many rows an earlier run had left in the file.
        notes: What a user should know of that run.
    """

    tally: Tally
    unreadable: tuple[Row, ...]
    earlier: int
    notes: tuple[str, ...] = ()


def format_for(out: Path | None, as_json: bool, as_csv: bool) -> Format | None:
    """The format that was asked for, or that the name of the output suggests; None is a table for people.

    Raises:
        HilumError: Two formats were asked for.
    """
    if as_json and as_csv:
        raise HilumError("Give --json or --csv, not both.")
    if as_csv or (out is not None and not as_json and out.suffix.lower() == ".csv"):
        return "csv"
    return "json" if as_json or out is not None else None


def predict_files(
    reader: Reader,
    arguments: Sequence[str],
    show: Callable[[Row], None],
    *,
    limits: Limits,
    stdin: BinaryIO,
    window: str | None = None,
    out: Path | None = None,
    format: Format = "json",
    hash_names: bool = False,
    track: Tracker = silent,
) -> Outcome:
    """Answers on everything that arguments name; goes on with a file that an earlier run left.

    Args:
        reader: The model.
        arguments: As `hilum.predict.inputs.input_files` takes them.
        show: Called with every row, in order, where there is no `out`.
        limits: When not to answer.
        stdin: Where `-` reads paths.
        window: For DICOM; None is the one the model was trained with.
        out: The file of rows.
        format: Of that file.
        hash_names: Whether rows hold pseudonyms instead of paths.
        track: Shows progress.

    Raises:
        HilumError: `out` is something else, is being written by another process, or cannot be written.
    """
    facts, naming = reader.facts, _pseudonym if hash_names else attrgetter("name")
    tally, bad, chosen = Tally(facts.classes), list[Row](), window or facts.preparation.window
    about = About(
        model=facts.digest,
        classes=facts.classes,
        format=format,
        window=chosen,
        answer=limits.answer,
        outlier=limits.outlier,
        hashed=hash_names,
        folder=working_folder(hash_names),
    )
    with nullcontext() if out is None else RowFile(out, about, tally) as file:
        earlier, notes = (0, ()) if file is None else (file.earlier, file.notes)

        def inputs() -> Iterator[Input]:
            found = input_files(arguments, stdin)
            return found if file is None else file.unanswered(found, naming)

        # What can be listed once only is not counted first; then there is no bar.
        once = any(argument == STANDARD_INPUT or _is_pipe(argument) for argument in arguments)
        shown, total = (silent, 0) if once or track is silent else (track, sum(1 for _ in inputs()))
        with shown("reading slices", total) as advance:
            for row in answers(reader, inputs(), limits, window=chosen, naming=naming, advance=advance):
                tally.add(row)
                if row.decision == "unreadable" and len(bad) < LISTED:
                    bad.append(row)
                (show if file is None else file.write)(row)
    if out is not None:
        write_series(out, tally)
    return Outcome(tally, tuple(bad), earlier, notes)


def _is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116 - Path.is_fifo raises on a path that may not be seen
    except (OSError, ValueError):
        return False


def _pseudonym(source: Input) -> str:
    return pseudonym(os.path.abspath(source.path))  # noqa: PTH100 - resolve would touch the disk for each file
