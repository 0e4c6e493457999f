"""Errors that a user can fix, shown as one or two sentences and never as a traceback."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hilum.versions import __version__

# Top-level modules of each extra: if one is missing, the error names the extra to install.
_EXTRAS = {
    "train": "torch torchvision timm huggingface_hub onnx "
    "sklearn scipy threadpoolctl pandas pyarrow matplotlib jinja2 kagglehub pytorch_grad_cam cv2 ttach",
    "serve": "fastapi starlette uvicorn h11 python_multipart prometheus_client",
    "ray": "ray fsspec s3fs",
}


_PACKAGES = {"sklearn": "scikit-learn", "cv2": "opencv-python", "pytorch_grad_cam": "grad-cam"}  # of other names


class HilumError(Exception):
    """Base of all errors that a user can fix; the message says what happened and what to do.

    The command line prints the message and exits with code 2.

    Example:
        >>> try:
        ...     model = hilum.open_model("no-model")
        ... except hilum.HilumError as error:
        ...     print(error)
        The model no-model does not exist. Give a model folder or an exported .onnx file.
    """


class BadOption(HilumError):
    """An option has an invalid value; the message starts with its field, which the command line shows with dashes."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field, self.reason = field, reason


class MissingExtra(HilumError):
    """A package of an optional extra is not installed.

    Args:
        package: The package.
        extra: Extra that has it.
        enough: Packages, this one among them, with which what was asked works without the rest of the extra.
    """

    def __init__(self, package: str, extra: str = "train", enough: Sequence[str] = ()) -> None:
        how = f"pip install {' '.join(enough)}" if package in enough else install_hint(extra)
        super().__init__(f"This needs the package {package}, which the base install leaves out. Install it with: {how}")


@contextmanager
def extras_named(*enough: str) -> Iterator[None]:
    """Says what to install if a module is missing in the block: its extra, or no more than is enough.

    Args:
        *enough: Packages of an extra with which the block works without the rest of it.

    Raises:
        MissingExtra: A module of an extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        for extra, modules in _EXTRAS.items():
            if module in modules.split():
                raise MissingExtra(_PACKAGES.get(module, module), extra, enough) from error
        raise


def install_hint(extra: str) -> str:
    """The command that adds an extra. hilum is not on a package index, so it names the repository and the wheel."""
    wheel = f"hilum-{__version__}-py3-none-any.whl"
    return f"pip install -e '.[{extra}]' in hilum's repository, or pip install '{wheel}[{extra}]' beside its wheel"
