"""The scales of features in records."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import WrapValidator

from hilum.options import SCALES
from hilum.records.base import said

_EARLIER = {1: "last", 2: "both"}  # as records were written at first
_check = said(f"must be {', '.join(SCALES[:-1])} or {SCALES[-1]}")


def _read(value: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    return _check(_EARLIER.get(value, value) if type(value) is int else value, handler)


Scales = Annotated[Literal["last", "earlier", "both"], WrapValidator(_read)]
"""One of `hilum.options.SCALES`."""
