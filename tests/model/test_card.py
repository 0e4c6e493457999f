"""The model card: it covers what the checklists ask, and no name in it becomes markup."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hilum.model.card import card_text
from hilum.records.trained import TrainedRecord
from hilum.report.markdown import code, plain

MARKDOWN = MarkdownIt("commonmark").enable("table")
EVIL = (
    "<script>alert(1)</script> [x](http://e.vil) ![p](x.png) `a` | **b** https://e.vil www.e.vil a@e.vil ~~c~~ $d$ &lt;"
)


@pytest.fixture(scope="module")
def record(trained):
    """The trained model's record, with the pictures of its failures left out."""
    return trained.record.model_copy(update={"thumbnails": False})


def _renamed(record, old, new):
    """The record with another name for a class, wherever it stands."""
    return json.loads(json.dumps(record.as_json()).replace(json.dumps(old), json.dumps(new)))


def _inside(text):
    """Kinds of all tokens of a Markdown text, and what is plain text in it."""
    tokens = [inner for token in MARKDOWN.parse(text) for inner in (token, *(token.children or ()))]
    return {token.type for token in tokens}, "\n".join(token.content for token in tokens if token.type == "text")


def test_it_covers_what_the_checklists_ask(record):
    card = card_text(record)
    headings = re.findall(r"^## (.*)$", card, re.MULTILINE)
    assert headings == [
        "Intended use", "The model", "The data", "Scores", "Trust", "Failure cases", "External evaluations", "Limits",
    ]  # fmt: skip
    assert card.count("Research use only") == 1
    assert "synthetic phantom slices" in card
    assert "kept together by given ids" in card  # how the data were split
    assert "The split was taken as it came" in card
    assert "No file was left out as unreadable" in card
    assert "Reference standard: who labelled the slices" in card
    assert re.search(r"^\| strict .*\| (lungs blanked|32x32 pixels|border alone|file facts) \d", card, re.MULTILINE)
    assert f"seed {record.backbone.seed}" in card
    assert "mean 0.5, 0.5, 0.5" in card
    assert "slices were grouped by given ids" in card
    assert "highest floor" in card
    changed = record.as_json()
    changed["data"] |= {"skipped": {"the file is empty": 2}, "grouped_by": "ids of DICOM headers", "split_drawn": True}
    other = card_text(TrainedRecord.made(changed))
    assert "Left out as unreadable: 2 (the file is empty)." in other
    assert "slices were grouped by ids of DICOM headers" in other
    assert "drawn by hilum" in other
    for name, slices in record.data.fitted.items():
        row = next(line for line in card.splitlines() if line.startswith(f"| {name.replace('_', ' ')} | "))
        assert f"| {slices} | {record.data.groups[name]} |" in row
    for case in record.failures:
        assert plain(case.path) in card
    assert "No training picture is in this folder" in card
    assert "features may themselves give training pictures away" in card


def test_figures_of_dicom_series_stand_beside_those_of_slices(record):
    assert "DICOM series" not in card_text(record)  # the phantom is PNG
    changed = record.as_json()
    span = {"value": 0.75, "low": 0.5, "high": 0.9}
    of_series = {"n": 12, "accuracy": span, "f1_macro": span}
    for figures in (changed["scores"]["out_of_fold"], *changed["scores"]["protocols"].values()):
        figures["per_series"] = of_series
    (line,) = [line for line in card_text(TrainedRecord.made(changed)).splitlines() if "DICOM series" in line]
    assert line.startswith("Of whole DICOM series: macro-F1 0.750 [0.50–0.90] of 12, out of fold; ")
    assert "0.750 [0.50–0.90] of 12 under strict (ids); " in line


def test_strict_leads_the_scores_with_its_number_beside_the_floor_and_the_lead(record):
    changed = record.as_json()
    span = {"value": 0.75, "low": 0.5, "high": 0.9}
    scores = changed["scores"]
    strict = scores["protocols"]["strict"]
    strict["f1_macro"] = span
    strict["over_floor"] = {
        "floor": "lungs blanked", "difference": span | {"value": 0.6}, "above": True, "groups": 12, "too_few": False
    }  # fmt: skip
    scores["floors"]["strict"]["lungs blanked"] = {**scores["floors"]["strict"]["file facts"], "f1_macro": span}
    card = card_text(TrainedRecord.made(changed))
    assert (
        "**Under strict (ids), this recipe reaches macro-F1 0.750 [0.50–0.90]; with the lungs blanked it reaches 0.750 "
        "[0.50–0.90].** Its lead over the highest floor, lungs blanked, is 0.600 [0.50–0.90].\n"
    ) in card
    rows = re.findall(r"^\| (\S.*?) \| \d+ \|", card.split("## Scores")[1], re.MULTILINE)[:6]
    assert rows == ["strict (ids)", "grouped", "no look-alikes", "no copies", "given", "*out of fold*"]
    strict["over_floor"]["above"] = False
    assert "[0.50–0.90], which may be chance." in card_text(TrainedRecord.made(changed))
    del scores["protocols"]["strict"]
    assert "did not allow the protocol strict" in card_text(TrainedRecord.made(changed))


