"""The rows of a table: one per readable file or frame, with groups from DICOM headers and a drawn split."""

from dataclasses import dataclass, replace

from hilum.errors import HilumError
from hilum.progress import Tracker
from hilum.slices.file_info import FactsCache, SliceFacts
from hilum.slices.formats import is_dicom
from hilum.slices.frames import file_of, frame_path
from hilum.slices.kept import Kept
from hilum.slices.labels import Split
from hilum.slices.layout import Layout, Skipped, SliceFile
from hilum.slices.pool import reading_threads
from hilum.slices.read import UnreadableSlice
from hilum.slices.split import connected_groups, split_groups
from hilum.slices.windows import check_window

_DRAWN = (
    "The data came without splits and were split 70/10/20 with seed {seed}; "
    "identical pictures and groups stay together."
)


@dataclass(frozen=True)
class SliceRow:
    """One slice: its place, its class, and facts about its file.

    Attributes:
        path: Path of the file relative to the table's root; `scan.dcm#3` is the third frame of a multi-frame file.
        label: Class of the slice.
        split: Split of the slice.
        group: Group that must stay on one side of a split. It is the given group or, for DICOM files without one, a
            salted hash of the patient or the series; None if none is known.
        facts: Facts about the content.
    """

    path: str
    label: str
    split: Split
    group: str | None
    facts: SliceFacts

    @property
    def file(self) -> str:
        """Path of the file relative to the table's root; that of `scan.dcm#3` is `scan.dcm`."""
        return file_of(self.path, self.facts.frame)


def read_rows(layout: Layout, window: str, kept: Kept, track: Tracker) -> tuple[list[SliceRow], list[Skipped]]:
    """The readable slices and the files left out. Slices of a data set without splits are in train.

    Args:
        layout: The files.
        window: Window for DICOM files.
        kept: What keeps decoded pictures.
        track: Tracker of the progress.

    Raises:
        HilumError: The window is unknown.
    """
    check_window(window)
    cache = FactsCache(kept)

    def read(file: SliceFile) -> list[SliceFacts] | Skipped:
        path = layout.root / file.path
        try:
            return cache.dicom_facts(path, window) if is_dicom(path) else [cache.facts(path)]
        except UnreadableSlice as error:
            return Skipped(file.path, str(error))

    rows, unreadable = [], []
    with track("reading slices", len(layout.files)) as advance, reading_threads() as pool:
        for file, answer in zip(layout.files, pool.map(read, layout.files), strict=True):
            if isinstance(answer, Skipped):
                unreadable.append(answer)
            else:
                for facts in answer:
                    cache.keep(facts)
                    path = frame_path(file.path, facts.frame)
                    rows.append(SliceRow(path, file.label, file.split or "train", file.group, facts))
            advance()
    cache.flush()
    return rows, unreadable


def grouped(rows: list[SliceRow]) -> tuple[list[SliceRow], list[str]]:
    """Groups DICOM slices by patient if no groups were given, or by series if all name the same patient."""
    patients, series = ({getattr(row.facts, name) for row in rows} - {None} for name in ("patient", "series"))
    if not patients or any(row.group is not None for row in rows):
        return rows, []
    by_patient = len(patients) > 1 or not len(series) > 1
    count, named = (
        (len(patients), "patients") if by_patient else (len(series), "series, since all name the same patient")
    )
    note = f"DICOM slices are grouped by what their headers say: {count:,} {named}, known by salted hashes only."
    return [replace(row, group=row.facts.patient if by_patient else row.facts.series) for row in rows], [note]


def newly_split(rows: list[SliceRow], seed: int, complete: bool) -> tuple[list[SliceRow], list[str]]:
    """Rows with a drawn split, and a note on it. Without `complete`, slices that are too few to split stay in train."""
    groups = connected_groups(
        [row.facts.pixels for row in rows], [row.group for row in rows], [row.file for row in rows]
    )
    try:
        splits = split_groups([row.label for row in rows], groups, seed)
    except HilumError as error:
        if complete:
            raise
        return rows, [f"No split could be drawn, so every slice is in train. {error}"]
    return [replace(row, split=split) for row, split in zip(rows, splits, strict=True)], [_DRAWN.format(seed=seed)]
