"""What an audit found, in sentences: the serious first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from hilum.audit.look import CHECKS
from hilum.evaluation.protocols import PROTOCOLS
from hilum.records.audit import AuditRecord, ClassCount, Finding, Leak, MarkedClass, NumberSeparation, TrainingCount
from hilum.records.figures import Floors, highest, highest_floor
from hilum.report.words import plural, readable, with_interval

_SHOWN = 12
_FEW_SLICES = 0.5  # of a class's files: fewer distinct pictures are said
_FLOOR_MARGIN = 0.15  # over what guessing the shares of the classes gives, before a floor is called high
_TELLING_AUC = 0.9  # of the negative class, above which a floor is said to tell it
# Where a finding looks for floors, in this order.
_UNSEEN_FIRST = sorted(PROTOCOLS, key=lambda name: name != "unseen")
_GIVEN_LAST = sorted(PROTOCOLS, key=lambda name: name == "given")


def findings(record: AuditRecord) -> tuple[Finding, ...]:
    """The findings of an audit record, the serious first, each with up to 12 paths."""
    parts = (_training, _copies, _shared_ids, _conflicts, _look_alikes, _splits, _floors, _slices)
    found = [finding for part in parts for finding in part(record)]
    return tuple(sorted(found, key=lambda finding: finding.severity != "serious"))


def _finding(severity: Literal["serious", "notice"], title: str, text: str, paths: Sequence[str] = ()) -> Finding:
    return Finding(severity=severity, title=title, text=text, paths=tuple(paths[:_SHOWN]))


def _training(record: AuditRecord) -> Iterator[Finding]:
    """Training slices that are all the same, or blank: those of all classes, or else of single ones."""
    same = {of.label: of for of in record.training if of.files > 1 and _how_same(of)}
    for label, of in same.items():
        if label is None:
            text = f"All {of.files:,} training slices {_how_same(of)}: no model can learn anything from them."
            yield _finding("serious", "Nothing to learn from", text)
        elif None not in same:
            text = (
                f"All {of.files:,} training slices of {readable(label)} {_how_same(of)}: a model learns to "
                "recognise that, and nothing else of the class."
            )
            yield _finding("serious", "A class without content", text)


def _how_same(of: TrainingCount) -> str | None:
    if of.blank == of.files:
        return "are blank"
    return "show the same picture" if of.pictures == 1 else None


def _copies(record: AuditRecord) -> Iterator[Finding]:
    files, distinct = record.files, record.distinct
    if distinct < files:
        text = (
            f"{files - distinct:,} of {files:,} files are exact copies of others; {distinct:,} pictures are distinct."
        )
        text += "".join(f" {sentence}" for sentence in _few_slices(record.groups.by_class))
        yield _finding("notice", "Copies", text, _flat(copies.paths for copies in record.copies))
    ways: dict[tuple[str, str], list[Leak]] = defaultdict(list)
    for leak in record.leaks:
        if leak.same_slice:
            ways[leak.origin, leak.into].append(leak)
    for (origin, into), leaks in ways.items():
        counts = [f"{leak.same_slice} of {leak.files} files of {readable(leak.label)}" for leak in leaks]
        found, identical = sum(leak.same_slice for leak in leaks), sum(leak.identical for leak in leaks)
        kinds = [
            f"{count} {how}" for count, how in ((identical, "identical"), (found - identical, "nearly so")) if count
        ]
        text = f"In {into}, {_listed(counts)} show a slice that is also in {origin} ({', '.join(kinds)})."
        leaks.sort(key=lambda leak: leak.same_slice / leak.files, reverse=True)
        paths = _flat(pair for leak in leaks for pair in leak.pairs)
        serious = leaks[0].same_slice / leaks[0].files > 0.1
        yield _finding("serious" if serious else "notice", f"Leak from {origin} to {into}", text, paths)


def _few_slices(by_class: Mapping[str, ClassCount]) -> Iterator[str]:
    for label, count in by_class.items():
        if count.distinct < _FEW_SLICES * count.files:
            distinct, slices = plural(count.distinct, "distinct picture"), plural(count.same_slice, "slice")
            yield f"The {count.files:,} files of {readable(label)} are {distinct} of {slices} only."


def _shared_ids(record: AuditRecord) -> Iterator[Finding]:
    ways: dict[tuple[str, str], list[Leak]] = defaultdict(list)
    for leak in record.leaks:
        if leak.group:
            ways[leak.origin, leak.into].append(leak)
    for (origin, into), leaks in ways.items():
        counts = [f"{leak.group} of {leak.files} files of {readable(leak.label)}" for leak in leaks]
        text = f"In {into}, {_listed(counts)} have a patient or series id that {origin} has too."
        shared = (files for files in record.shared_ids if {origin, into} <= {*files.splits})
        paths = _flat(files.paths for files in shared)
        yield _finding("serious", f"Same ids in {origin} and {into}", text, paths)


def _conflicts(record: AuditRecord) -> Iterator[Finding]:
    conflicts = record.label_conflicts
    if conflicts:
        verb = "slice carries" if len(conflicts) == 1 else "slices carry"
        text = f"{len(conflicts)} {verb} more than one label: {'; '.join(' = '.join(pair) for pair in conflicts[:3])}."
        yield _finding("serious", "Label conflict", text, _flat(conflicts))


def _look_alikes(record: AuditRecord) -> Iterator[Finding]:
    groups, files = record.groups, record.files
    without = files - groups.named_files
    if not without:
        return
    if without == files:
        lacking = "No patient or series ids were given, so no chest can be shown to be unseen."
    else:
        verb = "has" if without == 1 else "have"
        lacking = (
            f"{without:,} of {plural(files, 'file')} {verb} no patient or series id, so that of these no chest can be "
            "shown to be unseen; they go by their look-alikes."
        )
    text = (
        f"{lacking} At correlation 0.99 the pictures form {groups.same_slice:,} groups, at 0.90 "
        f"{groups.look_alike:,} (the largest {groups.largest.look_alike:,}); keeping these apart is harder "
        "than not, and proves nothing about patients."
    )
    yield _finding("serious", "No patient ids", text)


def _splits(record: AuditRecord) -> Iterator[Finding]:
    splits = record.splits
    lacking: dict[str, list[str]] = defaultdict(list)
    for missing in splits.missing:
        lacking[missing.split].append(readable(missing.label))
    for split, classes in lacking.items():
        yield _finding("serious", "Missing class", f"{split} has no {_listed(classes)}.")
    apart: dict[str, list[NumberSeparation]] = defaultdict(list)
    for separation in splits.numbers:
        if separation.apart:
            apart[separation.other].append(separation)
    for other, separations in apart.items():
        if len(separations) == 1:
            text = separations[0].sentence
        else:
            own, of, train, of_train = (
                sum(getattr(row, key) for row in separations) for key in ("other_side", "others", "train_side", "train")
            )
            labels = _listed([readable(row.label) for row in separations])
            text = (
                f"In each of {labels} one file number divides train from {other}: {own} of {of} numbered {other} files "
                f"and {train} of {of_train} train files lie on their own side of it."
            )
        yield _finding("notice", "File numbers tell the splits apart", text)
    strong = [fact for fact in splits.facts if fact.label is None and fact.auc >= 0.8]
    if strong:
        named = ", ".join(f"{fact.fact} (AUC {fact.auc:.2f})" for fact in strong)
        yield _finding("notice", "Train and test look different", f"Train and test are told apart by: {named}.")


def _floors(record: AuditRecord) -> Iterator[Finding]:
    protocol = next((name for name in _UNSEEN_FIRST if record.floors.get(name)), "")
    floors = record.floors.get(protocol, {})
    floor = highest_floor(floors)
    if floor is None or floor[1].value is None:
        return
    high = floor[1].value > 1 / len(record.data.classes) + _FLOOR_MARGIN
    listed = ", ".join(f"{name} {with_interval(of.f1_macro, 2)}" for name, of in floors.items())
    text = (
        f"Simple models of what is not the disease reach macro-F1 {with_interval(floor[1], 2)} ({protocol}: {listed})."
    )
    yield _finding("serious" if high else "notice", "Shortcuts", text)
    yield from _negative(record.floors)


def _negative(floors: Floors) -> Iterator[Finding]:
    """The AUC of the negative class, from the first protocol that has groups enough to tell."""
    for protocol in _GIVEN_LAST:
        aucs = {
            name: floor.binary.auc
            for name, floor in floors.get(protocol, {}).items()
            if floor.binary and not floor.binary.too_few
        }
        if name := highest({name: auc.value for name, auc in aucs.items()}):
            auc = aucs[name]
            if (auc.value or 0) > _TELLING_AUC:
                text = (
                    f"Cancer is told from the negative class by {name} without looking for disease: "
                    f"AUC {with_interval(auc)} ({protocol})."
                )
                yield _finding("serious", "Shortcut to the negative class", text)
            return


def _slices(record: AuditRecord) -> Iterator[Finding]:
    slices = record.slices
    for check in CHECKS:
        paths = [path for path, _ in slices.told_by(check.key)]
        if not paths:
            continue
        classes = ""
        if check.key == "colour_marks":
            counts = slices.colour_marks_by_class
            classes = f" ({', '.join(f'{count} {readable(label)}' for label, count in counts.items() if count)})"
        text = f"{plural(len(paths), 'file')} {check.one if len(paths) == 1 else check.many}{classes}."
        told = [_told(of) for of in slices.marked_classes if of.kind == check.key]
        if told:
            text = " ".join([text, *told, "A model may learn the mark instead of the disease."])
            yield _finding("serious", f"{check.title} tell a class", text, paths)
        else:
            yield _finding("notice", check.title, text, paths)


def _told(of: MarkedClass) -> str:
    return (
        f"In train, {of.marked} of {plural(of.pictures, 'picture')} of {readable(of.label)} do, and "
        f"{of.marked_elsewhere} of {of.pictures_elsewhere} of the other classes."
    )


def _flat(groups: Iterable[Sequence[str]]) -> list[str]:
    return [path for group in groups for path in group]


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
