"""What computes the answers of a job."""

import onnxruntime

from hilum.records.job import Engine
from hilum.versions import __version__


def engine_here(threads: int) -> Engine:
    """The engine on this machine, for a network of so many threads."""
    return Engine(
        name="onnxruntime",
        version=onnxruntime.__version__,
        precision="float32",
        threads=threads,
        hilum=__version__,
    )


def differences(found: Engine, wanted: Engine) -> str:
    """What differs between two engines, such as `version 1.22.0 instead of 1.23.1`; empty if nothing does."""
    there, here = found.as_json(), wanted.as_json()
    return ", ".join(f"{key} {there[key]} instead of {here[key]}" for key in here if there[key] != here[key])
