"""What the terminal says about a comparison."""

import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Estimate
from hilum.report import scores, terminal, words
from hilum.report.words import number


def verdict(record):
    return scores.verdict(ComparisonRecord.made(record))


def closing_lines(record, folder):
    return terminal.closing_lines(ComparisonRecord.made(record), folder)


def next_lines(record, *names):
    return terminal.next_lines(ComparisonRecord.made(record), *names)


def with_interval(figure):
    return words.with_interval(Estimate(**figure))


def macro_f1(model, protocol):
    return model["protocols"][protocol]["f1_macro"]


def shown(record, width):
    console = Console(width=width)
    with console.capture() as capture:
        console.print(terminal.summary_table(ComparisonRecord.made(record)))
    return capture.get()


def row_of(text, title):
    return next(line for line in text.splitlines() if line.startswith(title))


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_and_keeps_every_cell(record, width):
    record["models"][-1]["reason"] = "no weights at all, " * 60
    record["models"][0]["title"] = "timm:convnext_tiny.fb_in22k_ft_in1k"
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    best = row_of(text, "★")
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    assert best.split()[-1] == number(model["seconds"]["total"], 0)


def test_the_columns_are_strict_its_floor_and_lead_the_given_test_and_slices_from_elsewhere(record):
    text = shown(record, 140)
    lines = text.splitlines()
    assert lines[0] == verdict(record)[: len(lines[0])], "the sentence comes first"
    head = next(place for place, line in enumerate(lines) if line.startswith("Model"))
    assert lines[head - 1].split() == ["strict", "external", "Sec-"]
    assert lines[head].split() == ["Model", "(ids)", "Floor", "Lead", "given", "iq", "onds"]
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    given = macro_f1(best, "given")["value"]
    assert row_of(text, "★ DenseNet169").split()[2:-1] == [
        "0.700", "[0.60–0.80]", "0.650", "[0.55–0.75]", "0.050", "[0.01–0.09]", f"{given:.3f}", "0.500",
    ]  # fmt: skip
    cnn = row_of(text, "Small CNN").split()[2:-1]
    assert cnn[0] == "–", "it was not run under strict"
    assert cnn[-1] == "0.400"
    assert "[0.40–0.60]" in text, "the interval stands beneath"


def test_a_floor_that_is_not_the_models_own_is_named(record):
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    for name, floor in record["audit"]["floors"]["strict"].items():
        value = 0.66 if name == "file facts" else 0.1
        floor["f1_macro"] = {"value": value, "low": value - 0.1, "high": value + 0.1}
    best["protocols"]["strict"]["over_floor"]["floor"] = "file facts"
    cells = row_of(shown(record, 140), "★ DenseNet169")
    assert "0.650 [0.55–0.75] 0.050 [0.01–0.09] over file facts" in " ".join(cells.split())
    best["floors"] = {}
    cells = row_of(shown(record, 140), "★ DenseNet169")
    assert "0.660 [0.56–0.76] file facts 0.050 [0.01–0.09] 0." in " ".join(cells.split())


def test_without_strict_the_given_test_takes_its_place_once(record):
    del record["protocols"][2:5]
    record["differences"].pop("strict")
    for model in record["models"][:3]:
        model["protocols"] = {name: of for name, of in model["protocols"].items() if name in ("given", "external:iq")}
    text = shown(record, 140)
    assert "strict" not in text.split("Model", 1)[1].split("─")[0]
    head = next(line for line in text.splitlines() if line.startswith("Model"))
    assert head.split()[:4] == ["Model", "given", "Floor", "Lead"]


def test_only_the_best_model_is_marked(record):
    assert shown(record, 100).count("★") == 1


def test_models_that_could_not_be_had_are_one_line_with_the_reason(record):
    record["models"][-1]["reason"] = "No weights [here] for pictures."  # square brackets are not rich's markup
    record["models"].append({**record["models"][-1], "name": "xception", "title": "Xception"})
    text = shown(record, 100)
    words = " ".join(text.split())
    assert words.count("No weights [here]") == 1
    assert "Not compared: VGG16, Xception. No weights [here] for pictures" in words


def test_a_long_reason_is_cut_and_one_with_line_breaks_is_joined(record):
    record["models"][-1]["reason"] = "first\n\nsecond " + "x " * 500
    text = shown(record, 100)
    assert "Not compared: VGG16. first second x x" in text
    assert "…" in text
    assert len(text.splitlines()) < 24


def test_a_figure_that_could_not_be_computed_is_a_dash(record):
    record["models"][0]["protocols"]["given"]["f1_macro"]["value"] = None
    assert row_of(shown(record, 140), record["models"][0]["title"]).split()[-3] == "–"
    assert words.with_interval(None) == words.with_interval(Estimate(value=None)) == "–"


