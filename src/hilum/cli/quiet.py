"""`--quiet` of every command."""

from collections.abc import Callable
from typing import Annotated

from hilum.cli.added import with_option
from hilum.cli.common import ERR, OUT
from hilum.cli.help import OUTPUT, switch

_QUIET = Annotated[
    bool, switch(OUTPUT, "--quiet", "Print nothing but errors and what other options ask for, such as --json.")
]


def with_quiet(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one more option, `--quiet`, which silences all that it says of its work and its result."""

    def silence(quiet: bool) -> None:
        OUT.quiet = ERR.quiet = quiet

    return with_option(command, "quiet", _QUIET, default=False, use=silence)