def test_nothing_is_left_unfilled(record):
    card = card_text(record).replace("None is part of this file.", "")
    assert not re.search(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bnan\b|Undefined|\bTrue\b|\bFalse\b|\n\n\n", card)
    assert "diagnosis" not in card
    kinds, _ = _inside(card)
    assert "table_open" in kinds
    tables = [line for line in card.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in tables if line.startswith("| given") or line.startswith("| strict")}) == 1


@pytest.mark.parametrize("old", ["normal", "adenocarcinoma"])
def test_names_become_no_markup(record, old):
    changed = _renamed(record, old, EVIL)
    changed["failures"][0]["path"] = f"train/{EVIL}/1.png"
    changed["data"]["folder"] = EVIL
    changed["data"]["notes"] = [f"Note on {EVIL}", "line\n# heading\n- item"]
    changed["command"] = "hilum train '``` <script> x'\n# heading"
    card = card_text(TrainedRecord.made(changed))
    assert card.count("](trust.png)") == 1  # the one picture that is meant
    kinds, text = _inside(card.replace("](trust.png)", "]"))
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "fence", "s_open"}
    assert "<script>alert(1)</script> [x](http://e.vil) ![p](x.png) `a` | **b**" in text
    assert [line for line in card.splitlines() if line.startswith("# ")] == card.splitlines()[:1]
    # What GitHub makes links of without being asked.
    assert not re.search(r"https?://|www\.|[^\\]@", card)


def test_control_characters_and_direction_marks_do_not_get_in():
    assert plain("a\x1b[31mb\u202ec\ud800d\x00") == "a\ufffd\\[31mb\ufffdc\ufffdd\ufffd"
    assert plain("  two\nlines\tin one ") == "two lines in one"


@given(st.text(max_size=40))
def test_any_name_is_shown_as_it_is(name):
    kinds, _ = _inside(f"name {plain(name)} end")
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    table, _ = _inside(f"| a | b |\n|---|---|\n| {plain(name)} | c |")
    assert "tbody_open" in table
    tokens = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {plain(name)} | c |")
    assert [token.type for token in tokens].count("td_open") == 2


@given(st.text(alphabet="`a \n<", min_size=1, max_size=12).filter(str.strip))
def test_any_command_is_code(text):
    tokens = MARKDOWN.parseInline(f"x {code(text)} y")[0].children
    assert [token.type for token in tokens] == ["text", "code_inline", "text"]
    assert tokens[1].content == " ".join(text.split())


def test_the_card_says_what_the_head_is_and_how_maps_are_made(record):
    changed = record.as_json()
    changed["head"] = {"kind": "logistic", "strength": 0.01, "width": 1392, "scales": "both"}
    card = card_text(TrainedRecord.made(changed))
    assert "- Head: logistic regression (C = 0.01; chosen in folds); logits divided by" in card
    assert "- Maps: linear" in card
    assert "which the head does not see" not in card
    scorer = {"question": "cancer", "kind": "kernel", "strength": 0.3, "gamma": 0.1}
    chosen = [scorer, {**scorer, "question": "type", "strength": 100, "gamma": 0.3, "at_edge": True}]
    changed["head"] |= {"kind": "hierarchical", "strength": None, "chosen": chosen, "scales": "earlier"}
    card = card_text(TrainedRecord.made(changed))
    assert (
        "- Head: two questions, cancer or not and which cancer (cancer or not: kernel machine, gamma 0.1, "
        "strength 0.3; which cancer: kernel machine, gamma 0.3, strength 100 (the last that was tried); "
        "chosen in folds); logits"
    ) in card
    assert "- Maps: HiResCAM" in card
    assert "map of its last scale but one" in card
    assert "which the head does not see" in card
    changed["head"] |= {"kind": "softmax", "chosen": []}
    assert "- Head: softmax layer; logits" in card_text(TrainedRecord.made(changed))
