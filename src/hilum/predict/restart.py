"""A file of rows that goes on where a killed run stopped.

Beside `OUT` lies `OUT.about`. Its first line says with which model and settings the rows were made. Each further line
says from which row on they belong to which DICOM series, since rows do not say so themselves.
"""

import hashlib
import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.locks import take_lock
from hilum.outputs import try_file
from hilum.predict.about import ANOTHER, About, about_path, parse_about, series_path
from hilum.predict.inputs import Input
from hilum.predict.output import head, line, parse, records
from hilum.predict.rows import Row
from hilum.predict.series import Tally
from hilum.slices.pool import may_be_read_later
from hilum.storage import write_aside


@dataclass(frozen=True)
class _Before:
    """What an earlier run left.

    Attributes:
        rows: How many.
        kept: Bytes of the output that hold them.
        kept_about: Bytes of the file beside it that speak of them.
        done: Digests of the files that need no answer any more, sorted.
        last: The digest of the last file and how many of its frames were answered, if it may have more.
        series: That of the last row.
    """

    rows: int
    kept: int
    kept_about: int
    done: NDArray[np.uint64]
    last: tuple[int, int] | None
    series: str | None


class RowFile:
    """Writes rows to a file, after those of an earlier run with the same model and settings.

    What it keeps in memory is eight bytes for each row of an earlier run.

    Args:
        out: A new file, an empty one, or one that such a run left, killed at whatever moment.
        about: The model, the settings and the working folder.
        tally: Counts the rows that are in the file already.

    Attributes:
        notes: What a user should know of the earlier run.

    Raises:
        HilumError: The file is something else, was made with another model, with other settings or in another folder,
            another process writes to it, or it cannot be written.
    """

    def __init__(self, out: Path, about: About, tally: Tally) -> None:
        self._out, self._about = out, about
        self.notes: tuple[str, ...] = ()
        try:
            with ExitStack() as opened:
                self._file = opened.enter_context(self._open())
                if not self._file.tell():
                    self._begin()
                self._before = self._read(tally)
                self._rows, self._series = self._before.rows, self._before.series
                self._unread = list[Row]()
                self._file.truncate(self._before.kept)
                self._notes = opened.enter_context(about_path(out).open("ab", buffering=0))
                self._notes.truncate(self._before.kept_about)
                if not self._before.kept:
                    _write(self._file, head(about.format, about.classes))
                self._opened = opened.pop_all()
        except OSError as error:
            self._unwritable(error)

    @property
    def earlier(self) -> int:
        """How many rows an earlier run left."""
        return self._before.rows

    def unanswered(self, inputs: Iterable[Input], naming: Callable[[Input], str]) -> Iterator[Input]:
        """The inputs without those that have their rows, and without this file itself.

        Of a file whose frames were answered in part, the rest of the frames is left.
        """
        own = {os.path.abspath(path) for path in (self._out, about_path(self._out), series_path(self._out))}  # noqa: PTH100
        for source in inputs:
            if os.path.abspath(source.path) in own:  # noqa: PTH100 - resolve follows links, at a price for each file
                continue
            key = _key(naming(source))
            if self._before.last is not None and key == self._before.last[0]:
                yield replace(source, answered=self._before.last[1])
            elif not _holds(self._before.done, key):
                yield source

    def write(self, row: Row) -> None:
        """Adds a row; it is in the file when this returns.

        Only rows of files that the machine could not read for now come last, where a further run cuts them off.

        Raises:
            HilumError: The disk is full, or the file cannot be written any more.
        """
        if row.frame is None and may_be_read_later(row.reason):
            self._unread.append(row)
        else:
            self._add(row)

    def _add(self, row: Row) -> None:
        try:
            if row.series != self._series:  # first, so that no row lacks its series
                _write(self._notes, (json.dumps({"row": self._rows, "series": row.series}) + "\n").encode())
                self._series = row.series
            _write(self._file, line(row, self._about.format, self._about.classes))
            self._rows += 1
        except OSError as error:
            self._unwritable(error)

    def __enter__(self) -> Self:
        """Is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes both files."""
        if kind is None:
            for row in self._unread:
                self._add(row)
        self._opened.close()

    def _open(self) -> FileIO:
        """Opens the output, which is locked until it is closed."""
        check_rows(self._out)
        if not self._out.exists():
            self._check_beside()
        self._out.parent.mkdir(parents=True, exist_ok=True)
        file = self._out.open("ab", buffering=0)  # so that nothing is left to be written when it is closed
        if take_lock(file.fileno()) is False:
            file.close()
            raise HilumError(f"Another hilum is writing to {self._out}. Wait for it to end, or give another --out.")
        return file

    def _begin(self) -> None:
        self._check_beside()
        write_aside(about_path(self._out), (json.dumps(self._about.as_json()) + "\n").encode())

    def _check_beside(self) -> None:
        """Sees that the file beside the output is ours, where there is one."""
        if about_path(self._out).exists():
            with about_path(self._out).open("rb") as notes:
                parse_about(notes.readline(), self._out)

    def _read(self, tally: Tally) -> _Before:
        if not about_path(self._out).is_file():
            raise HilumError(
                f"{self._out} is no output of hilum predict: {about_path(self._out).name} is not beside it. {ANOTHER}"
            )
        with about_path(self._out).open("rb") as notes, self._out.open("rb") as file:
            first = notes.readline()
            self.notes = self._about.check(parse_about(first, self._out), self._out)
            return self._read_rows(file, notes, len(first), tally)

    def _read_rows(self, file: BinaryIO, notes: BinaryIO, kept_about: int, tally: Tally) -> _Before:
        top, rows, kept, keys, series = head(self._about.format, self._about.classes), 0, 0, array("Q"), None
        last, frames, ended = None, 0, True
        coming = _notes(notes)
        start = next(coming, None)
        for record in records(file, self._about.format):
            if top and not kept:
                if record != top:
                    raise HilumError(f"{self._out} has other columns than hilum predict writes. {ANOTHER}")
                kept = len(record)
                continue
            try:
                row = parse(record, self._about.format, self._about.classes)
            except (ValueError, TypeError) as error:
                raise HilumError(f"Line {rows + 1 + bool(top)} of {self._out} is no answer. {ANOTHER}") from error
            if may_be_read_later(row.reason):
                break  # what follows is answered again
            while start is not None and start[0] <= rows:
                series, kept_about, start = start[1], kept_about + start[2], next(coming, None)
            tally.add(replace(row, series=series))
            key = _key(row.path)
            frames = (frames if key == last else 0) + 1
            if key != last:
                keys.append(key)
            last, rows, kept = key, rows + 1, kept + len(record)
            ended = row.frame is None
        if last is not None and not ended:
            keys.pop()
        done = np.sort(np.frombuffer(keys, np.uint64)) if keys else np.empty(0, np.uint64)
        return _Before(rows, kept, kept_about, done, None if last is None or ended else (last, frames), series)

    def _unwritable(self, error: OSError) -> NoReturn:
        raise HilumError(
            f"{self._out} cannot be written ({error.strerror}). Rows that are in it stay; mend this, or name another."
        ) from error


