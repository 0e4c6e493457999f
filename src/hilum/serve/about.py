"""What a page should know of the model that is served: what it tells apart, when it answers, what that is worth."""

from collections.abc import Sequence

from hilum.records.figures import highest_floor
from hilum.records.model import ModelRecord
from hilum.serve import schemas
from hilum.serve.settings import Caps
from hilum.slices.windows import WINDOWS


def about(facts: ModelRecord, methods: Sequence[str], caps: Caps) -> schemas.Model:
    """What `GET /api/model` gives.

    Args:
        facts: Of the model.
        methods: The maps that can be made of it here.
        caps: How much is taken at a time.
    """
    found = {**vars(facts.preparation), **vars(facts)}
    found |= {
        "name": facts.backbone.name,
        "title": facts.backbone.title or facts.backbone.name,
        "thresholds": facts.thresholds.model_dump(include={"answer", "outlier"}),
        "scores": {name: figure for name, figure in facts.headlines.items() if figure.value is not None},
        "floors": {
            name: schemas.Floor(name=floor[0], **dict(floor[1]))
            for name in facts.headlines
            if (floor := highest_floor(facts.floors.get(name, {})))
        },
        "methods": methods,
        "windows": ("auto", *(name for name in WINDOWS if name != "auto")),
        "limits": vars(caps),
    }
    return schemas.Model.model_validate(found)
