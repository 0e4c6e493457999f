"""How a comparison shows itself."""

import subprocess
import sys
from dataclasses import replace

import pytest
from helpers.installs import BLOCKER
from helpers.judged_records import judged
from helpers.notebooks import outputs_of
from matplotlib.figure import Figure

from hilum.comparison.shown import FIGURES, Display
from hilum.errors import HilumError, MissingExtra
from hilum.records.comparison import ComparisonRecord


def test_a_comparison_is_one_line(compared):
    best = compared.record.best_model
    assert repr(compared).startswith(f"Comparison(2 models on phantom; best {best.title}: macro-F1 0.")
    figures = best.protocols["strict"]
    assert repr(compared).endswith(f"] on {figures.n} slices in {figures.groups} groups under strict (ids))")
    assert "\n" not in repr(compared)


def test_a_notebook_shows_warnings_verdict_leaderboard_and_what_was_not_compared(compared):
    page = compared._repr_html_()
    parts = ["Synthetic phantom slices.", "macro-F1", "★ ", "<table", "95 % intervals", "Not compared: VGG16."]
    assert all(part in page for part in parts)
    assert page.count('<tr style="font-weight:bold">') == 1
    assert page.index('<tr style="font-weight:bold">') < page.index("★ ")
    assert "http" not in page.partition("Not compared")[0]


def test_each_attribute_is_shown_in_short(compared):
    for name in ("results", "plans", "scores", "audit", "outside", "record", "table", "settings", "unavailable"):
        assert len(repr(getattr(compared, name))) < 3000, name


def test_the_record_is_made_once_and_is_what_is_saved(compared, tmp_path):
    assert compared.record is compared.record
    folder = compared.save(tmp_path / "run")
    saved = ComparisonRecord.read((folder / "metrics.json").read_bytes(), "run")
    assert saved.models == compared.record.models


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_can_be_drawn(compared, name):
    figure = compared.plot(name)
    assert isinstance(figure, Figure)
    assert figure._repr_png_()[:4] == b"\x89PNG"


def test_scores_are_drawn_if_no_figure_is_named(compared):
    assert compared.plot()._repr_png_() == compared.plot("protocols")._repr_png_()


def test_a_figure_of_one_model(compared):
    (axes, _) = compared.plot("confusion", "cnn").axes
    assert axes.get_title(loc="left").startswith("Small CNN on the given test")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (("confuson",), "There is no figure 'confuson'. Did you mean 'confusion'?"),
        (("roc", "efficientnet"), "There is no model 'efficientnet'. Did you mean 'efficientnet_lite0'?"),
        (("models", "cnn"), "The figure models shows all models."),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(compared, how, said):
    with pytest.raises(HilumError) as caught:
        compared.plot(*how)
    assert str(caught.value).startswith(said)


def test_figures_that_the_slices_do_not_have_are_refused(compared):
    bare = replace(compared, results=tuple(replace(result, history=()) for result in compared.results), curve=())
    for name, said in (("curves", "There are no curves of"), ("similarity", "There is no similarity curve")):
        with pytest.raises(HilumError, match=said):
            bare.plot(name)


def test_the_surest_mistakes_are_pictures(compared):
    shown = compared.top_errors(3)
    assert repr(shown) == f"3 mistakes that {compared.best.title} was surest of"
    assert shown._repr_html_().count('src="data:image/png;base64,') == 3


def test_the_report_is_that_of_the_run_folder(compared, tmp_path):
    shown = compared.report()
    page = (compared.save(tmp_path / "run") / "report.html").read_text("utf-8")
    assert repr(shown).startswith("Report of Comparison(2 models on phantom;")
    for heading in ("What the scores are worth", "Each model", "Data"):
        assert f"<h2>{heading}</h2>" in page
        assert f"&lt;h2&gt;{heading}&lt;/h2&gt;" in shown._repr_html_()


def test_another_maker_of_the_same_record_shows_itself_alike(compared):
    class Judged(Display):
        record = compared.record

        def history(self):
            return compared.history()

        def predictions(self):
            return compared.predictions()

        def probabilities(self):
            return compared.probabilities()

        def picture(self, path):
            return None

    assert repr(Judged()) == repr(compared).replace("Comparison", "Judged")
    assert Judged()._repr_html_() == compared._repr_html_()
    assert "no picture" in Judged().top_errors(1)._repr_html_()


def test_a_missing_package_is_named_in_python_too(tmp_path):
    code = "import hilum.errors\nwith hilum.errors.extras_named():\n    import hilum.comparison.compare"
    done = subprocess.run(
        [sys.executable, "-c", BLOCKER + code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    last = done.stderr.splitlines()[-1]
    package = last.partition("needs the package ")[2].partition(",")[0]
    assert last == f"hilum.errors.MissingExtra: {MissingExtra(package)}"


@pytest.mark.slow
def test_in_a_kernel_a_figure_is_shown_once_with_and_without_pyplot(phantom, use_shared_cache):
    made = (
        f"import hilum\ntable = hilum.read_table({str(phantom)!r}, groups={str(phantom / 'table.csv')!r})\n"
        "comparison = hilum.compare(table, ['efficientnet_lite0'])\ncomparison"
    )
    plot = "comparison.plot('confusion')"
    whole, first, _, second = outputs_of(made, plot, "import matplotlib.pyplot as plt", plot)
    assert "★ EfficientNet-Lite0" in whole[-1].data["text/html"]
    assert [output.output_type for output in whole] == ["display_data", "execute_result"]  # bars, which are gone
    assert whole[0].data["text/html"] == ""
    for outputs in (first, second):
        assert [("image/png" in output.data) for output in outputs] == [True]


def test_a_figure_that_judged_predictions_lack_is_refused_in_words_and_their_limits_are_notes(compared):
    made = ComparisonRecord.made(judged(compared.record.as_json(), [compared.best.name], classes_only=True))

    class Judgement(Display):
        record = made

        def history(self):
            return compared.history()[:0]

        def predictions(self):
            return compared.predictions()

        def probabilities(self):
            return compared.probabilities()

        def picture(self, path):
            return None

    shown = Judgement()
    for name, said in (
        ("curves", "hilum did not train"),
        ("models", "hilum did not"),
        ("roc", "without probabilities"),
    ):
        with pytest.raises(HilumError, match=said):
            shown.plot(name)
    assert shown.plot("confusion")._repr_png_()[:4] == b"\x89PNG"
    assert "What hilum cannot know: " in shown._repr_html_()
    assert "★" not in shown._repr_html_()
    assert repr(shown.top_errors(1)) == f"1 mistake of {compared.best.title}"