def check_rows(out: Path) -> None:
    """Sees, before a model is read, that rows could be written to a place.

    Raises:
        HilumError: They could not.
    """
    if out.is_dir():
        raise HilumError(f"{out} is no file. Give --out the name of a file.")
    for path in (out, about_path(out), series_path(out)):
        try_file(path)


def write_series(out: Path, tally: Tally) -> None:
    """Writes the summaries of the DICOM series beside an output, where there are some.

    Raises:
        HilumError: The file cannot be written.
    """
    if not (summaries := tally.summaries()):
        return
    text = json.dumps([summary.as_json() for summary in summaries], indent=1, allow_nan=False)
    try:
        write_aside(series_path(out), f"{text}\n".encode())
    except OSError as error:
        raise HilumError(f"{series_path(out)} cannot be written ({error.strerror}).") from error


def _notes(file: BinaryIO) -> Iterator[tuple[int, str | None, int]]:
    """From which row on, which series, and the bytes of the line; up to the first that is cut short."""
    for data in file:
        try:
            note = json.loads(data if data.endswith(b"\n") else b"{}")
            yield note["row"], note["series"], len(data)
        except (ValueError, TypeError, KeyError):
            return


def _write(file: FileIO, data: bytes) -> None:
    while data:  # a disk that fills up takes a part first
        data = data[file.write(data) :]


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


def _holds(keys: NDArray[np.uint64], key: int) -> bool:
    place = int(np.searchsorted(keys, np.uint64(key)))
    return place < len(keys) and int(keys[place]) == key
