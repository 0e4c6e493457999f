"""Facts about the served model that the page shows: classes, thresholds and scores."""

from collections.abc import Sequence

from hilum.records.figures import highest_floor
from hilum.records.model import ModelRecord
from hilum.report.trust_words import trust_lines
from hilum.serve import schemas
from hilum.serve.settings import Caps
from hilum.slices.windows import WINDOWS


def about(facts: ModelRecord, methods: Sequence[str], caps: Caps) -> schemas.Model:
    """The answer of `GET /api/model`.

    Args:
        facts: Record of the model.
        methods: Map methods that this server supports.
        caps: Limits of a request.
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
        "titles": {name: facts.title(name) for name in facts.headlines if name != "out_of_fold"},
        "promised": facts.thresholds.promise is not None and facts.thresholds.promise.shown,
        "trust": trust_lines(facts),
        "methods": methods,
        "windows": ("auto", *(name for name in WINDOWS if name != "auto")),
        "limits": vars(caps),
    }
    return schemas.Model.model_validate(found)
