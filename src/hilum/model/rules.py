"""What the fields of model.json may hold: everything that any part of hilum reads, each with its kind and range."""

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from typing import Any

from hilum.options import LARGEST_SIZE
from hilum.slices.resize import INTERPOLATIONS
from hilum.slices.windows import WINDOWS

_LARGEST_COUNT = 2**32 - 1  # more files than any folder has, and the largest seed

Rule = Callable[[Any], None]
"""Raises `BrokenRule` for a value that breaks it."""


class BrokenRule(ValueError):
    """A field of a record is missing, or is not as it must be.

    Args:
        words: Description of the fault, with `{}` for the place of the field.
        place: The place, such as `thresholds.answer` or `index[3]`.
    """

    def __init__(self, words: str, place: str = "") -> None:
        super().__init__(words.format(place))
        self._words, self._place = words, place

    def inside(self, part: str) -> "BrokenRule":
        """The same, of a value that lies in a part of another."""
        dot = "." if self._place and not self._place.startswith("[") else ""
        return BrokenRule(self._words, f"{part}{dot}{self._place}")


def is_record(value: Any) -> None:  # noqa: ANN401
    """Checks the content of model.json.

    Raises:
        BrokenRule: A field is missing, or of another kind or out of range; says which.
    """
    _RECORD(value)


def _rule(words: str, holds: Callable[[Any], bool]) -> Rule:
    def check(value: Any) -> None:  # noqa: ANN401
        if not holds(value):
            raise BrokenRule(f"{{}} must be {words}")

    return check


def _whole(value: Any, least: int, most: int) -> bool:  # noqa: ANN401
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _finite(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number larger than any float
        return False


def _is(*choices: str) -> Rule:
    return _rule(f"one of {', '.join(choices)}", lambda value: isinstance(value, str) and value in choices)


def _maybe(rule: Rule) -> Rule:
    return lambda value: None if value is None else rule(value)


def _each(rules: Iterable[Rule], values: Iterable[Any]) -> None:
    for number, (rule, value) in enumerate(zip(rules, values, strict=False)):
        try:
            rule(value)
        except BrokenRule as error:
            raise error.inside(f"[{number}]") from None


def _all_of(rule: Rule) -> Rule:
    """A list."""

    def check(value: Any) -> None:  # noqa: ANN401
        _LIST(value)
        _each(repeat(rule), value)

    return check


def _row_of(*rules: Rule) -> Rule:
    """A list of as many values as there are rules."""

    def check(value: Any) -> None:  # noqa: ANN401
        _LIST(value)
        if len(value) != len(rules):
            raise BrokenRule(f"{{}} must have {len(rules)} values")
        _each(rules, value)

    return check


def _by_name(rule: Rule) -> Rule:
    """An object whose values are all of one kind."""

    def check(value: Any) -> None:  # noqa: ANN401
        _OBJECT(value)
        for name, one in value.items():
            try:
                rule(one)
            except BrokenRule as error:
                raise error.inside(name[:40]) from None

    return check


def _fields(needed: Mapping[str, Rule], others: Mapping[str, Rule] = {}) -> Rule:
    """An object with some fields; any that hilum does not read are passed over."""

    def check(value: Any) -> None:  # noqa: ANN401
        _OBJECT(value)
        for name, rule in {**needed, **others}.items():
            try:
                if name in value:
                    rule(value[name])
                elif name in needed:
                    raise BrokenRule("KeyError at {}, which is missing")
            except BrokenRule as error:
                raise error.inside(name) from None

    return check


_LIST = _rule("a list", lambda value: isinstance(value, list | tuple))
_OBJECT = _rule("an object", lambda value: isinstance(value, Mapping))
_TEXT = _rule("text", lambda value: isinstance(value, str))
_FLAG = _rule("true or false", lambda value: isinstance(value, bool))
_COUNT = _rule(f"a whole number from 0 to {_LARGEST_COUNT:,}", lambda value: _whole(value, 0, _LARGEST_COUNT))
_NUMBER = _rule("a finite number", _finite)
_SHARE = _rule("a number from 0 to 1", lambda value: _finite(value) and 0 <= value <= 1)
_SIZE = _rule(f"a whole number from 1 to {LARGEST_SIZE:,}", lambda value: _whole(value, 1, LARGEST_SIZE))
_SCALES = _rule("1 or 2", lambda value: _whole(value, 1, 2))
_FIGURE = _fields({"value": _maybe(_NUMBER)}, {"low": _maybe(_NUMBER), "high": _maybe(_NUMBER)})
_FIGURES = _fields({}, {"f1_macro": _maybe(_FIGURE)})

_RECORD = _fields(
    {
        "digest": _TEXT,
        "notice": _TEXT,
        "engine": _TEXT,
        "classes": _all_of(_TEXT),
        "negative": _maybe(_TEXT),
        "backbone": _fields(
            {
                "name": _TEXT,
                "tag": _TEXT,
                "seed": _COUNT,
                "weights": _fields({"origin": _TEXT, "digest": _TEXT, "tensors": _TEXT}),
            },
            {"title": _TEXT, "width": _COUNT},
        ),
        "preparation": _fields(
            {"size": _SIZE, "interpolation": _is(*INTERPOLATIONS), "crop": _FLAG, "window": _is(*WINDOWS)}
        ),
        "head": _fields({"scales": _SCALES}, {"width": _COUNT}),
        "thresholds": _fields({"answer": _SHARE, "outlier": _NUMBER}, {"set": _maybe(_SHARE)}),
        "curve": _all_of(_row_of(_NUMBER, _NUMBER, _NUMBER)),
        "index": _all_of(_row_of(_TEXT, _TEXT, _TEXT)),
    },
    {
        "synthetic": _FLAG,
        "random_weights": _FLAG,
        "thumbnails": _FLAG,
        "files": _by_name(_TEXT),
        "trust": _maybe(_fields({}, {"n": _maybe(_COUNT)})),
        "data": _maybe(_fields({}, {"folder": _TEXT})),
        "scores": _maybe(
            _fields(
                {},
                {
                    "protocols": _maybe(_by_name(_FIGURES)),
                    "out_of_fold": _maybe(_FIGURES),
                    "floors": _maybe(_by_name(_maybe(_by_name(_fields({"f1_macro": _FIGURE}))))),
                },
            )
        ),
    },
)
