"""Writing an audit: both files, read back, what they say of planted faults, and nothing overwritten unasked."""

import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

import hilum
from hilum.audit.audit import first_look, run_audit
from hilum.audit.folder import AUDIT, write_audit_folder
from hilum.audit.record import audit_record
from hilum.errors import HilumError
from hilum.outputs import OutputFolder
from hilum.training.train import train_model


def test_both_files(phantom_audit, tmp_path):
    record = write_audit_folder(
        phantom_audit, tmp_path / "deep" / "audit", overwrite=False, command="hilum audit phantom"
    ).as_json()
    assert json.loads((tmp_path / "deep" / "audit" / "audit.json").read_text("utf-8")) == record
    assert record["command"] == "hilum audit phantom"
    page = (tmp_path / "deep" / "audit" / "audit.html").read_text("utf-8")
    assert "Synthetic" in page
    assert not re.search(r"""(src|href)=["']https?:""", page)


def test_an_earlier_audit_is_replaced_only_when_asked(phantom_audit, tmp_path):
    write_audit_folder(phantom_audit, tmp_path, overwrite=False, command="first")
    with pytest.raises(HilumError, match=r"holds an audit already.*--overwrite"):
        write_audit_folder(phantom_audit, tmp_path, overwrite=False, command="second")
    assert write_audit_folder(phantom_audit, tmp_path, overwrite=True, command="second").command == "second"
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(HilumError, match=r"files that are not the audit's: mine\.txt\. Move them"):
        write_audit_folder(phantom_audit, tmp_path, overwrite=True, command="third")
    assert json.loads((tmp_path / "audit.json").read_text("utf-8"))["command"] == "second"
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("content", ["{}", "no JSON", '{"schema": "other/1"}'])
def test_what_hilum_did_not_make_is_left_alone(tmp_path, content):
    (tmp_path / "audit.json").write_text(content)
    with pytest.raises(HilumError, match="did not make"), OutputFolder(tmp_path, AUDIT, overwrite=True):
        pass


def test_a_file_in_the_folder_s_place(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HilumError, match="is a file"), OutputFolder(tmp_path / "file", AUDIT, overwrite=True):
        pass


@pytest.mark.parametrize("sizes", [(64,), (64, 70)])
def test_black_training_slices_are_a_finding_and_have_no_floors(tmp_path, sizes):
    for split, count in (("train", 4), ("valid", 2), ("test", 2)):
        for label in "ab":
            (tmp_path / "set" / split / label).mkdir(parents=True)
            for number in range(count):
                side = sizes[number % len(sizes)]
                path = tmp_path / "set" / split / label / f"{number}.png"
                Image.fromarray(np.zeros((side, side), np.uint8)).save(path)
    table = hilum.read_table(tmp_path / "set")
    audited = run_audit(table)
    assert all("border alone" not in floors for floors in audited.floors.values())
    assert any(note.startswith("The floor of border alone is left out under") for note in audited.notes)
    record = write_audit_folder(audited, tmp_path / "out", overwrite=False, command=None)
    assert record.findings[0].title == "Nothing to learn from"
    with pytest.raises(HilumError, match="All 8 training slices look the same"):
        hilum.compare(table, ["cnn"], cnn_epochs=1, audited=audited)
    with pytest.raises(HilumError, match="All 8 training slices look the same"):
        train_model(table, "efficientnet_lite0", audited=audited)


def test_equal_slices_without_splits_are_a_finding_too(tmp_path):
    for path in (tmp_path / "set" / label / f"{number}.png" for label in "ab" for number in range(4)):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((64, 64), 90, np.uint8)).save(path)
    audited = first_look(hilum.read_table(tmp_path / "set", complete=False))
    record = write_audit_folder(audited, tmp_path / "out")
    assert record.findings[0].title == "Nothing to learn from"


FINDINGS = {
    "leaked patient": "Same ids in train and test",
    "exact copy": "Copies",
    "label conflict": "Label conflict",
    "shortcut": "Text or rulers tell a class",
    "no slice": "Perhaps no chest slice",
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """What the audit of a phantom with planted faults found, by title; its record; its page; and the faults."""
    folder = tmp_path_factory.mktemp("faulty") / "phantom"
    hilum.write_phantom(folder, 96, 5, faults=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(tmp_path_factory.mktemp("cache")))
        audit = first_look(hilum.read_table(folder, groups=folder / "table.csv"))
        record = write_audit_folder(audit, folder.parent / "audit").as_json()
    with (folder / "faults.csv").open(newline="") as file:
        faults = list(csv.DictReader(file))
    page = (folder.parent / "audit" / "audit.html").read_text("utf-8")
    return {finding["title"]: finding for finding in record["findings"]}, record, page, faults


def test_every_planted_fault_is_named_by_the_finding_of_its_kind(faulty):
    found, _, _, faults = faulty
    assert {fault["fault"] for fault in faults} == FINDINGS.keys()
    for fault in faults:
        assert fault["path"] in found[FINDINGS[fault["fault"]]]["paths"], fault
        if fault["fault"] in ("exact copy", "label conflict"):
            assert fault["other"] in found[FINDINGS[fault["fault"]]]["paths"], fault


def test_every_kind_of_planted_fault_is_shown(faulty):
    found, _, page, faults = faulty
    sections = dict(re.findall(r"<p><b>(.+?)</b></p>(.*?)(?=<p><b>|</section>)", page, re.DOTALL))
    for kind, title in FINDINGS.items():
        shown = set(re.findall(r'<img src="data:[^"]+" alt="Slice (.+?)">', sections[title]))
        assert shown == set(found[title]["paths"][:6])
        assert shown & {fault["path"] for fault in faults if fault["fault"] == kind}


def test_a_leaked_patient_and_copies_are_found_by_their_looks_too(faulty):
    found, record, _, faults = faulty
    leaked, copied = (
        {row["path"] for row in faults if row["fault"] == kind} for kind in ("leaked patient", "exact copy")
    )
    pairs = [pair for leak in record["leaks"] if leak["to"] == "test" for pair in leak["pairs"]]
    assert copied <= {path for _, path in pairs} <= copied | leaked
    assert leaked & {path for _, path in pairs}
    assert found["Leak from train to test"]["severity"] == "serious"
    assert set(found["Leak from train to test"]["paths"]) <= {path for pair in pairs for path in pair}


def test_a_shortcut_is_serious_and_counted(faulty):
    found, _, _, faults = faulty
    marked = [row["path"] for row in faults if row["fault"] == "shortcut"]
    label = marked[0].split("/")[1]
    assert found["Text or rulers tell a class"]["severity"] == "serious"
    text = found["Text or rulers tell a class"]["text"]
    assert re.search(rf"In train, {len(marked)} of \d+ pictures of {label.replace('_', ' ')} do, and 0 of \d+ of", text)


def test_a_clean_phantom_has_none_of_these_findings(phantom_audit):
    record = audit_record(phantom_audit, None).as_json()
    titles = {finding["title"] for finding in record["findings"]}
    assert not titles & {*FINDINGS.values(), "Leak from train to test", "Text or rulers", "Colour marks"}
    assert record["synthetic"] is True
    assert record["copies"] == record["shared_ids"] == record["label_conflicts"] == []
    assert all(leak["identical"] == 0 for leak in record["leaks"])
    odd = record["slices"]
    assert odd["marked_classes"] == odd["colour_marks"] == odd["blank"] == odd["doubts"] == []
