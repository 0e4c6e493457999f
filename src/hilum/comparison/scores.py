"""Scores: figures with intervals under every protocol, and which models differ significantly."""

from collections.abc import Mapping, Sequence
from functools import partial

from hilum.audit.audit import FloorDraws
from hilum.comparison.result import ScoredModel, Scores
from hilum.heads.side_by_side import side_by_side
from hilum.progress import Tracker, silent
from hilum.records.comparison import Difference
from hilum.records.figures import Floor, ProtocolFigures, floors_with_own
from hilum.scoring.differences import PRIMARY, differences, lead
from hilum.scoring.options import ScoringOptions
from hilum.scoring.protocols import Plan, Protocol, Slices
from hilum.scoring.scoring import figures_of, resamples_of


def score_models(
    results: Sequence[ScoredModel],
    best: str,
    plans: Mapping[Protocol, Plan],
    slices: Slices,
    options: ScoringOptions,
    floors: FloorDraws,
    track: Tracker = silent,
    *,
    primary: Protocol | None = PRIMARY,
    margin: float | None = None,
) -> Scores:
    """Figures with intervals under every protocol, and paired differences from the best model and from the floors.

    Args:
        results: Results of the models.
        best: Name of the model that was chosen.
        plans: Plans by protocol.
        slices: All slices.
        options: Options of the scoring.
        floors: Macro-F1 of every shortcut on the resamples, by protocol, `[1 + count]`. A model's own floor is added,
            in place of another network's.
        track: Progress display.
        primary: Protocol in which models are told apart, or None.
        margin: Loss of macro-F1 with which a model still counts as good as the best one, or None.
    """
    figures: dict[Protocol, dict[str, ProtocolFigures]] = {}
    own: dict[Protocol, dict[str, Floor]] = {}
    compared: dict[Protocol, list[Difference]] = {}
    run = [name for name in plans if any(name in result.predictions for result in results)]
    with track("intervals", len(run)) as advance:
        for name in run:
            ran = {result.name: result.predictions[name] for result in results if name in result.predictions}
            resamples = resamples_of(plans[name], slices, options.seed)
            figured = partial(
                figures_of, slices=slices, classes=slices.classes, negative=options.negative, resamples=resamples
            )
            blanked = {result.name: result.floors[name] for result in results if name in result.floors}
            found, below = (dict(zip(of, side_by_side(figured, of.values()), strict=True)) for of in (ran, blanked))
            own[name] = {model: Floor.of(of) for model, (of, _) in below.items()}
            figures[name] = {}
            for model, (of, drawn) in found.items():
                mine = below[model][1]["f1_macro"] if model in below else None
                above = lead(drawn["f1_macro"], floors_with_own(mine, floors.get(name, {})), resamples)
                figures[name][model] = of.model_copy(update={"over_floor": above})
            if best in ran and len(ran) > 1:
                draws = {model: drawn for model, (_, drawn) in found.items()}
                compared[name] = differences(draws, best, resamples, primary=name == primary, margin=margin)
            advance()
    return Scores(figures, own, compared)
