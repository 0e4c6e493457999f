"""The list of external evaluations in a model folder's card."""

from pathlib import Path

from hilum.errors import HilumError
from hilum.model.facts import CARD
from hilum.outputs import OutputFile, try_file, write_text
from hilum.records.evaluation import EvaluationRecord
from hilum.report.markdown import plain
from hilum.report.words import plural, readable, with_interval

_OPTION = "MODEL, or leave out --to-card"  # ends messages: "Give another ..."


def check_card(model: Path) -> None:
    """Checks, before any work, that an evaluation can be added to a model's card.

    Raises:
        HilumError: The folder has no card, the card has no such section any more, or it cannot be written.
    """
    _card_around_evaluations(model)
    try_file(model / CARD, _OPTION)


def add_to_card(model: Path, record: EvaluationRecord) -> None:
    """Adds an evaluation to the list of external evaluations in a model folder's card.

    Args:
        model: Model folder.
        record: Record of the evaluation.

    Raises:
        HilumError: The folder has no card, the card has no such section any more, or it cannot be written.
    """
    figures, data = record.figures, record.data
    line = (
        f"- {record.created[:10]}, {plain(data.folder)}: {plural(figures.n, 'slice')} in "
        f"{plural(figures.groups, 'group')}, macro-F1 {with_interval(figures.f1_macro)}, accuracy "
        f"{with_interval(figures.accuracy)}, read as {plain(', '.join(map(readable, record.classes)))}; "
        f"slices with SHA-256 {data.digest[:16]}."
    )
    with OutputFile(model / CARD, overwrite=True, option=_OPTION) as out:  # locked while it is read and written
        before, after = _card_around_evaluations(model)
        with out.writing() as made:
            write_text(made, f"{before}\n\n{line}\n{after}")


def _card_around_evaluations(model: Path) -> tuple[str, str]:
    """The card up to the end of its list of external evaluations, and the rest."""
    path = model / CARD
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HilumError(f"{path} cannot be read. --to-card needs a model folder with its card.") from error
    heading = "## External evaluations\n"
    before, found, after = text.partition(heading)
    if not found:
        raise HilumError(
            f"{path} no longer has a section on external evaluations, so nothing was added. Put the heading "
            f"'{heading.strip()}' back, or leave out --to-card."
        )
    section, limits, rest = after.partition("\n## ")
    return before + heading + section.rstrip(), limits + rest
