"""The audit: finds what is wrong with a data set before anything is scored."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from hilum.audit import signature
from hilum.audit.groups import Groups, find_groups
from hilum.audit.likeness import likeness_notes
from hilum.audit.picture_checks import Look, looks
from hilum.brief import Many
from hilum.errors import BadOption, extras_named
from hilum.html import Shown
from hilum.notebook import automatic
from hilum.options import check_floor, check_seed
from hilum.progress import Tracker, silent
from hilum.records.audit import AuditRecord, Finding
from hilum.records.figures import Floor, Floors
from hilum.scoring.protocols import PROTOCOLS, Plan, Protocol, Slices
from hilum.scoring.scoring import plans_for
from hilum.slices.pixels import thumbnails_of
from hilum.slices.table import SliceTable, check_table
from hilum.storage import Shards, cache_folder
from hilum.text import spelt
from hilum.versions import versions

if TYPE_CHECKING:
    import pandas as pd

_FLOORS = 9  # version of the shortcuts, of their features and of the models that read them
_THUMBNAIL = 200
T = TypeVar("T")
R = TypeVar("R")
# Macro-F1 of the sample and of each resample, `[1 + count]`, by protocol and shortcut.
FloorDraws = Mapping[str, Mapping[str, NDArray[np.float64]]]


@dataclass(frozen=True)
class Audit:
    """The outcome of `run_audit`. A notebook shows the findings with the slices that they are about.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> hilum.run_audit(table)
        Audit(48 files in phantom: ...)

    Attributes:
        table: The slices.
        groups: Groups of rows that belong together.
        slices: The table and its groups in the form that protocols take.
        looks: Result of the picture checks of each row.
        floors: Figures of every shortcut under every protocol, with intervals; empty after a first look.
        floor_draws: Macro-F1 of the floors on the resamples that models share, for paired differences.
        seed: Random seed of the folds and resamples.
        notes: Sentences about what could not be done.
        negative: Name of the non-cancer class that was asked for.
        look_alike: Correlation that was asked for, or None.
        floor: Kind of the floors; None after a first look.
    """

    table: SliceTable
    groups: Groups
    slices: Slices
    looks: tuple[Look, ...]
    floors: Floors
    floor_draws: FloorDraws
    seed: int
    notes: tuple[str, ...]
    negative: str | None
    look_alike: float | None
    floor: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "looks", Many(self.looks))

    def check_likeness_of(self, look_alike: float | None) -> None:
        """Checks that the audit has the likeness that is asked for.

        Raises:
            BadOption: It was made with another one.

        Example:
            >>> audit.check_likeness_of(None)
        """
        if look_alike not in (None, self.groups.likeness):
            raise BadOption(
                "look_alike",
                f"is {look_alike:g}, but the audit was made with {self.groups.likeness:g}. Audit the table again.",
            )

    @cached_property
    def record(self) -> AuditRecord:
        """The content of audit.json (docs/audit.md)."""
        from hilum.audit.record import audit_record

        return audit_record(self, None)

    def findings(self) -> "pd.DataFrame":
        """One row per finding, serious ones first: `severity`, `title`, `text`, and up to 12 `paths`.

        Example:
            >>> list(audit.findings().columns)
            ['severity', 'title', 'text', 'paths']
        """
        with extras_named():
            import pandas as pd

        columns = list(Finding.model_fields)
        return pd.DataFrame([dict(finding) for finding in self.record.findings], columns=columns)

    def picture(self, path: str) -> bytes | None:
        """A small JPEG of the slice with a path of the record, or None if it can no longer be read.

        Example:
            >>> audit.picture(table.rows[0].path) is None
            False
        """
        return self._thumbnails(path)

    @cached_property
    def _thumbnails(self) -> Callable[[str], bytes | None]:
        return thumbnails_of(self.table, _THUMBNAIL, "JPEG", spelt, quality=80)

    def report(self) -> Shown:
        """The whole report in a frame, the same page as `audit.html` in an audit folder.

        Example:
            >>> audit.report()
            Report of Audit(48 files in phantom: ...)
        """
        from hilum.audit import shown

        return shown.report(self)

    def save(self, folder: str | Path, *, overwrite: bool = False, command: str | None = None) -> Path:
        """Writes the audit folder: `audit.json` and the self-contained `audit.html`.

        Args:
            folder: New or empty folder; with `overwrite`, also the folder of an earlier audit without other files.
            overwrite: Whether to replace an earlier audit.
            command: Command that made the audit, for the record.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.

        Example:
            >>> (audit.save("audit") / "audit.html").exists()
            True
        """
        from hilum.audit.folder import write_audit_folder

        write_audit_folder(self, folder, overwrite=overwrite, command=command)
        return Path(folder)

    def __repr__(self) -> str:
        from hilum.audit import shown

        return shown.line(self)

    def _repr_html_(self) -> str:
        from hilum.audit import shown

        return shown.page(self)

    def floor_draws_of(self, seed: int) -> FloorDraws:
        """`floor_draws` to pair with models of a seed; empty if the audit had another seed.

        Example:
            >>> audit.floor_draws_of(audit.seed + 1)
            {}
        """
        return self.floor_draws if seed == self.seed else {}


def run_audit(
    table: SliceTable,
    *,
    negative: str | None = "normal",
    floor: str = "cheap",
    look_alike: float | None = None,
    seed: int = 0,
    track: Tracker = automatic,
) -> Audit:
    """Audits a data set: duplicates and look-alikes, splits, shortcuts, and slices that do not belong.

    Args:
        table: Table from `read_table`.
        negative: Name of the non-cancer class; ignored if the data set has no such class.
        floor: `full` adds the floor of EfficientNet-Lite0 on blanked pictures to the `cheap` ones.
        look_alike: Correlation above which `strict` keeps slices together; None is 0.87, or less if the data are sure
            of it. Given ids go before it.
        seed: Random seed of the folds and resamples.
        track: Reports progress.

    Raises:
        HilumError: The likeness or the seed is out of range, there is no such kind of floor, a file changed since the
            table was read, or the cache cannot be written.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> hilum.run_audit(table).record.distinct
        48
    """
    check_table(table, "run_audit")
    check_floor(floor)
    looked = first_look(table, negative=negative, look_alike=look_alike, seed=seed, track=track)
    return with_floors(looked, floor=floor, track=track)


def first_look(
    table: SliceTable,
    *,
    negative: str | None = "normal",
    look_alike: float | None = None,
    seed: int = 0,
    track: Tracker = silent,
) -> Audit:
    """The part of an audit that needs no training: duplicates, splits, and slices that do not belong.

    Args:
        table: Table from `read_table`.
        negative: Name of the non-cancer class; ignored if the data set has no such class.
        look_alike: Likeness as `run_audit` takes it.
        seed: Random seed of the folds and resamples of the floors that `with_floors` adds.
        track: Reports progress.

    Raises:
        HilumError: The likeness or the seed is out of range, a file changed since the table was read, or the cache
            cannot be written.
    """
    check_seed(seed)
    groups = find_groups(table, track, negative=negative, look_alike=look_alike)
    notes = tuple(likeness_notes(groups))
    slices, seen = groups.slices_of(table), tuple(looks(table, track))
    return Audit(table, groups, slices, seen, {}, {}, seed, notes, negative, look_alike)


def with_floors(audit: Audit, *, floor: str = "cheap", track: Tracker = silent) -> Audit:
    """Adds the scores of shortcuts to a first look.

    Args:
        audit: Result of `first_look`.
        floor: `full` adds the floor of EfficientNet-Lite0 on blanked pictures to the `cheap` ones.
        track: Reports progress.

    Raises:
        HilumError: A file changed since the table was read, or the cache cannot be written.
    """
    known = audit.negative if audit.negative in audit.table.classes else None
    plans, left_out = plans_for(audit.slices, PROTOCOLS, repeats=1, seed=audit.seed)
    figures, draws, missing = _floors(audit, plans, known, floor, track)
    fallbacks = [f"{audit.slices.title(name)}: {note}" for name, plan in plans.items() for note in plan.notes]
    notes = (*audit.notes, *missing, *left_out, *fallbacks)
    return replace(audit, floors=figures, floor_draws=draws, notes=notes, floor=floor)


def _floors(
    audit: Audit, plans: dict[Protocol, Plan], negative: str | None, floor: str, track: Tracker
) -> tuple[Floors, FloorDraws, list[str]]:
    """The floors, read from the cache if the same table was audited before."""
    table, seed = audit.table, audit.seed
    ids = "".join(f"{row.path}\t{row.group}\t{row.facts.pixels}\n" for row in table.rows)
    made_with = json.dumps(
        [
            *(_FLOORS, signature.VERSION, audit.slices.title("strict"), table.digest),
            *(PROTOCOLS, negative, floor, seed, versions()),
        ]
    )
    key = hashlib.sha256((made_with + ids).encode("utf-8", "surrogateescape")).hexdigest()
    shards = Shards(cache_folder() / "audit" / key, ".json")
    for shard in shards.load():
        cached = json.loads(shard)
        with track("shortcuts", 0):
            pass
        return _each(cached["figures"], Floor.made), _each(cached["draws"], np.array), []
    from hilum.audit import shortcuts  # it loads scikit-learn, which floors from the cache do not need

    features, missing = shortcuts.shortcut_features(table, audit.looks, floor, track)
    figures, drawn = shortcuts.floors(features, plans, audit.slices, table.classes, negative, seed, track)
    for shortcut in features:
        if without := [audit.slices.title(name) for name, of in figures.items() if shortcut not in of]:
            missing.append(
                f"The floor of {shortcut} is left out under {', '.join(without)}: the slices that it would be trained "
                "on do not differ in it."
            )
    if not missing:  # another time the weights may be there
        kept = {"figures": _each(figures, Floor.as_json), "draws": _each(drawn, np.ndarray.tolist)}
        shards.append(json.dumps(kept).encode())
    return figures, drawn, missing


def _each(found: Mapping[str, Mapping[str, T]], change: Callable[[T], R]) -> dict[str, dict[str, R]]:
    """Applies a function to every value of a mapping by protocol and shortcut."""
    return {name: {shortcut: change(one) for shortcut, one in of.items()} for name, of in found.items()}
