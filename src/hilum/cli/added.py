"""Adds an option to a command that does not take it itself."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def with_option(
    command: Callable[..., None],
    name: str,
    kind: Any,  # noqa: ANN401 - a type with the option that Typer makes of it
    default: object,
    use: Callable[[Any], None] = lambda _: None,
) -> Callable[..., None]:
    """The command with one more option.

    Args:
        command: Function that Typer makes a command of.
        name: Name of the option.
        kind: Type of the option, annotated as in a signature.
        default: Value of the option where none is given.
        use: Function that is given the value before the command runs.
    """
    parameter = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)

    @functools.wraps(command)
    def run(**given: object) -> None:
        use(given.pop(name))
        command(**given)

    signature = inspect.signature(command)  # from which Typer makes the options
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), parameter])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, name: kind}
    return run
