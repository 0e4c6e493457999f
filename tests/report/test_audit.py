"""The page and the terminal lines of an audit."""

import subprocess
import sys

import pytest
from helpers.pages import EVIL, Page, picture

from hilum.audit.picture_checks import CHECKS
from hilum.records.audit import AuditRecord
from hilum.report import audit as report

HEADINGS = {check.key: check.heading for check in CHECKS}

NOTHING_ODD = {"doubts": [], "colour_marks": [], "colour_marks_by_class": {}, "text": [], "blank": []}


def audit_lines(record):
    return report.audit_lines(AuditRecord.made(record))


def page_of(audit, pictures=picture):
    return report.audit_page(AuditRecord.made(audit), pictures, HEADINGS)


@pytest.fixture
def page(audit):
    """Makes the page of the audit, with changes."""

    def write(pictures=picture, **changes):
        audit.update(changes)
        return Page(page_of(audit, pictures))

    return write


def test_the_page_loads_nothing_from_elsewhere(audit):
    read = Page(page_of(audit))
    for tag, attributes in read.elements:
        assert tag not in ("script", "link", "iframe", "object", "base")
        for name in ("src", "href", "style"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/"))
    assert "http" not in page_of(audit).replace("http-equiv", "")


def test_the_same_record_gives_the_same_page(audit):
    assert page_of(audit) == page_of(audit)


def test_serious_findings_come_first_and_as_banners(page):
    read = page()
    text = read.text("findings")
    places = [text.index(words) for words in ("Test holds training", "One picture has two", "Train and test look")]
    assert places == sorted(places)
    kinds = [attributes.get("class") for tag, attributes in read.elements if tag == "div"]
    assert [kind for kind in kinds if kind in ("banner", "notice")][:3] == ["banner", "banner", "banner"]
    assert "test/normal/1.png" in text


def test_leaks_are_tabled_where_there_are_any(page):
    read = page()
    assert read.row("test, normal: in train")[1:] == ["54", "46", "47", "48"]
    assert not any(row and row[0].startswith("test, large cell") for row in read.rows)
    assert "No file of one split was found in another." in page(leaks=[]).text("duplicates")


def test_no_group_is_said_to_be_a_patient(page, audit):
    text = page().text("duplicates")
    assert "48 files of 48 come with 12 patient or series ids" in text
    assert "unseen chest" not in text
    audit["groups"].update(given=None, ids=0, named_files=0)
    read = page()
    assert "no test slice can be shown to be of an unseen chest" in read.text("duplicates")
    assert "patient-level" not in read.text()


def test_files_without_an_id_are_counted(page, audit):
    audit["groups"].update(given=2, ids=2, named_files=3)
    text = page().text("duplicates")
    assert "3 files of 48 come with 2 patient or series ids" in text
    assert "The others are grouped by how they look, and no one of them can be shown to be of an unseen chest." in text


def test_each_class_has_its_distinct_pictures(page):
    read = page()
    assert read.row("large cell carcinoma")[1:] == ["12", "12", "4", "2"]
    assert "byte-identical" not in read.text()
    assert "with equal pixels" in read.text("duplicates")


def test_slices_are_shown_as_thumbnails_and_the_rest_is_counted(page, audit):
    across = audit["near_duplicates"][-1]
    across.update(
        splits=["train", "test"], turned=True, labels=["normal", "normal"], paths=["train/n.png", "test/n.png"]
    )
    audit["slices"].update(
        colour_marks=[f"train/normal/c{place}.png" for place in range(30)],
        doubts=[{"path": "test/normal/d.png", "reason": "no lungs in sight"}],
    )
    read = page()
    shown = [attributes["alt"] for attributes in read.images() if attributes.get("class") != "chart"]
    assert shown[0] == "Slice test/normal/1.png", "the example of a finding"
    assert shown[1:3] == [f"Slice {path}" for path in audit["label_conflicts"][0]]
    assert shown[3:5] == ["Slice train/n.png", "Slice test/n.png"], "what spans splits comes first"
    near = [across, *audit["near_duplicates"][:11]]
    assert len(shown) == 1 + 2 + sum(len(group["paths"]) for group in near) + 1 + 24
    assert "train, test: normal (turned or mirrored)" in read.text("near")
    assert "12 of 14 groups" in read.text("near")
    assert "And 6 files more" in read.text("slices")
    assert "no lungs in sight" in read.text("slices")
    assert page(pictures=lambda path: None).text().count("no picture") == len(shown)


def test_floors_and_splits_have_their_figures(page, audit):
    audit["splits"].update(
        missing=[{"split": "valid", "label": "normal"}],
        numbers=[{"label": "normal", "other": "test", "apart": True, "share": 0.98, "train": 30, "others": 20,
                  "train_range": [0, 29], "other_range": [30, 49], "cut": 30, "above": True, "train_side": 30,
                  "other_side": 19, "sentence": "The numbers tell train from test."}],
    )  # fmt: skip
    read = page()
    floor, fact = audit["floors"]["given"]["file facts"], audit["splits"]["facts"][0]
    keys = ("accuracy", "f1_macro", "auc_macro")
    assert read.row("file facts")[1:] == [f"{floor[key]['value']:.3f} [–]" for key in keys]
    assert read.row("edge grey")[1:] == ["all", f"{fact['auc']:.3f}"]
    text = read.text("splits")
    assert "valid has no file of normal." in text
    assert "The numbers tell train from test." in text
    assert "floors" not in page(floors={}).words


def _bin(low, high, pairs, crossing):
    value = crossing / pairs if pairs else None
    share = {"value": value, "low": value and value / 2, "high": value and min(2 * value, 1.0)}
    return {"low": low, "high": high, "pairs": pairs, "crossing": crossing, "share": share}


def test_purity_tells_how_alike_slices_of_one_chest_are(page, audit):
    audit["groups"]["purity"] = {
        "slices": 3000, "of": 4000, "random": 0.655, "above": _bin(0.87, 1.0, 5340, 2), "pure_above": 0.86,
        "bins": [_bin(0.8, 0.81, 10, 4), _bin(0.81, 0.82, 0, 0)], "false_below": 0.84,
    }  # fmt: skip
    read = page()
    rows = [row for row in read.rows if row and row[0].startswith(("0.8", "above"))]
    assert rows == [
        ["0.81–0.82", "0", "0", "–"],
        ["0.80–0.81", "10", "4", "0.400 [0.20–0.80]"],
        ["above 0.87", "5,340", "2", "0.000 [0.00–0.00]"],
    ]
    text = read.text("purity")
    assert "3,000 distinct slices drawn from 4,000 of train and valid" in text
    assert "Of random pairs, 65.5 % differ." in text
    assert "Below 0.84 links are false" in text
    audit["groups"]["purity"]["false_below"] = None
    assert "links are false" not in page().text("purity")
    audit["groups"]["purity"] = None
    assert "purity" not in page().words


def test_look_alikes_under_different_labels_are_shown_in_pairs(page, audit):
    pair = {"paths": ["train/a.png", "test/b.png"], "labels": ["large_cell_carcinoma", "normal"],
            "splits": ["train", "test"], "likeness": 0.9662}  # fmt: skip
    read = page(alike_conflicts=[pair] * 14, alike_conflicts_in_all=300)
    text = read.text("alike")
    assert "300 pairs of slices that correlate above 0.87" in text
    assert "12 are shown" in text
    assert text.count("0.97: large cell carcinoma and normal") == 12
    shown = [attributes["alt"] for attributes in read.images()]
    assert shown.count("Slice train/a.png") == shown.count("Slice test/b.png") == 12


def test_strict_and_look_alikes_say_their_likeness(page, audit):
    audit["groups"].update(likeness=0.9, given=None, ids=0, named_files=0)
    audit["floors"]["strict"] = audit["floors"]["given"]
    read = page()
    assert "look alike (0.90)" in read.text("duplicates")
    assert "strict (0.90): folds that keep together slices that correlate above 0.90." in read.text("floors")
    assert audit_lines(audit)[0].endswith("groups of slices that look alike (above 0.90).")


def test_what_was_not_found_has_no_section(page):
    read = page(label_conflicts=[], near_duplicates=[], findings=[], slices=NOTHING_ODD)
    assert "conflicts" not in read.words
    assert "alike" not in read.words
    assert "near" not in read.words
    assert "Nothing to warn of." in read.text("findings")
    assert "No slice stood out." in read.text("slices")


def test_what_comes_from_files_is_escaped(page, audit):
    audit["findings"][0].update(title=EVIL, paths=[f"{EVIL}.png"])
    audit["data"]["folder"] = EVIL
    read = page(label_conflicts=[[f"\"><img src=x onerror='{EVIL}'>", "b.png"]])
    assert not any(tag == "script" for tag, _ in read.elements)
    assert not any(name.startswith("on") for _, attributes in read.elements for name in attributes)


def test_lines_say_what_is_serious_first(audit):
    lines = audit_lines(audit)
    same, alike = audit["groups"]["same_slice"], audit["groups"]["look_alike"]
    assert lines[0].startswith(f"48 files, 48 with distinct content: {same} groups of the same slice, {alike} groups")
    assert lines[1] == "What is wrong with the data, worst first:"
    assert lines[2].startswith("Serious: Test holds training slices. 46 of 54 test files of normal are also in train.")
    assert [line.split(":")[0] for line in lines[2:]] == ["Serious", "Serious", "Serious", "Notice"]


def test_lines_name_the_first_files_where_the_text_names_none(audit):
    one = {"severity": "notice", "title": "A", "text": "Some.", "paths": ["a.png", "b.png"]}
    audit["findings"] = [one, one | {"paths": [*"abc"]}, one | {"text": "This is a.png."}, one | {"paths": []}]
    assert audit_lines(audit)[-4:] == [
        "Notice: A. Some. Files: a.png, b.png.",
        "Notice: A. Some. Files: a, b, …",
        "Notice: A. This is a.png.",
        "Notice: A. Some.",
    ]


def test_lines_are_few_and_short(audit):
    audit["synthetic"] = True
    audit["findings"] = [{"severity": "notice", "title": "A", "text": "b " * 900, "paths": []}] * 30
    lines = audit_lines(audit)
    assert lines[0] == "Synthetic phantom slices."
    assert lines[-1] == "And 20 findings more, in the report."
    assert len(lines) == 14
    assert max(map(len, lines)) <= 320
    audit["findings"] = []
    assert audit_lines(audit)[-1] == "The audit found nothing wrong with the files."


def test_severities_have_a_line_each_with_the_titles_of_their_findings(audit):
    one = {"severity": "notice", "title": "Copies.", "text": "Some.", "paths": []}
    audit["findings"] = [
        one,
        one | {"severity": "serious", "title": "Leak from train"},
        one | {"title": "Blank slices"},
        one | {"text": "Others."},
    ]
    lines = report.severity_lines(AuditRecord.made(audit))
    assert lines == ["Serious: leak from train.", "Notice: copies (2); blank slices."]
    audit["findings"] = []
    assert report.severity_lines(AuditRecord.made(audit)) == []


def test_lines_need_only_the_base_install():
    code = (
        "import sys; from hilum.report.audit import audit_lines; "
        "sys.exit(bool({'matplotlib', 'pandas', 'jinja2', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
