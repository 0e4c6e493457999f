"""Places that commands write to. A place is tried before the work and always holds all of the old or all of the new."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, NoReturn, Self

from hilum.errors import HilumError
from hilum.staging import Held, Staging, files_in, is_there

_OR_REPLACE = "or --overwrite (overwrite=True in Python) to replace it"  # ends messages


@dataclass(frozen=True)
class Kind:
    """How a folder that hilum wrote is recognised.

    Attributes:
        noun: Its name in messages.
        record: Name of the JSON file that says what the folder is. Its field `files`, a list of names or a mapping by
            name, lists other files.
        schema: Schema of the record; the version is ignored.
        files: Names of files that the record does not list.
    """

    noun: str
    record: str
    schema: str
    files: frozenset[str] = frozenset()

    def files_in(self, folder: Path) -> set[str] | None:
        """Names of the files that hilum wrote into a folder, or None if the folder is not of this kind."""
        try:
            record = json.loads((folder / self.record).read_bytes())
            if record["schema"].partition("/")[0] != self.schema.partition("/")[0]:
                return None
            listed = record.get("files")  # in an audit, a count of files
            return {self.record, *self.files, *(map(str, listed) if isinstance(listed, list | dict) else ())}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


class _Place:
    """A place that is tried and locked in a `with` block, and written to at its end or not at all."""

    _is_folder: ClassVar[bool]

    def __init__(self, place: str | Path, option: str) -> None:
        self.place, self._option = Path(place), option

    def __enter__(self) -> Self:
        """Tries and locks the place.

        Raises:
            HilumError: The place may not or cannot be written, or another process is writing to it.
        """
        try:
            self._target = self.place.resolve()  # where a link points, not the link
            with ExitStack() as undo:
                self._staging = Staging(self._target)
                undo.callback(self._staging.remove)
                self._check()
                self._undo = undo.pop_all()
        except Held as error:
            raise HilumError(
                f"Another hilum is writing to {self.place}. Wait for it to end, or give another {self._option}. "
                f"If no other hilum is running, remove {error.folder}."
            ) from error
        except (OSError, RuntimeError, ValueError) as error:  # the last two: links in a circle, a NUL in the name
            self._unwritable(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Removes the staging folder and unlocks the place."""
        self._undo.close()

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Gives the path of a new folder or file to write, which takes the place at the end of the block.

        Raises:
            HilumError: The place cannot be written, or was taken after it had been tried.
        """
        try:
            if self._is_folder:
                self._staging.new.mkdir()
            yield self._staging.new
            self._check()
            self._staging.take_place()
        except OSError as error:
            self._unwritable(error)

    def _check(self) -> None:
        raise NotImplementedError

    def _unwritable(self, error: Exception) -> NoReturn:
        reason = getattr(error, "strerror", None) or error
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        remedy = f"Give another {self._option}{', or make room there' if full else ''}."
        raise HilumError(f"{self.place} cannot be written ({reason}). {remedy}") from error


class OutputFolder(_Place):
    """A folder to write: tried before the work, and replaced in one step at its end.

    Args:
        place: Folder that does not exist or is empty; with `overwrite`, also an earlier folder of the same kind without
            other files.
        kind: Kind of folder to write; None if nothing may be overwritten.
        overwrite: Whether to replace an earlier folder.
        option: What names the place, for messages that end in "Give another ...".
    """

    _is_folder = True

    def __init__(
        self, place: str | Path, kind: Kind | None, *, overwrite: bool = False, option: str = "folder (--out)"
    ) -> None:
        super().__init__(place, option)
        self._kind, self._overwrite = kind, overwrite

    def _check(self) -> None:
        place, target, other = self.place, self._target, f"give another {self._option}"
        if not is_there(target):
            return
        if self._kind is None and (not target.is_dir() or any(target.iterdir())):
            raise HilumError(f"{place} exists and is not an empty folder. Give another; nothing is overwritten.")
        if not target.is_dir():
            raise HilumError(f"{place} is a file. {other.capitalize()}.")
        if os.path.ismount(target) or Path.cwd().is_relative_to(target):
            why = "a mount point" if os.path.ismount(target) else "in use as the working folder"
            raise HilumError(f"{place} is {why} and cannot be replaced. Give a new folder inside it.")
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if self._kind is None or not any(target.iterdir()):
            return
        noun = self._kind.noun
        a_noun = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
        earlier = self._kind.files_in(target)
        if earlier is None:
            raise HilumError(
                f"{place} holds something else, not a hilum {noun}. Files that hilum did not make are never "
                f"overwritten; {other}."
            )
        if not self._overwrite:
            raise HilumError(f"{place} holds {a_noun} already. {other.capitalize()}, {_OR_REPLACE}.")
        if foreign := files_in(target) - earlier:
            more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
            raise HilumError(
                f"{place} holds files that are not the {noun}'s: {min(foreign)}{more}. Move them, or {other}."
            )


class OutputFile(_Place):
    """A file to write: tried before the work, and replaced in one step at its end.

    Args:
        place: File that does not exist; with `overwrite`, also an existing one.
        overwrite: Whether to replace an existing file.
        option: What names the place, for messages that end in "Give another ...".
    """

    _is_folder = False

    def __init__(self, place: str | Path, *, overwrite: bool = False, option: str = "file (--out)") -> None:
        super().__init__(place, option)
        self._overwrite = overwrite

    def _check(self) -> None:
        if not is_there(self._target):
            return
        if not self._target.is_file():
            raise HilumError(f"{self.place} exists already and is not a file. Give another {self._option}.")
        if not self._overwrite:
            raise HilumError(f"{self.place} exists already. Give another {self._option}, {_OR_REPLACE}.")


def check_outside(place: str | Path, folder: str | Path | None, noun: str) -> None:
    """Checks that a place to write is not in the folder of the slices.

    Args:
        place: The file or folder to write.
        folder: Folder of the slices; None if they have none.
        noun: What the place is, for the message: `file` or `folder`.

    Raises:
        HilumError: It is.
    """
    if folder is not None and Path(place).resolve().is_relative_to(Path(folder).resolve()):
        raise HilumError(f"{place} is inside {folder}, into which nothing is written. Give a {noun} outside it.")


def try_file(place: Path, option: str = "file (--out)") -> None:
    """Checks before any work that a file can be written to a place, and leaves nothing there.

    Raises:
        HilumError: It cannot.
    """
    with OutputFile(place, overwrite=True, option=option):
        pass


def write_text(path: Path, text: str) -> None:
    """Writes a text in UTF-8. Characters that UTF-8 lacks are escaped, since file names may contain any bytes."""
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """Writes a record as `write_text` does. NaN and infinity, which JSON lacks, raise a ValueError."""
    write_text(path, json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
