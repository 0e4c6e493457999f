"""What the terminal says about a comparison."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Estimate
from hilum.report import terminal, words
from hilum.report.words import number


def best_sentence(record):
    return terminal.best_sentence(ComparisonRecord.made(record))


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
    best = row_of(text, "DenseNet169")
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    assert "★ best" in best
    assert number(model["splits"]["valid"]["f1_macro"]) in best
    assert best.split()[-1] == number(model["seconds"]["total"], 0)


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


def test_best_sentence_says_how_it_was_chosen_and_what_test_gives(record):
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    assert (
        "DenseNet169 is the best of 3 models by macro-F1 on the validation slices "
        f"({model['splits']['valid']['f1_macro']:.3f}); it took {model['seconds']['total']:.1f} s. "
        "DenseNet169 reaches macro-F1 "
        f"{with_interval(macro_f1(model, 'given'))} on the test slices as given"
    ) in best_sentence(record)


def test_best_sentence_of_one_model(record):
    one = copy.deepcopy(record)
    one["models"] = [model for model in record["models"] if model["name"] in ("densenet169", "vgg16")]
    one["differences"] = {}
    assert "DenseNet169 is the only model that ran (validation macro-F1 0." in best_sentence(one)


def test_a_figure_that_could_not_be_computed_is_a_dash(record):
    record["models"][0]["splits"]["valid"]["f1_macro"] = None
    assert "–" in row_of(shown(record, 100), record["models"][0]["title"])
    assert words.with_interval(None) == words.with_interval(Estimate(value=None)) == "–"


def test_cached_seconds_are_explained_only_where_there_are_some(record):
    assert "cache" in shown(record, 100)
    record["models"].pop()
    for model in record["models"]:
        model["seconds"]["cached"] = False
    assert "cache" not in shown(record, 100)


def test_closing_lines(record, tmp_path):
    lines = closing_lines(record, tmp_path)
    assert best_sentence(record).startswith(" ".join(lines[:2]))
    assert "2 files were skipped; the report says which and why." in lines
    assert "No body was found in 3 slices, used without a crop." in lines
    assert lines[-1] == f"Report: {tmp_path / 'report.html'}"
    assert len(lines) == 6


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


@pytest.mark.parametrize("width", [80, 100])
def test_with_protocols_no_test_score_stands_without_its_interval(record, width):
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    for name in ("given", "no-copies"):
        for part in with_interval(macro_f1(model, name)).split():
            assert part in text
    grouped = macro_f1(model, "grouped")
    half = (grouped["high"] - grouped["low"]) / 2
    assert f"{grouped['value']:.2f}±{half:.2f}" in row_of(text, "DenseNet169")
    assert "Floor: 32x32" in text


def test_the_highest_floor_of_each_protocol_comes_last(record):
    values = {"32x32 pixels": (0.4, 0.4, 0.3, 0.1), "file facts": (0.2, 0.2, 0.5, 0.5)}
    for place, protocol in enumerate(record["protocols"]):
        for name, floor in record["audit"]["floors"][protocol["name"]].items():
            value = values.get(name, (0.1, 0.1, 0.1, 0.0))[place]
            floor["f1_macro"] = {"value": value, "low": value - 0.03, "high": value + 0.03}
    text = shown(record, 100)
    row = row_of(text, "Floor: 32x32 pixels").split()
    assert row[3:] == ["0.400", "[0.37–0.43]", "0.400", "[0.37–0.43]", "0.30±0.03", "0.10±0.03"]
    assert text.index("Small CNN") < text.index("Floor: 32x32") < text.index("Floor: file facts") < text.index("VGG16")
    assert "Floor: lungs blanked" not in text, "it is nowhere the highest"
    record["audit"]["floors"] = {}
    for model in record["models"][:-1]:
        for figures in model["protocols"].values():
            figures["over_floor"] = None
    assert "Floor" not in shown(record, 100)


def test_a_figure_without_interval_is_shown_so(record):
    record["models"][0]["protocols"]["no-copies"]["f1_macro"] = {"value": 0.5, "low": None, "high": None}
    assert "0.500 [–]" in shown(record, 100)


def test_where_no_figure_has_an_interval_it_is_said_and_nothing_is_compared(record):
    for model in record["models"]:
        for figures in (model.get("protocols") or {}).values():
            figures["over_floor"], figures["groups"] = None, 4
            for key in ("accuracy", "f1_macro", "auc_macro"):
                figures[key].update(low=None, high=None)
    for rows in record["differences"].values():
        for row in rows:
            row.update({key: {"difference": None, "p": None, "p_holm": None, "told_apart": False}
                        for key in ("f1_macro", "auc_macro")}, first=None, first_auc=None)  # fmt: skip
    text = best_sentence(record)
    assert "No class has more than one group of slices, so no figure has an interval (no-copies)." in text
    assert not any(words in text for words in ("lead over", "told apart", "wider than need be"))
    assert "[–]" in shown(record, 100)


@pytest.mark.parametrize("width", [30, 38, 60, 72, 80, 200])
@pytest.mark.parametrize("title", ["DenseNet169", "timm:a_network.with_a_name_as_long_as.they_come_in1k"])
def test_no_column_is_lost_whatever_the_width(record, width, title):
    record["models"][0]["title"] = title
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    whole = "".join(text.split())
    for heading in ("Status", "given", "Unseen", "Grouped", "Strict", "onds"):
        assert heading in whole
    model = record["models"][0]
    for name in ("given", "no-copies"):
        for part in with_interval(macro_f1(model, name)).split():
            assert part in text
    assert title in "".join(line.split()[0] for line in text.splitlines() if line.strip()) or title in whole
