"""The report of an evaluation."""

import re

import pytest

from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import FIGURES, Mistake, verdict
from hilum.report.evaluation_page import evaluation_page

MISTAKES = [Mistake("a/<b>.png", "normal", "large_cell", 0.91, b"PNG"), Mistake("c.png", "normal", "x", 0.5, None)]


def page(record, mistakes=(), names=FIGURES):
    return evaluation_page(EvaluationRecord.made(record), dict.fromkeys(names, b"<svg/>"), mistakes)


def words(text):
    return " ".join(re.sub("<[^>]*>", " ", text.partition("<body>")[2]).split())


def test_the_verdict_comes_first_and_everything_is_there(evaluated):
    text = page(evaluated, MISTAKES)
    shown = words(text)
    assert shown.index(verdict(EvaluationRecord.made(evaluated))) < shown.index("macro-F1 accu")
    for said in (
        "Research use only.", "where it was trained, strict (0.87) 0.850 [0.80–0.90]",
        "floor there, strict (0.87): border alone 0.600",
        "A note.", "1 file: a copy of another slice", "Promise: 95%.", "the promise is kept", "Calibration error 0.100",
        "normal , taken for large cell with probability 0.910", "no picture", "aden 20 adenocarcinoma", "left out",
    ):  # fmt: skip
        assert said in shown, said
    assert text.count("<svg") == 0
    assert text.count('class="chart"') == len(FIGURES)


def test_names_make_no_markup_and_nothing_is_loaded(evaluated):
    evaluated["data"]["folder"] = "<script>alert(1)</script>"
    text = page(evaluated, MISTAKES)
    assert "<script" not in text
    assert "<b>.png" not in text
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)


@pytest.mark.parametrize("flag", ["synthetic", "random_weights"])
def test_what_a_reader_must_know_is_loud(evaluated, flag):
    evaluated[flag] = True
    assert 'class="banner loud"' in page(evaluated)


def test_what_is_missing_is_left_out(evaluated):
    evaluated.pop("promise")
    evaluated["model"].update(scores={}, highest_floor=None)
    shown = words(page(evaluated, names=FIGURES[:-1]))
    assert "There is none: every slice was called right." in shown
    assert "is not recorded" in shown
