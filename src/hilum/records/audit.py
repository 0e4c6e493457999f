"""What audit.json holds (docs/audit.md)."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from hilum.records.base import Document, Record
from hilum.records.figures import Floors

AUDIT_SCHEMA = "hilum.audit/1"


class Finding(Record):
    """A finding in words."""

    severity: Literal["serious", "notice"]
    title: str
    text: str
    paths: tuple[str, ...]

    @classmethod
    def of(cls, severity: Literal["serious", "notice"], title: str, text: str, paths: Iterable[str] = ()) -> Self:
        """A finding about some files, or about none."""
        return cls(severity=severity, title=title, text=text, paths=tuple(paths))


class Said(Record):
    """A file, and what is said of it."""

    path: str
    reason: str


class Counts(Record):
    """Which slices a record is about, and how many of each class a split has."""

    folder: str
    digest: str
    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]


class ClassCount(Record):
    """Files of a class, and how many groups they make."""

    files: int
    distinct: int
    same_slice: int
    look_alike: int


class Largest(Record):
    """Slices of the largest groups."""

    same_slice: int
    look_alike: int


class GroupPoint(Record):
    """Groups of slices that are joined above a correlation."""

    similarity: float = Field(alias="strength")
    groups: int
    largest: int


class GroupCounts(Record):
    """How many groups the slices make; `given` is None where no id was given."""

    version: str | int
    same_slice: int
    look_alike: int
    given: int | None
    ids: int = 0
    named_files: int = 0
    by_class: dict[str, ClassCount] = Field(default={})
    largest: Largest
    curve: tuple[GroupPoint, ...]


class Leak(Record):
    """Files of one class and split with a twin in an earlier split."""

    origin: str = Field(alias="from")
    into: str = Field(alias="to")
    label: str
    files: int
    identical: int
    same_slice: int
    look_alike: int
    group: int | None = None
    pairs: tuple[tuple[str, str], ...] = ()


class Together(Record):
    """Files that belong together."""

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    splits: tuple[str, ...]


class NearDuplicates(Together):
    """Different files of the same slice."""

    turned: bool


class MissingClass(Record):
    """A class that a split lacks."""

    split: str
    label: str


class NumberSeparation(Record):
    """Whether the numbers in the file names of one class tell train from another split.

    Attributes:
        label: The class.
        other: The split that train is compared with.
        train, others: Numbered files on both sides.
        train_range, other_range: The lowest and highest numbers.
        cut: The number from which on files count as the other split's (or, with `above` false, up to which).
        above: Whether the other split has the higher numbers.
        train_side, other_side: Files on their own side of the cut.
        share: The mean of both sides' shares, 0.5 to 1.
        apart: Whether that is 0.9 or more.
        sentence: All of it in words.
    """

    label: str
    other: str
    train: int
    others: int
    train_range: tuple[int, int]
    other_range: tuple[int, int]
    cut: int
    above: bool
    train_side: int
    other_side: int
    share: float
    apart: bool
    sentence: str


class FactSeparation(Record):
    """The AUC, 0.5 to 1, by which one fact tells train from test, within a class or (None) over all."""

    fact: str
    label: str | None
    auc: float


class ClassShifts(Record):
    """Classes that a split lacks, shares of the classes, and the chi-square p for train against test if it has one."""

    missing: tuple[MissingClass, ...]
    shares: dict[str, dict[str, float]]
    shift_p: float | None


class SplitShifts(ClassShifts):
    """How the splits differ in what is no disease."""

    numbers: tuple[NumberSeparation, ...]
    facts: tuple[FactSeparation, ...]


class MarkedClass(Record):
    """A class whose training pictures carry a kind of mark more often than those of the other classes.

    Attributes:
        kind: Kind of the mark.
        label: The class.
        marked, pictures: Distinct training pictures of the class with the mark, and all of them.
        marked_elsewhere, pictures_elsewhere: The same of all other classes.
        p: The probability of so unequal a share by chance (Fisher's exact test, one-sided).
    """

    kind: str
    label: str
    marked: int
    pictures: int
    marked_elsewhere: int
    pictures_elsewhere: int
    p: float


class OddSlices(Record):
    """Slices that stand out."""

    doubts: tuple[Said, ...]
    colour_marks: tuple[str, ...]
    colour_marks_by_class: dict[str, int]
    text: tuple[str, ...]
    marked_classes: tuple[MarkedClass, ...] = ()
    blank: tuple[str, ...]

    def told_by(self, check: str) -> list[tuple[str, str | None]]:
        """The slices that stand out in one way, each with the reason if it has one of its own."""
        return [(one.path, one.reason) if isinstance(one, Said) else (one, None) for one in getattr(self, check)]


class TrainingCount(Record):
    """Training slices of a class, or of all where `label` is None."""

    label: str | None
    files: int
    pictures: int
    blank: int


class AuditSummary(Record):
    """What metrics.json keeps of an audit."""

    files: int
    distinct: int
    groups: GroupCounts
    leaks: tuple[Leak, ...]
    label_conflicts: tuple[tuple[str, ...], ...]
    floors: Floors
    findings: tuple[Finding, ...] = ()


class AuditRecord(AuditSummary, Document):
    """All of audit.json."""

    kind: Literal["hilum.audit/1"] = Field(alias="schema")
    data: Counts
    skipped: tuple[Said, ...]
    shared_ids: tuple[Together, ...] = ()
    copies: tuple[Together, ...] = ()
    copies_in_all: int = 0
    near_duplicates: tuple[NearDuplicates, ...]
    near_duplicates_in_all: int = 0
    splits: SplitShifts
    slices: OddSlices
    training: tuple[TrainingCount, ...] = ()
    notes: tuple[str, ...]
    versions: dict[str, str]
