"""The methods that make a map, and which of them a model has."""

from pathlib import Path

from hilum.errors import HilumError
from hilum.options import check_name
from hilum.records.model import LINEAR, ModelRecord

METHODS = (
    LINEAR,
    *("gradcam", "gradcam++", "gradcamelementwise", "hirescam", "layercam", "xgradcam", "scorecam"),
)
PROVEN: frozenset[str] = frozenset()
"""Methods whose maps beat maps that know no model, on real slices in both trials of docs/explain.md."""

_UNPROVEN = (
    "On trial with real slices, maps of this kind did not beat maps that know no model. "
    "Do not read them as the place of a lesion."
)


def warning_of(method: str) -> str | None:
    """What a reader of a method's map has to know, or None if the method passed its trials."""
    return None if method in PROVEN else _UNPROVEN


def default_method(facts: ModelRecord) -> str:
    """The method of the map that comes with every answer of a model."""
    return facts.head.map_method


def check_method(method: str | None) -> None:
    """Checks that a method, if one is asked for, is known.

    Raises:
        HilumError: It is unknown.
    """
    if method is not None:
        check_name("method", method, METHODS)


def method_of(asked: str | None, facts: ModelRecord, model: Path) -> str:
    """The method to use: the one asked for, or that of the model's own map.

    Args:
        asked: One of `METHODS`, or None.
        facts: Record of the model.
        model: Model folder or exported file.

    Raises:
        HilumError: The model does not support the method.
    """
    own = default_method(facts)
    if asked is None or asked == own:
        return own
    if asked == LINEAR:
        raise HilumError(
            f"The head of this model is not one linear function of its features, so it has no linear map. "
            f"Leave out --method for its own map, {own}."
        )
    if not model.is_dir():
        raise HilumError(
            f"{asked} needs the network itself, which an exported file does not contain. "
            f"Give the model folder, or use --method {own}."
        )
    return asked
