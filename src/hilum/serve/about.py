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
    return schemas.Model(
        name=facts.backbone.name,
        title=facts.backbone.title or facts.backbone.name,
        classes=facts.classes,
        negative=facts.negative,
        notice=facts.notice,
        synthetic=facts.synthetic,
        random_weights=facts.random_weights,
        size=facts.preparation.size,
        crop=facts.preparation.crop,
        window=facts.preparation.window,
        engine=facts.engine,
        digest=facts.digest,
        thresholds={"answer": facts.thresholds.answer, "outlier": facts.thresholds.outlier},
        scores={name: figure for name, figure in facts.headlines.items() if figure.value is not None},
        floors={
            name: schemas.Floor(name=floor[0], **dict(floor[1]))
            for name in facts.headlines
            if (floor := highest_floor(facts.floors.get(name, {})))
        },
        methods=tuple(methods),
        windows=("auto", *(name for name in WINDOWS if name != "auto")),
        limits=schemas.Limits(files=caps.files, bytes=caps.bytes, pixels=caps.pixels),
    )
