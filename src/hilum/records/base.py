"""The base of all records: plain data that is checked when written and when read."""

import json
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from hilum.errors import HilumError
from hilum.text import plain_data

_LONGEST = 160  # letters of a repr
_WORDS = {
    "missing": "{} is missing",
    "model_type": "{} must be an object",
    "dict_type": "{} must be an object",
    "tuple_type": "{} must be a list",
    "string_type": "{} must be text",
    "bool_type": "{} must be true or false",
    "int_type": "{} must be a whole number",
    "float_type": "{} must be a finite number",
    "finite_number": "{} must be a finite number",
    "json_invalid": "it is not valid JSON",
}


class Record(BaseModel):
    """A part of a record. It cannot be changed, and unknown fields are kept as they are."""

    model_config = ConfigDict(
        frozen=True, extra="allow", validate_by_name=True, validate_by_alias=True, allow_inf_nan=False
    )

    def __repr__(self) -> str:
        text = super().__repr__()
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    @classmethod
    def made(cls, data: object) -> Self:
        """Makes a record to write from mappings, sequences, dataclasses and plain values.

        Raises:
            ValueError: A field is missing, unknown or wrong.
        """
        return cls.model_validate(plain_data(data), extra="forbid")

    @classmethod
    def read(cls, data: str | bytes, origin: str) -> Self:
        """Reads a record that was written.

        Args:
            data: JSON with a field `schema`.
            origin: Name of the file, for messages.

        Raises:
            HilumError: The data is damaged, another kind of file, or of another schema; the message says which.
        """
        text = data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")
        if "\\ud" in text:  # halves of letters: an earlier hilum wrote names that are not valid text so
            with suppress(ValueError, RecursionError):
                text = json.dumps(plain_data(json.loads(text)))
        try:
            return cls.model_validate_json(text, strict=True)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        for one in errors:
            if one["type"] != "json_invalid" and one["loc"] in ((), ("schema",)):
                raise HilumError(cls._of_another_schema(one["input"], origin))
        raise HilumError(f"{origin} is damaged: {_sentence(errors[0])}. Take it from its source again.")

    @classmethod
    def _of_another_schema(cls, found: object, origin: str) -> str:
        known = str(get_args(cls.model_fields["kind"].annotation)[0])
        family = known.partition("/")[0]
        if isinstance(found, str) and found.startswith(f"{family}/"):
            return f"{origin} has the schema {found[:40]}; this hilum reads {known}. Use the newer hilum."
        shown = str(found if isinstance(found, str) else None)[:40]
        noun = family.removeprefix("hilum.")
        return f"{origin} is not a hilum {noun} file (its schema is {shown!r}, not {known!r})."

    def as_json(self) -> dict[str, Any]:
        """The content of the file, without fields that were not set."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Document(Record):
    """The record of a command, which begins with `opening`."""

    kind: str = Field(alias="schema")
    created: str
    command: str | None
    notice: str
    synthetic: bool


def opening(schema: str, notice: str, command: str | None, synthetic: bool) -> dict[str, Any]:
    """The first fields of every record of a command: its schema, time, command and notices."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return {"schema": schema, "created": created, "command": command, "notice": notice, "synthetic": synthetic}


def said(words: str) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """A function for `WrapValidator` that explains any wrong value, such as `must be a number from 0 to 1`."""

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        try:
            return handler(value)
        except ValidationError:
            raise PydanticCustomError("said", "{words}", {"words": words}) from None

    return check


def one_of(choices: Collection[str]) -> AfterValidator:
    """A validator that refuses any text but the choices."""

    def check(value: str) -> str:
        if value not in choices:
            raise PydanticCustomError("said", "{words}", {"words": f"must be one of {', '.join(sorted(choices))}"})
        return value

    return AfterValidator(check)


def _sentence(error: ErrorDetails) -> str:
    place = ""
    for part in error["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f"{'.' if place else ''}{part[:40]}"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "said":
        return f"{place} {context['words']}"
    if kind == "literal_error":
        return f"{place} must be {context['expected']}"
    return _WORDS[kind].format(place) if kind in _WORDS else f"{place} is wrong ({error['msg']})"
