"""How an audit shows itself."""

import json
from dataclasses import replace

import pytest

from hilum.records.audit import Finding


@pytest.fixture
def found(phantom_audit):
    """The audit with two findings, of which one names a slice."""
    audit = replace(phantom_audit)
    path = audit.table.rows[0].path
    findings = (
        Finding.of("serious", "Leak", "One <file> is in test too.", [path]),
        Finding.of("notice", "Copies", "There are copies."),
    )
    audit.__dict__["record"] = audit.record.model_copy(update={"findings": findings})
    return audit


def test_an_audit_is_one_line(found):
    assert repr(found) == "Audit(48 files in phantom: 1 serious finding and 1 notice)"
    found.__dict__["record"] = found.record.model_copy(update={"findings": ()})
    assert repr(found) == "Audit(48 files in phantom: nothing wrong with the files)"


def test_a_notebook_shows_the_findings_with_the_slices_they_are_about(found):
    page = found._repr_html_()
    assert page.index("Serious: Leak") < page.index("Notice: Copies")
    assert "One &lt;file&gt; is in test too." in page
    assert "Synthetic phantom slices." in page
    assert page.count("<img") == page.count('src="data:image/jpeg;base64,') == 1
    assert "http" not in page


def test_findings_are_a_frame(found, phantom_audit):
    frame = found.findings()
    assert list(frame["severity"]) == ["serious", "notice"]
    assert frame.loc[0, "paths"] == (found.table.rows[0].path,)
    assert list(frame.columns) == list(phantom_audit.findings().columns)


def test_the_record_is_made_once_and_saved_with_the_page_that_a_notebook_shows(phantom_audit, tmp_path):
    assert phantom_audit.record is phantom_audit.record
    folder = phantom_audit.save(tmp_path / "audit", command="hilum audit phantom")
    assert folder == tmp_path / "audit"
    saved = json.loads((folder / "audit.json").read_text("utf-8"))
    assert saved["command"] == "hilum audit phantom"
    of_a_writing = ("command", "created")
    known = phantom_audit.record.as_json()
    assert {name: saved[name] for name in known if name not in of_a_writing} == {
        name: known[name] for name in known if name not in of_a_writing
    }
    shown = phantom_audit.report()
    assert repr(shown) == f"Report of {phantom_audit!r}"
    assert "Duplicates and leaks" in shown._repr_html_()


def test_each_attribute_is_shown_in_short(phantom_audit):
    assert len(phantom_audit.looks) == 48
    for name in ("looks", "groups", "slices", "record"):
        assert len(repr(getattr(phantom_audit, name))) < 1200, name
