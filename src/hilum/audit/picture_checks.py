"""Checks of each distinct file's picture, cached by content."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.audit.anatomy import BLANK, anatomy, box_around, chest_doubt, lungs
from hilum.audit.marks import burnt_in_text, colour_marks
from hilum.processes import Message
from hilum.progress import Tracker, silent
from hilum.slices.body import Box
from hilum.slices.file_info import recipe
from hilum.slices.jobs import Source, levels_in
from hilum.slices.levels import grey
from hilum.slices.pixels import colours_of, job_on
from hilum.slices.rows import SliceRow
from hilum.slices.store import Store
from hilum.slices.table import SliceTable
from hilum.storage import Shards, cache_folder

VERSION = 4  # version of all checks together
_BLACK = 0.02


@dataclass(frozen=True)
class Look:
    """Result of all checks of a picture.

    Attributes:
        content: SHA-256 of the file's bytes.
        doubt: Why it may not be an axial chest slice, or None.
        marked: Whether it carries colour marks.
        text: Whether it seems to carry burnt-in text.
        blank: Whether it is almost blank.
        edge_grey: Mean grey of the outermost ring of pixels, in `[0, 1]`.
        mean_grey: Mean grey, in `[0, 1]`.
        black_share: Share of nearly black pixels.
        lung_share: Share of lung pixels: air inside the body, with its vessels.
        lungs: Box around the lung pixels, or None if there are none.
    """

    content: str
    doubt: str | None
    marked: bool
    text: bool
    blank: bool
    edge_grey: float
    mean_grey: float
    black_share: float
    lung_share: float
    lungs: Box | None


@dataclass(frozen=True)
class Check:
    """A way in which single slices stand out.

    Attributes:
        key: Name of the check in audit.json.
        field: Field of `Look` that is true, or a reason, for such slices.
        title: Title of the finding.
        one, many: Verb phrase of the finding for one file and for several.
        heading: Heading of the pictures on the page.
        mark: Whether people or machines left it on a picture, and may have done so in one class only.
    """

    key: str
    field: str
    title: str
    one: str
    many: str
    heading: str
    mark: bool = False

    def found(self, looks: Sequence[Look]) -> NDArray[np.bool_]:
        """Which slices stand out in this way, `[n]`."""
        return np.array([bool(getattr(look, self.field)) for look in looks], np.bool_)


CHECKS = (
    Check(
        "doubts",
        "doubt",
        "Perhaps no chest slice",
        "may not show an axial chest slice",
        "may not show an axial chest slice",
        "May be no slice of a chest",
    ),
    Check(
        "colour_marks",
        "marked",
        "Colour marks",
        "carries colour marks",
        "carry colour marks",
        "With marks in colour",
        mark=True,
    ),
    Check(
        "text",
        "text",
        "Text or rulers",
        "seems to carry burnt-in text or rulers",
        "seem to carry burnt-in text or rulers",
        "With writing or straight overlays",
        mark=True,
    ),
    Check("blank", "blank", "Almost blank", "is almost blank", "are almost blank", "Blank"),
)
HEADINGS = {check.key: check.heading for check in CHECKS}


def looks(table: SliceTable, track: Tracker = silent) -> list[Look]:
    """Checks every row's picture, each distinct file once.

    Args:
        table: Table from `read_table`.
        track: Reports progress.

    Returns:
        One result for each row.

    Raises:
        HilumError: A file can no longer be read, or the cache cannot be written.
    """
    shards = Shards(cache_folder() / "slices" / f"look-{VERSION}-{recipe()}", ".json")
    return Store(shards, _pack, _unpack).values(
        [row.facts.content for row in table.rows],
        table.rows,
        lambda rows, pool: pool.map(partial(_looked, table), rows),
        "checking slices",
        track,
    )


def _pack(_: Sequence[str], found: Sequence[Look]) -> bytes:
    return json.dumps([dataclasses.asdict(look) for look in found]).encode()


def _unpack(data: bytes) -> Iterator[tuple[str, Look]]:
    return ((row["content"], _read(row)) for row in json.loads(data))


def _read(fields: dict[str, Any]) -> Look:
    return Look(**{**fields, "lungs": fields["lungs"] and Box(*fields["lungs"])})


def _looked(table: SliceTable, row: SliceRow) -> Look:
    fields, _ = job_on(table, row, "hilum.audit.picture_checks:look")
    # Marks are painted on exported pictures. A DICOM file in colour is not a CT slice; its doubt says so.
    painted = row.facts.coloured and row.facts.format != "DICOM"
    marked = painted and colour_marks(colours_of(table, row))
    doubt = row.facts.doubt or fields["doubt"]
    return _read({**fields, "content": row.facts.content, "doubt": doubt, "marked": marked})


def look(source: Source, request: dict[str, Any]) -> Iterator[Message]:
    """The job that does all checks of a picture's levels; its answer has the fields of a `Look`."""
    levels = levels_in(source, request)
    pixels = grey(levels)
    seen = anatomy(pixels)
    air = lungs(pixels, seen)
    doubt = chest_doubt(pixels, seen)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    yield (
        {
            "doubt": doubt,
            "text": burnt_in_text(levels, seen),
            "blank": doubt == BLANK,
            "edge_grey": float(edge.mean()),
            "mean_grey": float(pixels.mean()),
            "black_share": float((pixels < _BLACK).mean()),
            "lung_share": float(air.mean()),
            "lungs": box_around(air),
        },
        b"",
    )
