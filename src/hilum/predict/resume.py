"""A file of rows that continues where a killed run stopped.

The file `OUT.about` lies beside `OUT`. Its first line records the model and the settings. Each further line names a
DICOM series and the row where it starts, because the rows do not name their series.
"""

import hashlib
import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NoReturn

import numpy as np

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


class RowFile(AbstractContextManager["RowFile"]):
    """Writes rows to a file, after those of an earlier run with the same model and settings.

    Only eight bytes for each row of an earlier run are kept in memory.

    Args:
        out: New or empty file, or the file of an earlier run, which may have been killed at any moment.
        about: Model, settings and working folder.
        tally: Counts of rows, to which those of the earlier run are added.

    Attributes:
        earlier: Number of rows that an earlier run left.
        notes: Notes on that run for the user.

    Raises:
        HilumError: The file is something else or cannot be written, another process is writing to it, or it was made
            with another model, with other settings or in another folder.
    """

    def __init__(self, out: Path, about: About, tally: Tally) -> None:
        self._out, self._about, self._unread = out, about, list[Row]()
        self._series: str | None = None
        try:
            with ExitStack() as opened:
                self._file = opened.enter_context(self._open())
                if not self._file.tell():
                    write_aside(about_path(out), (json.dumps(about.as_json()) + "\n").encode())
                kept, kept_about = self._read(tally)
                self._file.truncate(kept)
                self._notes = opened.enter_context(about_path(out).open("ab", buffering=0))
                self._notes.truncate(kept_about)
                if not kept:
                    _write(self._file, head(about.format, about.classes))
                self._opened = opened.pop_all()
        except OSError as error:
            self._unwritable(error)

    def unanswered(self, inputs: Iterable[Input], naming: Callable[[Input], str]) -> Iterator[Input]:
        """The inputs that have no rows yet, without this file itself.

        If only some frames of a file were answered, the input asks for the other frames.
        """
        own = {os.path.abspath(path) for path in (self._out, about_path(self._out), series_path(self._out))}  # noqa: PTH100
        for source in inputs:
            if os.path.abspath(source.path) in own:  # noqa: PTH100 - resolve follows links, at a price for each file
                continue
            key = _key(naming(source))
            if key == self._begun:
                yield replace(source, answered=self._answered)
            elif not self._is_done(key):
                yield source

    def _is_done(self, key: int) -> bool:
        place = int(np.searchsorted(self._done, np.uint64(key)))
        return place < len(self._done) and int(self._done[place]) == key

    def write(self, row: Row) -> None:
        """Writes a row to the file before it returns.

        Rows of files that could not be read for the moment are kept back and written last, where a further run cuts
        them off.

        Raises:
            HilumError: The disk is full, or the file can no longer be written.
        """
        if row.frame is None and may_be_read_later(row.reason):
            self._unread.append(row)
        else:
            self._add(row)

    def _add(self, row: Row) -> None:
        try:
            if row.series != self._series:  # before the row, which must not lack its series
                _write(self._notes, (json.dumps({"row": self._rows, "series": row.series}) + "\n").encode())
                self._series = row.series
            _write(self._file, line(row, self._about.format, self._about.classes))
            self._rows += 1
        except OSError as error:
            self._unwritable(error)

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
        beside = about_path(self._out)
        if beside.exists() and not (self._out.exists() and self._out.stat().st_size):
            with beside.open("rb") as notes:  # raises unless hilum wrote it
                parse_about(notes.readline(), self._out)
        self._out.parent.mkdir(parents=True, exist_ok=True)
        file = self._out.open("ab", buffering=0)  # unbuffered, so closing has nothing left to write
        if take_lock(file.fileno()) is False:
            file.close()
            raise HilumError(f"Another hilum is writing to {self._out}. Wait for it to end, or give another --out.")
        return file

    def _read(self, tally: Tally) -> tuple[int, int]:
        """Reads what an earlier run left, and returns the number of bytes to keep of both files."""
        if not about_path(self._out).is_file():
            raise HilumError(
                f"{self._out} is not an output of hilum predict: {about_path(self._out).name} is not beside it. "
                f"{ANOTHER}"
            )
        with about_path(self._out).open("rb") as notes, self._out.open("rb") as file:
            first = notes.readline()
            self.notes = self._about.check(parse_about(first, self._out), self._out)
            return self._read_rows(file, notes, len(first), tally)

    def _read_rows(self, file: BinaryIO, notes: BinaryIO, kept_about: int, tally: Tally) -> tuple[int, int]:
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
                raise HilumError(
                    f"Line {rows + 1 + bool(top)} of {self._out} is not a row of hilum predict. {ANOTHER}"
                ) from error
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
        self._begun, self._answered = None if ended else keys.pop(), frames  # the last file, if it may have more frames
        self._done = np.sort(np.array(keys, np.uint64))
        self.earlier, self._rows, self._series = rows, rows, series
        return kept, kept_about

    def _unwritable(self, error: OSError) -> NoReturn:
        raise HilumError(
            f"{self._out} cannot be written ({error.strerror}). The rows in it are kept. Make room there, or give "
            "another --out."
        ) from error


def check_rows(out: Path) -> None:
    """Checks, before a model is opened, that rows can be written to a place.

    Raises:
        HilumError: The rows cannot be written.
    """
    if out.is_dir():
        raise HilumError(f"{out} is a folder. Give --out the name of a file.")
    for path in (out, about_path(out), series_path(out)):
        try_file(path)


def write_series(out: Path, tally: Tally) -> None:
    """Writes the summaries of the DICOM series, if any, beside an output.

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
    """Start row, series and number of bytes of each line, up to the first line that was cut short."""
    for data in file:
        try:
            note = json.loads(data if data.endswith(b"\n") else b"{}")
            yield note["row"], note["series"], len(data)
        except (ValueError, TypeError, KeyError):
            return


def _write(file: FileIO, data: bytes) -> None:
    while data:  # a disk that fills up takes only a part
        data = data[file.write(data) :]


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
