"""Errors that a user can mend: shown as one or two sentences, never as a traceback."""

from hilum.versions import __version__


class HilumError(Exception):
    """Something expected went wrong; the message says what, and what to do about it.

    The command line prints the message and exits with code 2.
    """


class BadOption(HilumError):
    """An option makes no sense: the message starts with its field, which the command line shows with its dashes."""

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
    """What a user types to add an extra. hilum is on no index, so a repository or a wheel is named."""
    wheel = f"hilum-{__version__}-py3-none-any.whl"
    return f"pip install -e '.[{extra}]' in hilum's repository, or pip install '{wheel}[{extra}]' beside its wheel"
