"""The likeness of strict: data make it stricter or leave it, a user may pin it, and ids go first."""

from types import SimpleNamespace

import numpy as np
import pytest

from hilum.audit.audit import first_look, run_audit
from hilum.audit.duplicates import link
from hilum.audit.groups import find_groups
from hilum.audit.likeness import choose_likeness, largest_share, likeness_notes
from hilum.audit.purity import purity
from hilum.audit.record import audit_record
from hilum.errors import BadOption
from hilum.slices.table import read_table


def _chests(chests, slices, noise, seed=0):
    rng = np.random.default_rng(seed)
    pictures = rng.normal(size=(chests, 24, 24)).repeat(slices, 0) + rng.normal(size=(chests * slices, 24, 24)) * noise
    low, high = pictures.min(), pictures.max()
    return np.round((pictures - low) / (high - low) * 255).astype(np.uint8), np.repeat(np.arange(chests), slices)


@pytest.fixture(scope="module")
def sure():
    """The purity of 300 chests of one class each, of correlations about 0.83 to 0.9, and their links."""
    pictures, chests = _chests(300, 4, 0.4)
    table = purity(pictures, np.arange(1200), chests % 3, chests)
    assert table.pure_above < 0.87
    return table, link(pictures)


def test_a_lower_likeness_is_taken_where_the_data_are_sure(sure):
    table, links = sure
    assert choose_likeness(table, links, None, named=False) == (table.pure_above, "purity")


def test_a_pin_goes_before_the_data_and_ids_before_a_pin(sure):
    assert choose_likeness(*sure, 0.9, named=False) == (0.9, "pinned")
    assert choose_likeness(*sure, None, named=True) == (0.87, "ids")
    assert choose_likeness(*sure, 0.9, named=True) == (0.9, "ids")


def test_a_huge_group_or_doubt_leaves_the_default():
    pictures, chests = _chests(300, 4, 0.4)
    table = purity(pictures, np.arange(1200), chests % 3, chests)
    joined = link(np.concatenate([pictures, np.repeat(_chests(1, 1, 0, 1)[0], 400, axis=0)]))
    assert largest_share(joined.groups(0.87)) == 0.25
    assert choose_likeness(table, joined, None, named=False) == (0.87, "default")
    assert choose_likeness(None, joined, None, named=False) == (0.87, "default")
    doubtful = table.model_copy(update={"pure_above": None})
    assert choose_likeness(doubtful, link(pictures), None, named=False) == (0.87, "default")


def test_notes_say_which_likeness_and_why():
    one = link(np.repeat(_chests(1, 1, 0)[0], 3, axis=0))

    def notes(likeness, by, ids=None, strict=True):
        return likeness_notes(SimpleNamespace(likeness=likeness, likeness_by=by, ids=ids, links=one), strict=strict)

    said, huge = notes(0.87, "default")
    assert said.startswith("Strict keeps slices together that correlate above 0.87 (hilum's default;")
    assert huge.startswith("At 0.87 the largest group of look-alikes holds 100 % of the distinct slices")
    assert "above 0.83 (lower than hilum's 0.87, since pairs" in notes(0.83, "purity")[0]
    assert "slices without an id together that correlate above 0.90 (as asked" in notes(0.9, "pinned", [1])[0]
    assert notes(0.87, "ids") == []
    said, huge = notes(0.87, "default", strict=False)
    assert said.startswith("Look-alikes are slices that correlate above 0.87 (hilum's default;")
    assert "too many slices may be left out. Ids" in huge


def test_a_pin_is_what_is_looked_for_and_said(alike_across):
    groups = find_groups(alike_across, look_alike=0.55)
    assert (groups.likeness, groups.likeness_by) == (0.55, "pinned")
    assert groups.links.lowest == 0.55
    record = audit_record(first_look(alike_across, look_alike=0.98), None)
    assert record.title("strict") == "strict (0.98)"
    assert record.alike_conflicts == ()
    assert 0.98 in [point.similarity for point in record.groups.curve]
    whole = audit_record(first_look(alike_across, look_alike=1), None)
    assert whole.groups.look_alike == whole.groups.same_slice


@pytest.mark.parametrize("likeness", [0.49, 1.01, -1, float("nan")])
def test_a_likeness_that_means_nothing_is_refused(alike_across, likeness):
    with pytest.raises(BadOption, match=r"look_alike must be from 0\.5 to 1, not"):
        run_audit(alike_across, look_alike=likeness)


def test_an_audit_of_another_likeness_is_not_taken(alike_across):
    looked = first_look(alike_across)
    looked.check_likeness_of(None)
    looked.check_likeness_of(0.87)
    with pytest.raises(BadOption, match=r"look_alike is 0\.9, but the audit was made with 0\.87"):
        looked.check_likeness_of(0.9)


def test_some_ids_leave_look_alikes_for_the_rest(with_ids):
    folder, groups, rows = with_ids
    groups.write_text("path,group\n" + "\n".join(f"{row['path']},{row['group']}" for row in rows[5:]) + "\n")
    looked = first_look(read_table(folder, groups=groups))
    assert looked.slices.title("strict") == audit_record(looked, None).title("strict") == "strict (ids, 0.87)"
    assert looked.notes[0].startswith("Strict keeps slices without an id together that correlate above 0.87")
