"""What is said of predictions that were made elsewhere: what was reported, what remains of it, what is not known."""

from hilum.records.comparison import ComparedModel, ComparisonRecord, Judged
from hilum.records.figures import ProtocolFigures
from hilum.report.words import all_named, listed, plural, readable, with_interval
from hilum.scoring.intervals import FEW
from hilum.scoring.left_out import said

CHOSEN_HERE = (
    "the best one is the highest on the very slices that are compared, which makes p-values too small; differences "
    "with their intervals are descriptive"
)
_CLASSES_ONLY = (
    "The predictions are classes without probabilities, so there is no AUC, loss, ROC curve or calibration error."
)
_NO_TRAINING = ("models", "curves", "similarity")  # figures of how models were trained, or trained again


def reached(record: ComparisonRecord, judged: Judged, model: ComparedModel) -> str:
    """What was reported of a model and what remains of it, up to the figure that stands for it."""
    name = record.judged_by(model)
    figures, given = model.protocols[name], model.protocols["given"]
    figure = f"macro-F1 {with_interval(figures.f1_macro)}"
    doubt = ""
    if figures.groups < FEW:
        doubt = (
            f"From {plural(figures.n, 'slice')} in {plural(figures.groups, 'group')} it cannot be told how good "
            f"{model.title if len(record.ranked) > 1 else 'the model'} is. "
        )
    if name == "given":
        why = _why_as_reported(record, judged, model)
        who = model.title if len(record.ranked) > 1 else "it"
        return f"{doubt}{why}; as reported, {who} reaches {figure} on {plural(figures.n, 'slice')}{_lacking(figures)}"
    whom = f" for {model.title}" if len(record.ranked) > 1 else ""
    start = f"Reported{whom}: macro-F1 {with_interval(given.f1_macro)} on {plural(given.n, 'slice')}{_lacking(given)}. "
    every = "all " if given.n == figures.n > 1 else ""
    left = f"{every}{figures.n:,} {'remains' if figures.n == 1 else 'remain'}"
    if not name.startswith("no-"):
        left = f"on {plural(figures.n, 'slice')}"
    return f"{doubt}{start}{_remaining(record, judged, name)}, {left}{_lacking(figures)}: {figure}"


def _lacking(figures: ProtocolFigures) -> str:
    """The classes that have no slice to score, and so no part in macro means: `, none of a or b`."""
    names = [readable(name) for name, of in figures.per_class.items() if of.support == 0]
    return f", none of {listed(names, 'or')}" if names else ""


def _why_as_reported(record: ComparisonRecord, judged: Judged, model: ComparedModel) -> str:
    if record.headline != "given":
        return f"{model.title} was not scored under {record.title_of(record.headline)}"
    trained_on = _trained_on(record, judged)
    if judged.trained_on:
        return f"Without copies of {trained_on}, nothing is left to score, so it says nothing about new slices"
    return f"Nothing is known of {trained_on}, so copies of it may be among the slices"


def _remaining(record: ComparisonRecord, judged: Judged, protocol: str) -> str:
    trained_on = _trained_on(record, judged)
    if protocol == "no-look-alikes":
        return f"Without copies {_and_alike(record, trained_on)}"
    if protocol == "no-copies" and judged.trained_on:
        return f"Without copies {_and_alike(record, trained_on)}, nothing is left to score; without copies of it alone"
    if protocol == "no-copies":
        return f"Nothing is known of {trained_on}; without copies of each other"
    return f"Under {record.title_of(protocol)}"


def _and_alike(record: ComparisonRecord, trained_on: str) -> str:
    """The end of `Without copies …`: look-alikes go by ids where there are any."""
    if record.audit.groups.given is None:
        return f"and look-alikes of {trained_on}"
    if all_named(record):
        return f"of {trained_on} and slices of the same patients or series"
    return f"and look-alikes of {trained_on} and slices of the same patients or series"


def _trained_on(record: ComparisonRecord, judged: Judged) -> str:
    """What the models were trained on, which is named if it is known."""
    known = f" ({judged.trained_on})" if judged.trained_on else ""
    return f"what {'it was' if len(record.ranked) == 1 else 'the models were'} trained on{known}"


def remarks(record: ComparisonRecord) -> list[str]:
    """How much was left out and why, and the limits; nothing of models that hilum trained itself."""
    left_out = record.judged.left_out if record.judged else None
    return [*([said(left_out)] if left_out else []), *limits(record)]


def limits(record: ComparisonRecord) -> list[str]:
    """What cannot be told without probabilities, and what hilum cannot know of predictions that it did not make."""
    if record.judged is None:
        return []
    one = len(record.ranked) == 1
    return [
        *([] if record.has_probabilities else [_CLASSES_ONLY]),
        f"What hilum cannot know: what else {'the model was' if one else 'the models were'} trained and tuned on, such "
        "as other slices of these chests or another split of them, and whether "
        f"{'it was chosen for its score' if one else 'they were chosen for their scores'} on these very slices.",
    ]


def no_figure(record: ComparisonRecord, name: str) -> str | None:
    """Why the record has no figure of a name, or None if it may have one."""
    if record.judged is None:
        return None
    if name in _NO_TRAINING:
        return f"There is no figure {name} of predictions that were made elsewhere: hilum did not train the models."
    return _CLASSES_ONLY if name == "roc" and not record.has_probabilities else None
