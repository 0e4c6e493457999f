"""Short reprs of what holds much, since notebooks show the repr of whatever is evaluated."""

import reprlib
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


class _Repr(reprlib.Repr):
    """Reprs of values that are cut to a few letters; arrays show their type and shape."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxtuple, self.maxlist, self.maxdict, self.maxother = 1, 3, 3, 3, 60

    def repr_ndarray(self, value: Any, level: int) -> str:  # noqa: ANN401 - of NumPy
        return f"{value.dtype}{list(value.shape)}"


_REPR = _Repr()


class Brief:
    """Base of dataclasses, made with `repr=False`, whose repr has a few letters of each field."""

    def __repr__(self) -> str:
        of: Any = self
        parts = (f"{field.name}={_REPR.repr(getattr(self, field.name))}" for field in fields(of) if field.repr)
        return f"{type(self).__name__}({', '.join(parts)})"


class Many(tuple[T, ...]):
    """A tuple whose repr has its first entry only."""

    __slots__ = ()

    def __repr__(self) -> str:
        if len(self) < 2:
            return super().__repr__()
        return f"({self[0]!r}, … {len(self):,} in all)"
