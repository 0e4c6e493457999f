"""`--config FILE` of every command: its options and arguments, read from a TOML or JSON file."""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from hilum.cli.added import with_option
from hilum.cli.help import ADVANCED, option
from hilum.errors import HilumError
from hilum.options import check_name, check_option

_READERS = {".toml": tomllib.loads, ".json": lambda text: json.loads(text, object_pairs_hook=_once)}
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "text"}
_HELP = "TOML or JSON file of options, such as the config.json of a run; the command line goes before it."


def configurable(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one more option, `--config FILE`, whose values stand where the command line has none."""
    hints = get_type_hints(command)

    def read(context: typer.Context, file: Path | None) -> None:
        if file is not None and not context.resilient_parsing:  # which is how a shell completes a line
            context.default_map = _values(file, context, hints)

    config = option(ADVANCED, "FILE", _HELP, first=read)
    return with_option(command, "config", Annotated[Path | None, config], default=None)


def _values(file: Path, context: typer.Context, hints: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a file by the names of a command's parameters, whose types are the hints.

    Raises:
        HilumError: The file cannot be read, is for another command, or has an unknown option or a wrong value.
    """
    values, seen = dict[str, Any](), dict[str, str]()
    known = dict(_options_of(context))
    command = context.command_path.removeprefix(context.find_root().command_path).strip()  # without `hilum`
    for name, value in _for_command(file, command, context):
        named = name.replace("_", "-")
        check_option(f"{file}: hilum {command}", named, known)
        parameter, is_opposite = known[named]
        if parameter in seen:
            raise HilumError(f"{file}: {seen[parameter]} and {name} are the same option. Keep one of them.")
        seen[parameter] = name
        if value is not None:  # null is an option that was not given
            checked = _checked(f"{file}: {name}", value, hints[parameter])
            values[parameter] = not checked if is_opposite else checked
    return values


def _for_command(file: Path, command: str, context: typer.Context) -> Iterator[tuple[str, Any]]:
    """The options of a file, which a user wrote flat, or which name their command as those that a run leaves do."""
    content = _content(file)
    meant = content.pop("command", command)
    if meant != command:
        check_name("command", str(meant), _commands(context.find_root().command))
        raise HilumError(f"{file} is a configuration of hilum {meant}; run hilum {meant} --config {file}")
    if beyond := content.pop("only_in_python", None):
        sentences = " ".join(map(str, beyond)) if isinstance(beyond, list) else ""
        raise HilumError(f"{file} is of a run in Python that no command can repeat. {sentences}".strip())
    options = content.pop("options", {})
    if not isinstance(options, dict):
        raise HilumError(f"{file}: options must be a table of options, not {_shown(options)}.")
    yield from content.items()
    yield from options.items()


def _content(file: Path) -> dict[str, Any]:
    kind = file.suffix.lower()
    if kind not in _READERS:
        raise HilumError(f"{file} must end in .toml or .json, so that its format is known.")
    try:
        content = _READERS[kind](file.read_text("utf-8-sig"))
    except OSError as error:
        raise HilumError(f"{file} cannot be read ({error.strerror}). Give --config a TOML or JSON file.") from error
    except (ValueError, RecursionError) as error:  # the messages of both formats say where
        raise HilumError(f"{file} is not valid {kind[1:].upper()}: {error}.") from error
    if not isinstance(content, dict):
        raise HilumError(f"{file} must hold options by name, not {_shown(content)}.")
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; of a name that is there twice, Python would silently take the last value."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice")
    return made


def _options_of(context: typer.Context) -> Iterator[tuple[str, tuple[str, bool]]]:
    """The parameter of each argument or option by its name on the command line, and whether its opposite is named."""
    for one in context.command.params:
        if one.name not in (None, "config", "help"):
            yield from ((name.lstrip("-"), (one.name, False)) for name in one.opts)
            yield from ((name.lstrip("-"), (one.name, True)) for name in one.secondary_opts)


def _commands(group: Any) -> Iterator[str]:  # noqa: ANN401 - Typer has a group of its own or Click's
    for name, one in group.commands.items():
        yield from (f"{name} {under}" for under in _commands(one)) if hasattr(one, "commands") else [name]


def _checked(name: str, value: object, hint: Any) -> Any:  # noqa: ANN401 - a type, or types and None
    if isinstance(hint, UnionType):
        hint = next(kind for kind in get_args(hint) if kind is not NoneType)
    several, kind = get_origin(hint) is list, (get_args(hint) or (hint,))[0]
    accepted: Any = {float: (int, float), Path: str}.get(kind, kind)
    values = value if several and isinstance(value, list) else [value]
    if not all(isinstance(one, accepted) and isinstance(one, bool) == (kind is bool) for one in values):
        or_list = ", or a list of text" if several else ""
        raise HilumError(f"{name} must be {_KINDS[kind]}{or_list}, not {_shown(value)}.")
    return values if several else value


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
