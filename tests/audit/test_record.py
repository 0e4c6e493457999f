"""The audit's record: the known facts of the public set, planted faults of a phantom, and groups that are given."""

import json
import shutil

import pytest

import hilum
from hilum.audit.audit import run_audit
from hilum.audit.record import audit_record
from hilum.errors import HilumError


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
    assert floors.keys() == {"given", "no-copies", "no-look-alikes", "grouped", "strict"}
    assert floors["given"].keys() == {"file facts", "32x32 pixels", "border alone"}
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


def test_planted_marks_and_organs_are_found_without_false_alarms(planted, planted_record):
    faults, slices = planted[1], planted_record["slices"]
    assert set(slices["colour_marks"]) == set(faults["marked"])
    doubted = {row["path"] for row in slices["doubts"]}
    assert set(faults["pelvis"]) | set(faults["blank"]) <= doubted
    clean = {path for path in doubted if "planted" not in path}
    assert not clean
    assert slices["blank"] == faults["blank"]
    assert slices["text"] == []


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
