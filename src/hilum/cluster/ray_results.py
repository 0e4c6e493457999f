"""Results of tasks and workers on a Ray cluster.

Import it only in the block of `hilum.cluster.ray_cluster.cluster`: Ray reads its environment when it is imported.
"""

import time
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from hilum.errors import HilumError

_SOON = 0.5  # seconds of a wait
_LACKS = "The Python that Ray was started with lacks hilum, or has another version of it."


def ready(refs: list[Any]) -> list[Any]:
    """Waits a little for the first of some results, and gives all that are there."""
    if not refs:
        time.sleep(_SOON)
        return []
    done, _ = ray.wait(refs, timeout=_SOON)
    if done:
        done, _ = ray.wait(refs, num_returns=len(refs), timeout=0)
    return list(done)


def got(ref: Any) -> Any:  # noqa: ANN401 - what a task gives
    """A result.

    Raises:
        HilumError: There is no such hilum.
        RayError: It was lost with its process or machine.
        Exception: What the task raised.
    """
    try:
        return ray.get(ref)
    except RayError as error:
        if "failed to import on the worker" in str(error):
            raise HilumError(_LACKS) from error
        if not isinstance(error, RayTaskError):
            raise
        cause: BaseException = error
        while isinstance(cause, RayTaskError) and isinstance(cause.cause, BaseException):
            cause = cause.cause
        raise cause from error
