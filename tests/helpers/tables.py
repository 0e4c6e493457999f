"""Tables of slices without files, for what needs no more of them than their rows."""

from pathlib import Path

from hilum.slices.body import Box
from hilum.slices.file_info import SliceFacts
from hilum.slices.layout import Skipped
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable

CHESTS = (
    "train/cancer/2.png",
    "train/normal/1.png",
    "valid/normal/3.png",
    "test/cancer/1.png",
    "test/cancer/5.png",
    "test/normal/4.png",
)


def table_of(paths=CHESTS, root="/slices", skipped=(), split_drawn=False, frames=()):
    """A table of the paths `split/class/name`; those in `frames` are multi-frame files, of two frames."""
    rows = []
    for path in paths:
        split, label = path.split("/")[:2]
        for frame in (1, 2) if path in frames else (None,):
            name = f"{path}#{frame}" if frame else path
            facts = SliceFacts(name, name, 64, 64, "PNG", "L", False, 100, Box(0, 0, 64, 64), 0.0, frame=frame)
            rows.append(SliceRow(name, label, split, None, facts))
    left = tuple(Skipped(path, "not a picture") for path in skipped)
    return SliceTable(Path(root), tuple(rows), tuple(sorted({row.label for row in rows})), left, (), split_drawn)
