"""How an evaluation shows itself."""

import re
import sys

import pytest

from hilum.errors import HilumError, MissingExtra


def test_it_is_one_line_and_in_a_notebook_a_verdict_and_figures(evaluation):
    assert re.fullmatch(
        r"Evaluation\(\S+ on slices, 12 slices in \d+ groups: macro-F1 0\.\d{3} \[.*\]\)", repr(evaluation)
    )
    shown = evaluation._repr_html_()
    for said in (
        "On slices, ",
        "macro-F1",
        "AUC",
        "here, by slice",
        "where it was trained, given",
        "1 slice was left out (a copy of another slice).",
    ):
        assert said in shown
    assert "<script" not in shown


def test_the_frame_has_a_row_a_slice(evaluation):
    frame = evaluation.to_frame()
    assert frame["path"].tolist() == [row.path for row in evaluation.rows]
    assert frame["label"].tolist() == list(evaluation.labels)
    assert frame["left_out"].notna().sum() == 1
    assert frame.filter(regex="^p_").sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    scored = frame[frame["left_out"].isna()]
    assert (scored["label"] == scored["predicted"]).mean() == pytest.approx(evaluation.record.figures.accuracy.value)


def test_figures_are_named(evaluation):
    assert evaluation.plot()._repr_png_() == evaluation.plot("confusion")._repr_png_()
    assert evaluation.plot("calibration").axes[0].get_xlabel() == "mean top probability"
    with pytest.raises(HilumError, match="Did you mean 'confusion'"):
        evaluation.plot("confused")


def test_the_report_is_a_frame(evaluation):
    shown = evaluation.report()
    assert repr(shown) == f"Report of {evaluation!r}"
    assert shown._repr_html_().startswith("<iframe")
    assert "Research use only" in shown._repr_html_()


def test_it_is_saved(evaluation, tmp_path):
    assert (evaluation.save(tmp_path / "run") / "report.html").is_file()


def test_what_a_base_install_lacks_is_named(evaluation, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match="needs the package pandas"):
        evaluation.to_frame()
