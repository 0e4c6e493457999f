"""Errors that a user can mend: shown as one or two sentences, never as a traceback."""


class HilumError(Exception):
    """Something expected went wrong; the message says what, and what to do about it.

    The command line prints the message and exits with code 2.
    """


class MissingExtra(HilumError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str = "train") -> None:
        super().__init__(
            f"This needs the package {package}, which the base install leaves out. "
            f"Install it with: pip install 'hilum[{extra}]'"
        )
