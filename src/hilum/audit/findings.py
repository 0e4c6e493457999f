"""What an audit found, in sentences, serious findings first."""

from collections.abc import Callable, Iterator
from functools import partial

from hilum.audit import conflicts, odd, splits, twins
from hilum.records.audit import AuditRecord, Finding
from hilum.records.figures import highest, highest_floor
from hilum.report.words import with_interval
from hilum.scoring.protocols import PROTOCOLS

_SHOWN = 12
_FLOOR_MARGIN = 0.15  # lead over guessing from which a floor is called high
_TELLING_AUC = 0.9  # AUC above which a floor is said to tell the negative class
_HARDEST_FIRST = PROTOCOLS[::-1]


def findings(record: AuditRecord, title: Callable[[str], str] | None = None) -> tuple[Finding, ...]:
    """The findings of an audit record, serious ones first, each with up to 12 paths.

    Args:
        record: The audit.
        title: The name of a protocol for readers, if it is not that of the audit.
    """
    floors = partial(_floors, title=title or record.title)
    parts = (odd.taught, twins.found, conflicts.found, splits.found, floors, odd.found)
    found = [one.model_copy(update={"paths": one.paths[:_SHOWN]}) for part in parts for one in part(record)]
    return tuple(sorted(found, key=lambda finding: finding.severity != "serious"))


def _floors(record: AuditRecord, title: Callable[[str], str]) -> Iterator[Finding]:
    protocol = next((name for name in _HARDEST_FIRST if record.floors.get(name)), "")
    floors = record.floors.get(protocol, {})
    floor = highest_floor(floors)
    if floor is None or floor[1].value is None:
        return
    high = floor[1].value > 1 / len(record.data.classes) + _FLOOR_MARGIN
    listed = ", ".join(f"{name} {with_interval(of.f1_macro, 2)}" for name, of in floors.items())
    text = (
        f"Simple models of what is not the disease reach macro-F1 {with_interval(floor[1], 2)} "
        f"({title(protocol)}: {listed})."
    )
    yield Finding.of("serious" if high else "notice", "Shortcuts", text)
    yield from _negative(record, title)


def _negative(record: AuditRecord, title: Callable[[str], str]) -> Iterator[Finding]:
    """The AUC of the negative class under the hardest protocol with enough groups."""
    for protocol in _HARDEST_FIRST:
        aucs = {
            name: floor.binary.auc
            for name, floor in record.floors.get(protocol, {}).items()
            if floor.binary and not floor.binary.too_few
        }
        if name := highest({name: auc.value for name, auc in aucs.items()}):
            auc = aucs[name]
            if (auc.value or 0) > _TELLING_AUC:
                text = (
                    f"Cancer is told from the negative class by {name} without looking for disease: "
                    f"AUC {with_interval(auc)} ({title(protocol)})."
                )
                yield Finding.of("serious", "Shortcut to the negative class", text)
            return
