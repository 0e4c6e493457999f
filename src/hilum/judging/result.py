"""What the judgement of predictions found, from which tables, figures and files are made."""

from collections.abc import Sequence
from dataclasses import dataclass

from hilum.comparison.result import Outcome, ScoredModel
from hilum.judging.given import Given
from hilum.judging.options import JudgeOptions
from hilum.judging.plans import Protocols
from hilum.judging.trained import Trained
from hilum.scoring.protocols import Slices


@dataclass(frozen=True, kw_only=True)
class JudgedOutcome(Outcome):
    """What a judgement found; its settings have the negative class that was used.

    Attributes:
        given: The predictions.
        trained: What the models were trained on, as far as it is known.
        trained_on: Name of the list that said so, or None.
        slices: All slices, in the classes of the predictions; the label of a slice of no such class is -1.
        protocols: The protocols, and why reported slices are in none of the hardest.
        best: Name of the best model.
        chosen_on_valid: Whether it was chosen on valid; else its headline figure is the highest.
    """

    settings: JudgeOptions
    results: Sequence[ScoredModel]
    given: Given
    trained: Trained
    trained_on: str | None
    slices: Slices
    protocols: Protocols
    best: str
    chosen_on_valid: bool
