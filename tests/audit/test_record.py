"""The audit's record: the known facts of the public set, planted faults of a phantom, and groups that are given."""

import json
import shutil

import numpy as np
import pytest

import hilum
from hilum.audit.audit import first_look, run_audit
from hilum.audit.record import audit_record
from hilum.errors import HilumError


def _leak(record, origin, into, label):
    (found,) = [leak for leak in record["leaks"] if (leak["from"], leak["to"], leak["label"]) == (origin, into, label)]
    return found


def test_normal_slices_of_the_public_set(part_record):
    """Most are copies: some in other splits, some with colour marks; one shows a pelvis."""
    counted = {"files": 215, "distinct": 66, "same_slice": 39, "look_alike": 31}
    assert part_record["groups"]["by_class"]["normal"] == counted
    leak = _leak(part_record, "train", "test", "normal")
    assert (leak["files"], leak["identical"], leak["same_slice"]) == (54, 46, 47)
    assert _leak(part_record, "train", "valid", "normal")["identical"] == 10
    (copies,) = [finding for finding in part_record["findings"] if finding["title"] == "Copies"]
    assert copies["text"].endswith("The 215 files of normal are 66 distinct pictures of 39 slices only.")
    assert part_record["slices"]["colour_marks_by_class"]["normal"] == 32
    assert [row["path"] for row in part_record["slices"]["doubts"]] == ["valid/normal/004007_01_01_519.png"]
    assert part_record["slices"]["blank"] == []
    (pair,) = part_record["label_conflicts"]
    assert sorted(path.rsplit("/", 1)[1] for path in pair) == ["l4.png", "sq2.png"]


@pytest.mark.slow
def test_copies_and_leaks_of_the_public_set(real_record):
    assert (real_record["files"], real_record["distinct"]) == (1000, 847)
    leak = _leak(real_record, "train", "test", "normal")
    assert (leak["files"], leak["identical"]) == (54, 46)
    assert leak["same_slice"] == 47
    assert _leak(real_record, "train", "valid", "normal")["identical"] == 10
    for label in ("adenocarcinoma", "large_cell_carcinoma", "squamous_cell_carcinoma"):
        assert _leak(real_record, "train", "test", label)["identical"] == 0


@pytest.mark.slow
def test_distinct_pictures_of_each_class_of_the_public_set(real_record):
    by_class = real_record["groups"]["by_class"]
    assert by_class["normal"] == {"files": 215, "distinct": 66, "same_slice": 39, "look_alike": 31}
    assert sum(count["files"] for count in by_class.values()) == 1000
    # The label conflict is one picture, and one slice, of two classes.
    assert sum(count["distinct"] for count in by_class.values()) == 847 + 1
    assert sum(count["same_slice"] for count in by_class.values()) == real_record["groups"]["same_slice"] + 1
    (copies,) = [finding for finding in real_record["findings"] if finding["title"] == "Copies"]
    assert copies["text"].endswith("The 215 files of normal are 66 distinct pictures of 39 slices only.")


@pytest.mark.slow
def test_the_label_conflict_of_the_public_set(real_record):
    (pair,) = real_record["label_conflicts"]
    assert sorted(path.rsplit("/", 1)[1] for path in pair) == ["l4.png", "sq2.png"]


@pytest.mark.slow
def test_file_numbers_of_the_public_set(real_record):
    numbers = {(row["label"], row["other"]): row for row in real_record["splits"]["numbers"]}
    cancer = [label for label in real_record["data"]["classes"] if label != "normal"]
    test, valid = ([numbers[label, other] for label in cancer] for other in ("test", "valid"))
    assert sum(row["others"] for row in test) == 261
    assert sum(row["others"] for row in valid) == 59
    assert all(row["apart"] and row["cut"] == 108 and row["other_side"] == row["others"] for row in test + valid)
    assert (sum(row["train"] for row in test), sum(row["train_side"] for row in test)) == (430, 403)


@pytest.mark.slow
def test_marks_and_the_pelvis_of_the_public_set(real_record):
    slices = real_record["slices"]
    marks = slices["colour_marks_by_class"]
    assert marks["normal"] == 32
    assert sum(marks.values()) - marks["normal"] == 4
    assert [row["path"] for row in slices["doubts"] if "normal" in row["path"]] == [
        "valid/normal/004007_01_01_519.png"  # the pelvis
    ]
    assert slices["blank"] == []


