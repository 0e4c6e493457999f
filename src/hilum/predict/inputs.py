"""The files that a user names: files, folders, patterns, lists of paths, standard input."""

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from hilum.errors import HilumError
from hilum.predict.patterns import Pattern, has_wildcards, split_pattern
from hilum.slices.walking import is_output, leads_out, left_out, visible
from hilum.text import plain_path

LISTS = (".txt", ".lst")
STANDARD_INPUT = "-"
_LONGEST_LINE = 16_384  # bytes; no system has longer paths


@dataclass(frozen=True)
class Input:
    """A file that was asked for.

    Attributes:
        path: Path as given, or as found below a given folder.
        reason: Reason why the file cannot be read, if known without opening it.
        answered: Number of its frames that an earlier run has answered.
        missing: Whether nothing of that name exists.
    """

    path: str
    reason: str | None = None
    answered: int = 0
    missing: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """The path as text that every output can hold (`hilum.text.plain_path`); `-` stays as it is."""
        return self.path if self.path == STANDARD_INPUT else plain_path(self.path)


def input_files(arguments: Iterable[str], stdin: BinaryIO) -> Iterator[Input]:
    """The files that arguments name, one at a time, in the order of the arguments.

    An argument is a file, a folder (walked in the order of names), a pattern with `*`, `?`, `[...]` and `**`, a list
    of paths (`.txt` or `.lst`, one path per line, relative to the working folder), or `-` for such a list on `stdin`.
    Hidden files and those of other programs are left out, and links that lead out of a folder are not followed. A path
    that cannot be found becomes an input with a reason. Only the names of folders on the way are kept in memory.
    """
    for argument in arguments:
        if argument == STANDARD_INPUT:
            yield from _listed(stdin, argument)
        elif argument.lower().endswith(LISTS):
            try:
                with Path(argument).open("rb") as lines:
                    yield from _listed(lines, argument)
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or "bad name"
                missing = not os.path.lexists(argument)
                yield Input(argument, f"the list cannot be opened ({why})", missing=missing)
        elif has_wildcards(argument) and not os.path.lexists(argument):
            yield from _matching(argument)
        else:
            yield from _named(argument)


def check_named(
    arguments: Sequence[str], find: Callable[[Iterable[str], BinaryIO], Iterator[Input]] = input_files
) -> None:
    """Checks, before any work, that something exists of what arguments name.

    What can be read only once, such as standard input, is not looked into.

    Args:
        arguments: Arguments for `find`.
        find: `input_files`, or a function like it.

    Raises:
        HilumError: Nothing of it exists, or there are no arguments.
    """
    if not arguments:
        raise HilumError("There is nothing to predict: no path was given. Give files, folders or patterns.")
    if readable_once(arguments):
        return
    first = None
    for one in find(arguments, io.BytesIO()):
        if not one.missing:
            return
        first = first or one
    if first is not None:
        others = " Nothing else that was named exists either." if len(arguments) > 1 else ""
        raise HilumError(
            f"There is nothing to predict: {first.name}: {first.reason}.{others} Give files, folders or patterns that "
            "exist, as seen from the working folder."
        )


def hidden_lines(arguments: Iterable[str]) -> list[str]:
    """A sentence on the files in folders that are passed over, if there are any."""
    hidden = sum(left_out(Path(argument)).total() for argument in arguments)
    return [f"Hidden files and those of other programs or of hilum are left out, {hidden:,} in all."] if hidden else []


def readable_once(arguments: Iterable[str]) -> bool:
    """Whether arguments name standard input or a pipe, whose paths can be read only once."""
    return any(argument == STANDARD_INPUT or _is_pipe(argument) for argument in arguments)


def _is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116 - Path.is_fifo raises on a path that may not be seen
    except (OSError, ValueError):
        return False


def _listed(lines: BinaryIO, origin: str) -> Iterator[Input]:
    empty = True
    while line := lines.readline(_LONGEST_LINE):
        if b"\0" in line or (len(line) == _LONGEST_LINE and not line.endswith(b"\n")):
            yield Input(origin, "not a list of paths: it should be text in UTF-8 with one path per line")
            return
        line = line.removeprefix(b"\xef\xbb\xbf") if empty else line
        if path := line.removesuffix(b"\n").removesuffix(b"\r"):
            empty = False
            yield from _named(os.fsdecode(path))
    if empty:
        yield Input(origin, "the list names no file")


def _named(path: str) -> Iterator[Input]:
    if os.path.isdir(path):  # noqa: PTH112 - Path drops a leading ./ and a trailing slash, which the user gave
        yield from _walked(path, (), Input(path, "the folder holds no file"))
    else:
        why = _why_not(path)
        yield Input(path, why, missing=why is not None and not os.path.lexists(path))


def _why_not(path: str) -> str | None:
    if os.path.isfile(path):  # noqa: PTH113
        return None
    try:
        os.lstat(path)
    except FileNotFoundError:
        return "there is no such file"
    except (OSError, ValueError) as error:
        return f"it cannot be looked at ({getattr(error, 'strerror', None) or 'bad name'})"
    return "a symbolic link that leads nowhere" if os.path.islink(path) else "neither a file nor a folder"  # noqa: PTH114


def _matching(pattern: str) -> Iterator[Input]:
    fixed, parts = split_pattern(Path(pattern).parts)
    root = str(Path(*fixed)) if fixed else ""
    none = Input(pattern, "no file matches this pattern", missing=True)
    if not root or os.path.isdir(root):  # noqa: PTH112 - Path.is_dir raises on a path that may not be seen
        yield from _walked(root, parts, none)
    else:
        yield none


def _walked(root: str, parts: tuple[str, ...], none: Input) -> Iterator[Input]:
    found = _walk(root, parts)
    yield next(found, none)
    yield from found


def _walk(root: str, parts: tuple[str, ...]) -> Iterator[Input]:
    """Files below a folder that match a pattern. An empty pattern matches all; a folder that matches is walked whole.

    Links to folders are never entered, which rules out endless loops.
    """
    pattern = Pattern(parts)
    top, stack = os.path.realpath(root), [(root, pattern.begin)]
    while stack:
        folder, places = stack.pop()
        try:
            with os.scandir(folder or os.curdir) as entries:
                found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except OSError as error:
            yield Input(folder, f"the folder cannot be read ({error.strerror})")
            continue
        below = []
        for name, is_folder in found:
            path, after = os.path.join(folder, name), pattern.after(places, name)  # noqa: PTH118
            if not after or not visible(name) or (is_folder and is_output(Path(path))):
                continue
            if is_folder:
                below.append((path, after))
            elif os.path.islink(path) and os.path.isdir(path):  # noqa: PTH112, PTH114
                yield Input(path, "a symbolic link to a folder; not followed")
            elif pattern.matched(after):
                yield _inside(path, top)
        stack += reversed(below)


def _inside(path: str, top: str) -> Input:
    if os.path.islink(path) and leads_out(Path(path), Path(top)):  # noqa: PTH114
        return Input(path, "a symbolic link that leads out of the folder; not followed")
    return next(_named(path))
