"""The content of audit.json (docs/audit.md)."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from hilum.records.base import Document, Record
from hilum.records.figures import Estimate, Floors, protocol_title

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
    """A file and the reason why it is listed."""

    path: str
    reason: str


class Counts(Record):
    """The folder of a record's slices, and the number of slices of each class in each split."""

    folder: str
    digest: str
    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]


class ClassCount(Record):
    """Number of files of a class and of the groups they form."""

    files: int
    distinct: int
    same_slice: int
    look_alike: int


class Largest(Record):
    """Number of slices in the largest groups."""

    same_slice: int
    look_alike: int


class GroupPoint(Record):
    """Number of groups of slices that are joined above a similarity."""

    similarity: float = Field(alias="strength")
    groups: int
    largest: int


class PurityBin(Record):
    """Pairs of slices with a likeness above `low` and up to `high`, and the share of them that differ in class."""

    low: float
    high: float
    pairs: int
    crossing: int
    share: Estimate


class Purity(Record):
    """How often pairs of slices differ in class, by likeness: distinct slices of train and valid, no negative ones.

    Attributes:
        slices: Number of slices whose pairs were compared.
        of: Number of slices that could be; of many, a random sample was compared.
        random: Share of random pairs that differ in class.
        above: All pairs above the default likeness.
        bins: Pairs by likeness.
        pure_above: The lowest likeness such that `above`, and each bin below it, surely differ at most a twentieth as
            often as random pairs; None if there is none.
        false_below: The likeness below which pairs surely differ more often than that; None if there is none.
    """

    slices: int
    of: int
    random: float
    above: PurityBin
    bins: tuple[PurityBin, ...]
    pure_above: float | None
    false_below: float | None


EARLIER_LIKENESS = 0.90  # above which records without a likeness call slices look-alikes

LikenessBy = Literal["default", "purity", "pinned", "ids"]


class GroupCounts(Record):
    """Number of groups that the slices form.

    Attributes:
        version: Version of the signatures that are compared.
        same_slice: Number of groups of the same slice.
        look_alike: Number of groups of look-alikes.
        given: Number of groups by given ids, or None if no id was given.
        ids: Number of given ids.
        named_files: Number of files with an id.
        likeness: Correlation above which slices are look-alikes.
        likeness_by: Why: the default, the data's purity, pinned by the user, or ids, which every slice has and which go
            first.
        purity: How often look-alikes differ in class, or None if there are no two classes to differ.
    """

    version: str | int
    same_slice: int
    look_alike: int
    given: int | None
    ids: int = 0
    named_files: int = 0
    likeness: float = EARLIER_LIKENESS
    likeness_by: LikenessBy = "default"
    purity: Purity | None = None
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


class AlikeConflict(Together):
    """Two look-alikes under different labels."""

    likeness: float


class MissingClass(Record):
    """A class that a split lacks."""

    split: str
    label: str


class NumberSeparation(Record):
    """Whether the numbers in the file names of one class tell train from another split.

    Attributes:
        label: The class.
        other: The split that train is compared with.
        train, others: Number of numbered files on both sides.
        train_range, other_range: The lowest and highest numbers.
        cut: Lowest number of the side of the other split (with `above` false, its highest number).
        above: Whether the other split has the higher numbers.
        train_side, other_side: Number of files on their own side of the cut.
        share: Mean of both sides' shares, 0.5 to 1.
        apart: Whether the share is 0.9 or more.
        sentence: The result in words.
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
    """The AUC, 0.5 to 1, by which one fact tells train from test, within a class or over all (`label` None)."""

    fact: str
    label: str | None
    auc: float


class ClassShifts(Record):
    """Classes that a split lacks, shares of the classes, and the chi-square p of train against test."""

    missing: tuple[MissingClass, ...]
    shares: dict[str, dict[str, float]]
    shift_p: float | None


class SplitShifts(ClassShifts):
    """Differences of the splits other than disease."""

    numbers: tuple[NumberSeparation, ...]
    facts: tuple[FactSeparation, ...]


class MarkedClass(Record):
    """A class whose training pictures carry a kind of mark more often than those of the other classes.

    Attributes:
        kind: Kind of the mark.
        label: The class.
        marked, pictures: Distinct training pictures of the class with the mark, and all of them.
        marked_elsewhere, pictures_elsewhere: The same counts over all other classes.
        p: One-sided p-value of Fisher's exact test.
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
        """The slices that stand out in one way, each with its reason if there is one."""
        return [(one.path, one.reason) if isinstance(one, Said) else (one, None) for one in getattr(self, check)]


class TrainingCount(Record):
    """Number of training slices of a class, or of all classes (`label` None)."""

    label: str | None
    files: int
    pictures: int
    blank: int


class AuditSummary(Record):
    """The part of an audit that metrics.json keeps."""

    files: int
    distinct: int
    groups: GroupCounts
    leaks: tuple[Leak, ...]
    label_conflicts: tuple[tuple[str, ...], ...]
    floors: Floors
    findings: tuple[Finding, ...] = ()

    @property
    def likeness(self) -> float | None:
        """The likeness above which `strict` keeps slices together; None if every file has a given id."""
        # Records that count no files with ids are of a hilum whose ids were those of all files.
        named = self.groups.named_files or self.files
        return self.groups.likeness if self.groups.given is None or named < self.files else None

    def title(self, protocol: str) -> str:
        """The name of a protocol for readers, such as `strict (0.87)`."""
        return protocol_title(protocol, self.likeness, ids=self.groups.given is not None)


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
    alike_conflicts: tuple[AlikeConflict, ...] = ()
    alike_conflicts_in_all: int = 0
    splits: SplitShifts
    slices: OddSlices
    training: tuple[TrainingCount, ...] = ()
    notes: tuple[str, ...]
    versions: dict[str, str]