@pytest.mark.slow
def test_shortcuts_of_the_public_set(real_record):
    floors = real_record["floors"]
    assert floors.keys() == {"given", "unseen", "grouped", "strict"}
    assert floors["given"].keys() == {"file facts", "32x32 pixels", "border alone", "lungs blanked"}
    facts = floors["given"]["file facts"]["binary"]["auc"]["value"]
    assert facts > 0.98  # normal told from cancer by the file alone
    for figures in floors.values():
        for floor in figures.values():
            score = floor["f1_macro"]
            assert score["low"] <= score["value"] <= score["high"]


@pytest.mark.slow
def test_findings_begin_with_the_serious(real_record):
    severities = [finding["severity"] for finding in real_record["findings"]]
    assert severities == sorted(severities, key=lambda severity: severity != "serious")
    titles = {finding["title"] for finding in real_record["findings"] if finding["severity"] == "serious"}
    assert {"Leak from train to test", "Label conflict", "No patient ids", "Shortcuts"} <= titles
    json.dumps(real_record, allow_nan=False)


@pytest.mark.parametrize("fault", ["copy", "mirrored", "turned", "brighter", "conflict"])
def test_planted_twins_are_found(planted, planted_record, fault):
    """Every planted twin is in one same-slice group with others."""
    together = [set(row["paths"]) for row in planted_record["near_duplicates"]]
    conflicts = [set(paths) for paths in planted_record["label_conflicts"]]
    for path in planted[1][fault]:
        if fault == "copy":  # not a distinct picture: it is counted, and its twin stands for it
            continue
        assert any(path in paths for paths in together + conflicts), path
    if fault == "copy":
        assert planted_record["files"] - planted_record["distinct"] == len(planted[1]["copy"])
    if fault == "conflict":
        flat = {path for paths in conflicts for path in paths}
        assert set(planted[1]["conflict"]) <= flat


def test_planted_marks_and_organs_are_found_without_false_alarms(planted, planted_record):
    faults, slices = planted[1], planted_record["slices"]
    assert set(slices["colour_marks"]) == set(faults["marked"])
    doubted = {row["path"] for row in slices["doubts"]}
    assert set(faults["pelvis"]) | set(faults["blank"]) <= doubted
    clean = {path for path in doubted if "planted" not in path}
    assert not clean
    assert slices["blank"] == faults["blank"]
    assert slices["text"] == []


def test_given_groups_override_look_alikes(with_ids):
    folder, groups, rows = with_ids
    audit = first_look(hilum.read_table(folder, groups=groups))
    assert audit.slices.by_id
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


def test_an_audit_names_what_a_comparison_needs(tmp_path):
    hilum.write_phantom(tmp_path, 36, 3)
    shutil.rmtree(tmp_path / "valid")
    shutil.rmtree(tmp_path / "train" / "normal")
    with pytest.raises(HilumError, match="split valid"):
        hilum.read_table(tmp_path)
    record = audit_record(run_audit(hilum.read_table(tmp_path, complete=False)), None).as_json()
    texts = [finding["text"] for finding in record["findings"] if finding["title"] == "Missing class"]
    assert any(text.startswith("valid has no adenocarcinoma, large cell carcinoma") for text in texts)
    assert "train has no normal." in texts
    assert record["floors"]["given"].keys() >= {"file facts", "border alone"}
    shutil.rmtree(tmp_path / "test")
    record = audit_record(run_audit(hilum.read_table(tmp_path, complete=False)), None).as_json()
    assert "given" not in record["floors"]
    assert any("test is empty; the protocol given is left out" in note for note in record["notes"])


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


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("path,group\ntrain/none.png,a\n", "names files that are not in .*train/none.png"),
        ("path,patient\nx,a\n", "lacks the column group"),
        ("path,group\nx,\n", "row 2: the group of x is empty"),
        ("path,group\nx,a\nx,b\n", "gives x two groups, a and b"),
        (None, "cannot be read"),
    ],
)
def test_groups_files_that_make_no_sense(phantom, tmp_path, text, match):
    path = tmp_path / "wrong.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(HilumError, match=match):
        hilum.read_table(phantom, groups=path)
