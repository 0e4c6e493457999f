"""`--quiet` of every command."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated

from hilum.cli.common import ERR, OUT
from hilum.cli.help import OUTPUT, switch

_QUIET = Annotated[
    bool, switch(OUTPUT, "--quiet", "Print nothing but errors and what other options ask for, such as --json.")
]


def with_quiet(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one more option, `--quiet`, which silences all that it says of its work and its result."""
    parameter = inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_QUIET)

    @functools.wraps(command)
    def run(*, quiet: bool, **given: object) -> None:
        OUT.quiet = ERR.quiet = quiet
        command(**given)

    signature = inspect.signature(command)  # from which Typer makes the options
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), parameter])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, parameter.name: parameter.annotation}
    return run
