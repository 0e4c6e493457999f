"""Groups: given ids, look-alikes where ids are missing, and the counts of the public set."""

import numpy as np
import pytest
from PIL import Image

import hilum
from hilum.audit.audit import first_look
from hilum.audit.duplicates import SIMILARITIES
from hilum.audit.groups import find_groups
from hilum.audit.record import audit_record
from hilum.slices.table import read_table


def test_given_groups_override_look_alikes(with_ids):
    folder, groups, rows = with_ids
    audit = first_look(hilum.read_table(folder, groups=groups))
    assert audit.slices.likeness is None
    patients = {row["path"]: row["group"] for row in rows}
    pairs = {(patients[row.path], group) for row, group in zip(audit.table.rows, audit.groups.strict, strict=True)}
    joined = {group for _, group in pairs}
    assert len(pairs) == len({patient for patient, _ in pairs}) >= len(joined)
    record = audit_record(audit, None).as_json()
    assert record["groups"]["given"] == len(joined)
    assert record["groups"]["named_files"] == record["files"]
    assert record["groups"]["ids"] == len(set(patients.values()))
    assert "No patient ids" not in {finding["title"] for finding in record["findings"]}
    split = {row.path: row.split for row in audit.table.rows}
    seen = {patients[path] for path in split if split[path] == "train"}
    shared = [path for path in split if split[path] == "test" and patients[path] in seen]
    assert sum(leak["group"] for leak in record["leaks"] if (leak["from"], leak["to"]) == ("train", "test")) == len(
        shared
    )
    found = "Same ids in train and test" in {finding["title"] for finding in record["findings"]}
    assert found == bool(shared)


def test_a_row_without_an_id_goes_by_its_look_alikes(with_ids):
    folder, groups, rows = with_ids
    groups.write_text("path,group\n" + "\n".join(f"{row['path']},{row['group']}" for row in rows[5:]) + "\n")
    table = hilum.read_table(folder, groups=groups)
    assert any(f"5 of {len(rows)} files have no group in groups.csv" in note for note in table.notes)
    audit = first_look(table)
    without = np.array([row.group is None for row in table.rows])
    assert without.sum() == 5
    assert len(audit.groups.strict) == len(rows)


def test_a_groups_file_of_two_files_does_not_stand_for_all(with_ids):
    folder, groups, rows = with_ids
    first, second = rows[0], next(row for row in rows if row["group"] != rows[0]["group"])
    groups.write_text(f"path,group\n{first['path']},a\n{second['path']},b\n")
    record = audit_record(first_look(hilum.read_table(folder, groups=groups)), None).as_json()
    assert (record["groups"]["named_files"], record["groups"]["ids"]) == (2, 2)
    assert record["groups"]["given"] <= 2
    (finding,) = [finding for finding in record["findings"] if finding["title"] == "No patient ids"]
    assert finding["text"].startswith(f"{len(rows) - 2} of {len(rows)} files have no patient or series id")


def test_slices_of_two_labels_conflict_and_those_of_one_do_not(tmp_path):
    random = np.random.default_rng(0)
    pictures = [Image.fromarray(random.integers(0, 255, (32, 32), np.uint8)) for _ in range(12)]
    for label, own in (("a", pictures[:6]), ("b", [pictures[0], *pictures[6:]])):
        for number, picture in enumerate(own):
            (tmp_path / label).mkdir(exist_ok=True)
            picture.save(tmp_path / label / f"{number}.png")
    table = read_table(tmp_path)
    groups = find_groups(table)
    assert groups.conflicts.in_all == 0, "the same slice under two labels is told as such"
    conflicting = groups.conflicting
    assert [row.path for row, found in zip(table.rows, conflicting, strict=True) if found] == ["a/0.png", "b/0.png"]


@pytest.mark.slow
def test_the_real_set(chest_ctscan, use_shared_cache):
    table = read_table(chest_ctscan)
    groups = find_groups(table)
    assert len(np.unique(groups.picture)) == 847
    normal = table.labels == table.classes.index("normal")
    assert 38 <= len(np.unique(groups.same_slice[normal])) <= 42
    assert (groups.likeness, groups.likeness_by) == (0.87, "default")
    assert len(np.unique(groups.look_alike)) == 189
    assert len(np.unique(groups.at(0.90))) == 291
    conflicting = {row.path.rsplit("/", 1)[1] for row, one in zip(table.rows, groups.conflicting, strict=True) if one}
    assert conflicting == {"l4.png", "sq2.png"}
    counts = [len(np.unique(groups.at(similarity))) for similarity in SIMILARITIES]
    assert counts == sorted(counts)
    assert groups.ids is None
    np.testing.assert_array_equal(groups.strict, groups.look_alike)
