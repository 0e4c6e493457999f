"""Errors that a user can fix, shown as one or two sentences and never as a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from hilum.versions import __version__

# Top-level modules of each extra: if one is missing, the error names the extra to install.
_EXTRAS = {
    "train": "torch torchvision timm huggingface_hub onnx "
    "sklearn scipy threadpoolctl pandas matplotlib jinja2 kagglehub pytorch_grad_cam cv2 ttach",
    "serve": "fastapi starlette uvicorn h11 python_multipart prometheus_client",
}


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


@contextmanager
def extras_named() -> Iterator[None]:
    """Says which extra to install if a module is missing in the block.

    Raises:
        MissingExtra: A module of an extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        for extra, modules in _EXTRAS.items():
            if package in modules.split():
                raise MissingExtra(package, extra) from error
        raise


def install_hint(extra: str) -> str:
    """The command that adds an extra. hilum is not on a package index, so it names the repository and the wheel."""
    wheel = f"hilum-{__version__}-py3-none-any.whl"
    return f"pip install -e '.[{extra}]' in hilum's repository, or pip install '{wheel}[{extra}]' beside its wheel"