def test_cached_seconds_are_explained_only_where_there_are_some(record):
    assert "cache" in shown(record, 100)
    record["models"].pop()
    for model in record["models"]:
        model["seconds"]["cached"] = False
    assert "cache" not in shown(record, 100)


def test_closing_lines(record, tmp_path):
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    valid, seconds = model["splits"]["valid"]["f1_macro"], model["seconds"]["total"]
    lines = closing_lines(record, tmp_path)
    assert lines[0] == f"DenseNet169 is the best of 3 models (macro-F1 on valid {valid:.3f}, {seconds:.1f} s)."
    assert lines[1].startswith("No look-alikes: ")
    assert lines[2].startswith("By macro-F1 under strict (ids) (Holm over 1 model), DenseNet121 is significantly")
    assert lines[3:] == [
        "No body was found in 3 slices, used without a crop.",
        "2 files were skipped; the report says which and why.",
        f"Report: {tmp_path / 'report.html'}",
    ]


def test_closing_lines_of_one_model(record):
    record["models"] = [model for model in record["models"] if model["name"] in ("densenet169", "vgg16")]
    record["differences"] = {}
    lines = closing_lines(record, Path("run"))
    assert lines[0].startswith("DenseNet169 is the only model that ran (macro-F1 on valid 0.")
    assert not any("significantly" in line for line in lines)


def test_closing_lines_warn_of_synthetic_slices_and_random_weights(record):
    record["synthetic"] = record["random_weights"] = True
    record["data"]["skipped"] = record["data"]["skipped"][:1]
    lines = closing_lines(record, Path("run"))
    assert "Synthetic phantom slices." in lines
    assert "Random weights: scores mean nothing." in lines
    assert "1 file was skipped; the report says which and why." in lines
    assert "Random weights" in shown(record, 80)


def test_a_run_ends_with_what_to_do_next(record):
    lines = next_lines(record, "slices --groups ids.csv")
    assert lines[0] == "A model to use: hilum train slices --groups ids.csv --backbone densenet169 --out model"
    assert "hilum evaluate model FOLDER" in lines[1]
    record["synthetic"] = True
    real, compare = next_lines(record, "phantom", ".venv/bin/hilum")
    assert ".venv/bin/hilum fetch" in real
    assert "make compare DATA=FOLDER" in compare


def test_the_base_install_is_enough():
    code = (
        "import sys; import hilum.report.terminal; "
        "sys.exit(bool({'matplotlib', 'pandas', 'jinja2', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_figure_without_interval_is_shown_so_and_nothing_is_compared(record):
    for model in record["models"]:
        for figures in (model.get("protocols") or {}).values():
            figures["over_floor"] = None
            for key in ("accuracy", "f1_macro", "auc_macro"):
                figures[key].update(low=None, high=None)
    nothing = {"difference": None, "p": None, "p_holm": None, "told_apart": False}
    for rows in record["differences"].values():
        for row in rows:
            row.update(f1_macro=nothing, auc_macro=nothing, first=None, first_auc=None)
    text = shown(record, 140)
    assert "0.700 [–]" in text
    assert "[–]" in text
    assert "beside 0.650 [0.55–0.75] with the lungs blanked" in verdict(record)
    assert not any("significantly" in line for line in closing_lines(record, Path("run")))


@pytest.mark.parametrize("margin", [None, 0.02])
def test_a_table_without_any_floor_has_dashes(record, margin):
    record["settings"]["margin"] = margin
    record["audit"]["floors"] = {}
    for model in record["models"][:3]:
        model["floors"] = {}
        for figures in model["protocols"].values():
            figures["over_floor"] = None
    assert row_of(shown(record, 140), "★ DenseNet169").split()[2:6] == ["0.700", "[0.60–0.80]", "–", "–"]


@pytest.mark.parametrize("width", [30, 38, 60, 72, 80, 200])
@pytest.mark.parametrize("title", ["DenseNet169", "timm:a_network.with_a_name_as_long_as.they_come_in1k"])
def test_no_column_is_lost_whatever_the_width(record, width, title):
    record["models"][0]["title"] = title
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    whole = "".join(text.split())
    for heading in ("strict", "(ids)", "Floor", "Lead", "given", "iq", "onds"):
        assert heading in whole
    model = record["models"][1]
    for part in with_interval(macro_f1(model, "strict")).split():
        assert part in text
    assert title in "".join(line.split()[0] for line in text.splitlines() if line.strip()) or title in whole
