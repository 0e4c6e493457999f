"""The version of hilum, and the versions of everything that a result depends on."""

import os
import platform

__version__ = "0.1.0"
_PACKAGES = (
    "hilum",
    "numpy",
    "pillow",
    "torch",
    "timm",
    "onnxruntime",
    "scikit-learn",
    "pandas",
    "matplotlib",
)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that figures may depend on, and a description of the machine."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and every command asks for ours

    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    found = {"python": platform.python_version(), "machine": machine}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a source tree without an install
            found[package] = "not installed"
    return found
