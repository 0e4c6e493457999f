"""The record config.json: the options of a run, with which its command repeats it."""

from collections.abc import Mapping, Sequence

from hilum.records.base import Record

CONFIG = "config.json"
Option = bool | int | float | str | list[str] | None


class Config(Record):
    """The options of a run.

    Attributes:
        command: Command without `hilum`.
        options: Values of its arguments and options by their names on the command line, as they were used; None is an
            option that was not given.
        only_in_python: Sentences on what was asked for in Python and cannot be asked for on the command line.
    """

    command: str
    options: Mapping[str, Option]
    only_in_python: tuple[str, ...] = ()


def config(command: str, options: Mapping[str, Option], only_in_python: Sequence[str]) -> Config:
    """A configuration to write; it has the sentences only if there are any."""
    sentences = {"only_in_python": only_in_python} if only_in_python else {}
    return Config.made({"command": command, "options": options, **sentences})
