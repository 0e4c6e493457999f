"""The machines of a Ray cluster, asked for so that a head that was lost does not keep the driver waiting.

Import it only in the block of `hilum.cluster.ray_cluster.cluster`: Ray reads its environment when it is imported.
"""

import time
from contextlib import suppress
from threading import Thread
from typing import Any

import ray

from hilum.errors import HilumError

_SOON = 0.5  # seconds in which a head answers
_PATIENCE = 30.0  # seconds in which one has to; after 60 Ray ends the process


class Machines:
    """What the head of a cluster says of its machines."""

    def __init__(self) -> None:
        self._found = list[dict[str, Any]]()
        self._asking: Thread | None = None
        self._since: float | None = None  # when the first question was asked that has no answer

    def now(self) -> list[dict[str, Any]]:
        """The machines, as `ray.nodes` gives them; those of the last answer if none comes soon.

        Raises:
            HilumError: The head has not answered for long.
        """
        if self._asking is None or not self._asking.is_alive():
            self._since = self._since or time.monotonic()
            self._asking = Thread(target=self._ask, daemon=True)  # in another thread: Ray waits without end
            self._asking.start()
        self._asking.join(_SOON)
        if self._since is not None and time.monotonic() - self._since > _PATIENCE:
            raise HilumError(
                f"The head of the Ray cluster has not answered for {_PATIENCE:.0f} seconds. What was answered is kept: "
                "the same command goes on, on this cluster or on another."
            )
        return self._found

    def _ask(self) -> None:
        with suppress(Exception):  # whatever Ray raises without a head
            self._found, self._since = ray.nodes(), None
