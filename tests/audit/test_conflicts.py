"""Look-alikes under different labels: listed, most alike first, and kept."""

import numpy as np

from hilum.audit import conflicts as module
from hilum.audit.audit import first_look
from hilum.audit.conflicts import find_conflicts
from hilum.audit.record import audit_record


def _pictures(count=40, seed=0):
    """Pictures that are noisy copies of one, the later the noisier."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(24, 24))
    pictures = np.array([base + rng.normal(size=(24, 24)) * 0.15 * number / count for number in range(count)])
    low, high = pictures.min(), pictures.max()
    return np.round((pictures - low) / (high - low) * 255).astype(np.uint8)


def _find(pictures, labels, same_slice=None, look_alike=None, rows=None, ids=None, likeness=0.87):
    every = np.arange(len(pictures))
    groups = (every if same_slice is None else same_slice, every * 0 if look_alike is None else look_alike)
    groups += (every * 0 - 1 if ids is None else ids,)
    return find_conflicts(pictures, every, labels, every if rows is None else rows, *groups, likeness)


def test_they_are_those_of_all_pairs_the_most_alike_first():
    pictures, labels = _pictures(20), np.arange(20) % 3
    found = _find(pictures, labels)
    correlations = np.corrcoef(pictures.reshape(20, -1).astype(float))
    i, j = np.triu_indices(20, 1)
    wanted = {(a, b) for a, b in zip(i.tolist(), j.tolist(), strict=True) if labels[a] != labels[b]}
    wanted = {pair for pair in wanted if correlations[pair] > 0.87}
    assert set(map(tuple, np.sort(found.pairs, axis=1).tolist())) == wanted
    assert found.in_all == len(wanted) > 50
    assert (np.diff(found.likeness) <= 0).all()
    np.testing.assert_allclose(found.likeness, correlations[found.pairs[:, 0], found.pairs[:, 1]], atol=1e-5)


def test_the_same_slice_other_groups_and_rows_left_out_are_no_conflicts():
    pictures, labels = _pictures(), np.arange(40) % 2
    assert _find(pictures, labels, same_slice=np.zeros(40, np.intp)).in_all == 0
    assert _find(pictures, labels, look_alike=labels).in_all == 0
    assert _find(pictures, labels, rows=np.arange(0, 40, 2)).in_all == 0


def test_slices_of_two_patients_may_look_alike():
    pictures, labels = _pictures(20), np.arange(20) % 2
    every = _find(pictures, labels).in_all
    assert _find(pictures, labels, ids=np.arange(20)).in_all == 0
    assert _find(pictures, labels, ids=np.zeros(20, np.intp)).in_all == every
    assert _find(pictures, labels, ids=np.where(np.arange(20) < 10, np.arange(20), -1)).in_all < every


def test_of_many_the_most_alike_are_listed_and_all_are_counted(monkeypatch):
    pictures, labels = _pictures(), np.arange(40) % 2
    every = _find(pictures, labels)
    monkeypatch.setattr(module, "_MOST_SHOWN", 5)
    few = _find(pictures, labels)
    assert few.in_all == every.in_all
    np.testing.assert_array_equal(few.pairs, every.pairs[:5])


def test_look_alikes_under_different_labels_are_listed_and_kept(alike_across):
    record = audit_record(first_look(alike_across), None)
    (pair,) = record.alike_conflicts
    assert pair.paths == ("a/alike.png", "b/alike.png")
    assert pair.labels == ("a", "b")
    assert 0.87 < pair.likeness < 0.99
    assert record.alike_conflicts_in_all == 1
    assert record.label_conflicts == ()
    (finding,) = [one for one in record.findings if one.title == "Look-alikes under different labels"]
    assert finding.severity == "notice"
    assert finding.text.startswith("1 pair of look-alikes (above 0.87) carries different labels, perhaps")
    assert finding.text.endswith(f"The most alike, at {pair.likeness:.2f}: a/alike.png (a) and b/alike.png (b).")
    assert finding.paths == pair.paths


def test_hardly_two_chests_is_serious(alike_across):
    record = audit_record(first_look(alike_across), None)
    (pair,) = record.alike_conflicts
    alike = record.model_copy(update={"alike_conflicts": (pair.model_copy(update={"likeness": 0.96}),)})
    assert [finding.severity for finding in module.found(alike)] == ["serious"]
    assert record.groups.purity is not None
    false = record.groups.purity.model_copy(update={"false_below": 0.97})
    doubtful = alike.model_copy(update={"groups": alike.groups.model_copy(update={"purity": false})})
    assert [finding.severity for finding in module.found(doubtful)] == ["notice"]
