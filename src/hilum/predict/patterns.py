"""Patterns of paths, matched folder by folder: `*`, `?` and `[...]` in a name, and `**` for any folders."""

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from itertools import takewhile


def has_wildcards(text: str) -> bool:
    """Whether a path, or a part of one, is a pattern."""
    return re.search("[*?[]", text) is not None


def split_pattern(parts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a path up to the first with wildcards, and the parts from there on."""
    fixed = tuple(takewhile(lambda part: not has_wildcards(part), parts))
    return fixed, tuple(parts[len(fixed) :])


class Pattern:
    """A pattern below a folder. An empty pattern matches all; what is below a folder that matches does too.

    Each folder carries the set of places in the pattern where its entries continue, so each is visited only once,
    whatever the number of `**`.

    Attributes:
        begin: Places at the top.

    Args:
        parts: Parts of the pattern.
    """

    def __init__(self, parts: tuple[str, ...]) -> None:
        self._parts = parts
        self.begin = self._closure({0})

    def after(self, places: frozenset[int], name: str) -> frozenset[int]:
        """The places of an entry in a folder that has places; empty if neither it nor anything below it can match."""
        if self.matched(places):  # the folder matched, and so does everything below it
            return frozenset({len(self._parts)})
        stay = {place for place in places if self._parts[place] == "**"}
        on = {place + 1 for place in places - stay if fnmatch(name, self._parts[place])}
        return self._closure(stay | on)

    def matched(self, places: frozenset[int]) -> bool:
        """Whether a file with these places matches."""
        return len(self._parts) in places

    def _closure(self, places: set[int]) -> frozenset[int]:
        for place, part in enumerate(self._parts):
            if place in places and part == "**":  # `**` also matches no folder at all
                places = places | {place + 1}
        return frozenset(places)
