"""The model card: what a reader should know before using a model."""

from hilum.records.figures import highest_floor
from hilum.records.trained import TrainedRecord
from hilum.report.markdown import code, plain
from hilum.report.page import environment
from hilum.report.trust_words import trust_lines
from hilum.report.words import head_text
from hilum.scoring.protocols import PROTOCOLS


def card_text(record: TrainedRecord) -> str:
    """The text of card.md, in Markdown, from the content of model.json.

    It covers what a program can know of the checklists CLAIM (Mongan et al. 2020, updated 2024) and TRIPOD+AI (Collins
    et al. 2024).
    """
    templates = environment("hilum.model", autoescape=False)
    templates.filters.update(plain=plain, code=code, highest_floor=highest_floor, head_text=head_text)
    return templates.get_template("card.md.j2").render(
        record=record, protocols=PROTOCOLS[::-1], trust_lines=trust_lines(record)
    )
