"""What a trained model says of itself: model.json, also kept inside an exported file."""

from hilum.errors import HilumError
from hilum.records.model import ModelRecord

CARD = "card.md"  # in a model folder; the one file of it that may be edited
NEIGHBOURS = 5  # training slices that are named beside an answer
LARGEST = 64 * 2**20  # bytes of model.json, which is some 400,000 training slices


def parse_facts(text: str | bytes, origin: str) -> ModelRecord:
    """Reads model.json's text.

    Args:
        text: JSON.
        origin: What to call it in an error.

    Raises:
        HilumError: It is larger than `LARGEST`, no JSON, of another schema, or lacks something, or a value makes no
            sense.
    """
    if len(text) > LARGEST:
        raise HilumError(f"{origin} has {len(text) >> 20} MB of facts; hilum reads {LARGEST >> 20} MB at most.")
    record = ModelRecord.read(text, origin)
    known = set(record.classes)
    faults = {  # what no field shows alone
        "classes must be two or more, each once": len(known) < 2 or len(known) < len(record.classes),
        "negative must be one of the classes, or null": record.negative not in (None, *known),
        "index must name a training slice": not record.index,
        "index must have no label that is none of the classes": not {row.label for row in record.index} <= known,
    }
    for fault, found in faults.items():
        if found:
            raise HilumError(f"{origin} is damaged: {fault}. Take it from its source again.")
    return record
