"""A whole prediction: from the user's arguments to rows and their summary. `hilum predict` starts here."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from hilum.errors import HilumError
from hilum.model.reader import Reader
from hilum.predict.about import About, working_folder
from hilum.predict.inputs import Input, input_files, readable_once
from hilum.predict.output import Format
from hilum.predict.resume import RowFile, write_series
from hilum.predict.rows import Row
from hilum.predict.run import answers
from hilum.predict.series import Tally
from hilum.progress import Tracker, silent
from hilum.slices.pseudonyms import pseudonym
from hilum.trust.abstention import Limits

LISTED = 100  # unreadable slices named at the end


@dataclass(frozen=True)
class Outcome:
    """The outcome of a prediction.

    Attributes:
        tally: Counts of all rows and their series, including those of an earlier run.
        unreadable: First `LISTED` slices of this run that could not be read.
        earlier: Number of rows that an earlier run had left in the file.
        notes: Notes on that run for the user.
    """

    tally: Tally
    unreadable: tuple[Row, ...]
    earlier: int
    notes: tuple[str, ...] = ()


def format_for(out: Path | None, as_json: bool, as_csv: bool) -> Format | None:
    """The format that was asked for, or that the name of the output suggests; None for a table on the terminal.

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
    max_errors: int | None = None,
    track: Tracker = silent,
) -> Outcome:
    """Answers on everything that the arguments name, and continues a file that an earlier run left.

    Args:
        reader: The model.
        arguments: Arguments for `hilum.predict.inputs.input_files`.
        show: Function called with every row, in order, if there is no `out`.
        limits: Limits outside which the model does not answer.
        stdin: Stream from which `-` reads paths.
        window: Window for DICOM files; by default that of the training.
        out: File of rows.
        format: Format of that file.
        hash_names: Whether rows hold pseudonyms instead of paths.
        max_errors: Largest number of slices that may be unreadable.
        track: Progress display.

    Raises:
        HilumError: `out` is something else, is being written by another process, or cannot be written, or more slices
            are unreadable.
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
        check_errors(tally.decisions["unreadable"], max_errors)  # of the earlier run

        def inputs() -> Iterator[Input]:
            found = input_files(arguments, stdin)
            return found if file is None else file.unanswered(found, naming)

        # Pipes can be listed only once: they are not counted first, and there is no progress bar.
        once = readable_once(arguments)
        shown, total = (silent, 0) if once or track is silent else (track, sum(1 for _ in inputs()))
        with shown("answering", total) as advance:
            for row in answers(reader, inputs(), limits, window=chosen, naming=naming, advance=advance):
                tally.add(row)
                if row.decision == "unreadable" and len(bad) < LISTED:
                    bad.append(row)
                (show if file is None else file.write)(row)
                check_errors(tally.decisions["unreadable"], max_errors)
    if out is not None:
        write_series(out, tally)
    return Outcome(tally, tuple(bad), earlier, notes)


def check_errors(unreadable: int, most: int | None) -> None:
    """Checks the number of unreadable slices so far, those of earlier runs included.

    Raises:
        HilumError: There are more than `most`.
    """
    if most is not None and unreadable > most:
        raise HilumError(
            f"{unreadable:,} slices cannot be read, more than the {most:,} that --max-errors allows. The rows so far "
            "are kept: allow more errors to go on with them, or mend the files and give another --out."
        )


def _pseudonym(source: Input) -> str:
    return pseudonym(os.path.abspath(source.path))  # noqa: PTH100 - resolve would touch the disk for each file
