"""Predictions: rows that show themselves."""

import re
from dataclasses import replace

import pytest

import hilum
from hilum.predict.rows import Row
from hilum.predict.series import SeriesSummary

CLASSES = ("normal", "other")


def row(number, decision="class", **changes):
    fields = {
        "path": f"scans/{number}.dcm", "frame": None, "decision": decision,
        "label": "other" if decision == "class" else None, "probabilities": {"normal": 0.25, "other": 0.75},
        "outlier_score": 0.5, "reason": "so it is",
    }  # fmt: skip
    return Row(**fields | changes)


UNREADABLE = row(3, "unreadable", probabilities=None, outlier_score=None, reason="there is no such file")
ROWS = [row(1), row(2, "abstain"), UNREADABLE, row(4, "outlier", frame=2)]


def test_they_are_a_sequence_of_rows():
    predictions = hilum.Predictions(ROWS, CLASSES)
    assert [*predictions] == ROWS
    assert (len(predictions), predictions[1], predictions[-2:]) == (4, ROWS[1], tuple(ROWS[-2:]))
    assert UNREADABLE in predictions
    assert predictions.decisions == {"class": 1, "abstain": 1, "outlier": 1, "unreadable": 1}


def test_one_line_counts_the_decisions():
    said = "4 slices: 1 answered, 1 abstained, 1 refused as outlier, 1 unreadable"
    assert repr(hilum.Predictions(ROWS, CLASSES)) == f"Predictions({said})"
    assert repr(hilum.Predictions(ROWS[:1], CLASSES)) == "Predictions(1 slice: 1 answered)"


def test_a_frame_has_the_columns_of_the_csv_file():
    frame = hilum.Predictions(ROWS, CLASSES).to_frame()
    assert [*frame.columns] == [
        "path", "frame", "decision", "class", "probability normal", "probability other", "outlier_score", "reason",
    ]  # fmt: skip
    assert frame["frame"].tolist()[3] == 2
    assert frame["probability other"].tolist()[:2] == [0.75, 0.75]
    assert frame.loc[2, ["frame", "class", "probability other", "outlier_score"]].isna().all()
    assert frame["reason"][2] == "there is no such file"
    assert [*hilum.Predictions([], CLASSES).to_frame().columns] == [*frame.columns]


def test_a_notebook_shows_rows_series_and_notes():
    series = SeriesSummary(
        "abc", "scans/1.dcm", 4, {"class": 1, "abstain": 3}, "other", {"normal": 0.25, "other": 0.75}
    )
    shown = hilum.Predictions([*ROWS, row("<b>")], CLASSES, [series], ["A promise."])._repr_html_()
    assert "5 slices: 2 answered" in shown
    assert ">In scans/:<" in shown
    assert ">4.dcm frame 2<" in shown
    assert "there is no such file" in shown
    assert "<b>" not in shown
    assert ">&lt;b&gt;.dcm<" in shown
    assert "Series of scans/1.dcm: 4 slices (1 class, 3 abstain)" in shown
    assert "A promise." in shown
    assert "more" not in shown


@pytest.mark.parametrize(("count", "more"), [(20, None), (21, "1 slice more"), (1_030, "1,010 slices more")])
def test_a_notebook_shows_the_first_of_many(count, more):
    shown = hilum.Predictions([row(number) for number in range(count)], CLASSES)._repr_html_()
    assert shown.count(".dcm") == 20
    assert re.findall(r"[\d,]+ slices? more", shown) == ([more] if more else [])


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["a/b/one.png", "a/bc/two.png"], ["In a/:", "b/one.png", "bc/two.png"]),
        (["/x/one.png", "/y/two.png"], ["/x/one.png", "/y/two.png"]),
        (["a/one.png", "gone.png"], ["a/one.png", "gone.png"]),
        (["a/b/one.png"], ["In a/b/:", "one.png"]),
    ],
)
def test_the_folder_of_all_slices_is_named_once(paths, shown):
    page = hilum.Predictions([replace(UNREADABLE, path=path) for path in paths], CLASSES)._repr_html_()
    assert re.findall(r">([^<>]*(?:/:|png))<", page) == shown


def test_reasons_are_wrapped_and_figures_are_not():
    page = hilum.Predictions([UNREADABLE, row(1)], CLASSES)._repr_html_()
    styles = {text: style for style, text in re.findall(r'<td style="([^"]*)">([^<]+)', page)}
    assert "nowrap" not in styles["there is no such file"]
    assert "nowrap" in styles["0.75"]
