"""Errors that a user can fix, shown as one or two sentences and never as a traceback."""

from hilum.versions import __version__


class HilumError(Exception):
    """Base of all errors that a user can fix; the message says what happened and what to do.

    The command line prints the message and exits with code 2.
    """


class BadOption(HilumError):
    """An option has an invalid value; the message starts with its field, which the command line shows with dashes."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field, self.reason = field, reason


class MissingExtra(HilumError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str = "train") -> None:
        super().__init__(
            f"This needs the package {package}, which the base install leaves out. "
            f"Install it with: {install_hint(extra)}"
        )


def install_hint(extra: str) -> str:
    """The command that adds an extra. hilum is not on a package index, so it names the repository and the wheel."""
    wheel = f"hilum-{__version__}-py3-none-any.whl"
    return f"pip install -e '.[{extra}]' in hilum's repository, or pip install '{wheel}[{extra}]' beside its wheel"
