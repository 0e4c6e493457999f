"""The file of a job that a process of `hilum.slices.pool` does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Source:
    """The file of a job.

    Attributes:
        content: Its path, or its bytes.
    """

    def __init__(self, content: Path | bytes) -> None:
        self.content = content
        self._opened: dict[object, Any] = {}

    def opened(self, kind: Callable[[Path | bytes], T]) -> T:
        """The file as something that reads it; opened once for all requests that name the file in turn."""
        if kind not in self._opened:
            self._opened[kind] = kind(self.content)
        found: T = self._opened[kind]
        return found
