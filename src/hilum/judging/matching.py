"""The rows of predictions that are of a table's slices, and under which protocol."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.judging.cells import Texts
from hilum.judging.columns import Columns
from hilum.judging.paths import SKIPPED, UNKNOWN, Places, check_known
from hilum.options import check_name
from hilum.records.figures import today
from hilum.report.words import plural
from hilum.scoring.protocols import PROTOCOLS
from hilum.slices.labels import listed
from hilum.slices.table import SliceTable
from hilum.text import spelt

_EXTERNAL = "external:"  # begins a protocol or split of slices from another folder


def matched(columns: Columns, table: SliceTable, source: str) -> tuple[Columns, NDArray[np.intp], list[str]]:
    """Matches predictions with the slices of a table.

    Args:
        columns: The columns.
        table: The slices.
        source: Name of the file, for messages.

    Returns:
        The rows that are of the slices, each with a protocol; the row of the table for each; and sentences on what was
        left out.

    Raises:
        HilumError: A path is unknown or can mean several slices, a protocol is unknown, or no row is left.
    """
    protocols = _protocols(columns, source)
    elsewhere, here = _elsewhere([protocols, *filter(None, [columns.marks.get("split")])])
    places = Places(table)
    found = places.find(columns.paths[here].values)
    notes = list(found.notes)
    rows = np.full(len(here), UNKNOWN)
    rows[here] = found.rows[columns.paths[here].codes]
    # A protocol none of whose slices is here is of another folder too, unless that is true of all.
    known = {protocols.values[code] for code in np.unique(protocols.codes[rows != UNKNOWN])}
    if known:
        elsewhere |= {*protocols.values} - known
        here &= ~_chosen([name not in known for name in protocols.values], protocols)
    check_known(columns.paths[here], rows[here], table, source)
    if elsewhere:
        notes.append(f"{source}: the slices of {listed(sorted(elsewhere))} are not in {table.root} and are left out.")
    notes += _unreadable(columns.paths, rows, table)
    here &= rows != SKIPPED
    if not here.any():
        raise HilumError(f"{source} has no prediction of a slice in {table.root} that can be read.")
    kept = columns.marked("protocol", protocols)[here]
    return kept, rows[here], notes


def _protocols(columns: Columns, source: str) -> Texts:
    written = columns.marks.get("protocol")
    if written is None:
        return Texts(np.zeros(len(columns.paths.codes), np.intp), ("given",))
    if empty := int(written.empty.sum()):
        raise HilumError(
            f"{source} has {plural(empty, 'row')} without a protocol. Fill in the column protocol, or leave it out."
        )
    names = [today(name) for name in written.values]
    for name in names:
        if not name.startswith(_EXTERNAL):
            check_name("protocol", name, PROTOCOLS)
    return Texts.of(written.codes, names)


def _elsewhere(marks: list[Texts]) -> tuple[set[str], NDArray[np.bool_]]:
    """Names of slices from elsewhere among protocols and splits, and which rows are not of them."""
    names, here = set[str](), np.ones(len(marks[0].codes), np.bool_)
    for mark in marks:
        outside = [name.startswith(_EXTERNAL) for name in mark.values]
        names |= {name for name, out in zip(mark.values, outside, strict=True) if out}
        here &= ~_chosen(outside, mark)
    return names, here


def _unreadable(paths: Texts, rows: NDArray[np.intp], table: SliceTable) -> Iterator[str]:
    if names := sorted({paths.values[code] for code in np.unique(paths.codes[rows == SKIPPED])}):
        yield (
            f"Predictions on {plural(len(names), 'file')} are left out, because hilum cannot read these: "
            f"{listed([spelt(name) for name in names], 3)}."
        )


def _chosen(values: list[bool], texts: Texts) -> NDArray[np.bool_]:
    return np.array([*values, False], np.bool_)[texts.codes]
