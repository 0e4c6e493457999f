"""The facts of a trained model: model.json, which an exported file holds too."""

from hilum.errors import HilumError
from hilum.records.model import ModelRecord

CARD = "card.md"  # the one file of a model folder that may be edited
LARGEST = 64 * 2**20  # bytes of model.json, enough for about 400,000 training slices


def parse_facts(text: str | bytes, origin: str) -> ModelRecord:
    """Reads the text of model.json.

    Args:
        text: Content of model.json.
        origin: Name of the source, for errors.

    Raises:
        HilumError: The text is larger than `LARGEST`, is not JSON, has another schema, lacks a field, or has a value
            that makes no sense.
    """
    if len(text) > LARGEST:
        raise HilumError(f"{origin} has {len(text) >> 20} MB of facts; hilum reads at most {LARGEST >> 20} MB.")
    record = ModelRecord.read(text, origin)
    known = set(record.classes)
    faults = {  # faults that no single field shows
        "classes must be two or more, each once": len(known) < 2 or len(known) < len(record.classes),
        "negative must be one of the classes, or null": record.negative not in (None, *known),
        "index must name a training slice": not record.index,
        "every label in index must be one of the classes": not {row.label for row in record.index} <= known,
    }
    for fault, found in faults.items():
        if found:
            raise HilumError(f"{origin} is damaged: {fault}. Take it from its source again.")
    return record
