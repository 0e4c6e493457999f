"""What the terminal says about a comparison."""

import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Estimate
from hilum.report import scores, words
from hilum.report import terminal as report
from hilum.report.words import number


def verdict(record):
    return scores.verdict(ComparisonRecord.made(record))


def closing_lines(record, folder):
    return report.closing_lines(ComparisonRecord.made(record), folder)


def next_lines(record, *names):
    return report.next_lines(ComparisonRecord.made(record), *names)


def with_interval(figure):
    return words.with_interval(Estimate(**figure))


def macro_f1(model, protocol):
    return model["protocols"][protocol]["f1_macro"]


def shown(record, width, *, terminal=True):
    console = Console(width=width, force_terminal=terminal, color_system=None)
    with console.capture() as capture:
        console.print(report.summary_table(ComparisonRecord.made(record)), soft_wrap=not terminal, crop=False)
    return capture.get()


def row_of(text, title):
    return next(line for line in text.splitlines() if line.startswith(title))


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_and_keeps_every_cell(record, width):
    record["models"][-1]["reason"] = "no weights at all, " * 60
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    best = row_of(text, "★")
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    assert best.split()[-1] == number(model["seconds"]["total"], 0)


def test_the_columns_are_strict_its_floor_and_lead_the_given_test_and_slices_from_elsewhere(record):
    text = shown(record, 140)
    lines = text.splitlines()
    assert lines[0] == verdict(record)[: len(lines[0])], "the sentence comes first"
    head = next(place for place, line in enumerate(lines) if line.startswith("model "))
    assert lines[head - 2].split() == ["external"]
    assert lines[head - 1].split() == ["strict", "iq"]
    assert lines[head].split() == ["model", "(ids)", "floor", "lead", "given", "AUC", "seconds"]
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    given, auc = macro_f1(best, "given")["value"], best["protocols"]["external:iq"]["auc_macro"]["value"]
    assert row_of(text, "★ DenseNet169").split()[2:-1] == ["0.700", "0.650", "0.050", f"{given:.3f}", f"{auc:.3f}"]
    beneath = lines[lines.index(row_of(text, "★ DenseNet169")) + 1]
    assert beneath.split()[:3] == ["[0.60–0.80]", "[0.55–0.75]", "[0.01–0.09]"]
    assert row_of(text, "Small CNN").split()[2] == "–", "it was not run under strict"


def test_what_is_not_a_terminal_gets_lines_that_are_not_wrapped(record):
    record["models"][-1]["reason"] = "no weights at all, " * 10
    lines = shown(record, 40, terminal=False).splitlines()
    assert lines[0] == verdict(record)
    assert any(line.startswith("★ DenseNet169") for line in lines)
    assert any(line.startswith("Not compared: VGG16. no weights") and len(line) > 150 for line in lines)


def test_a_lead_below_zero_stays_with_its_sign(record):
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    best["protocols"]["strict"]["over_floor"]["difference"] = {"value": -0.05, "low": -0.1, "high": 0.02}
    for width in (60, 80):
        text = shown(record, width)
        assert "−0.050" in text
        assert "[−0.10 to 0.02]" in text


def test_a_floor_that_is_not_the_models_own_is_named(record):
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    for name, floor in record["audit"]["floors"]["strict"].items():
        value = 0.66 if name == "file facts" else 0.1
        floor["f1_macro"] = {"value": value, "low": value - 0.1, "high": value + 0.1}
    best["protocols"]["strict"]["over_floor"]["floor"] = "file facts"
    stacked = [" ".join(line.split()) for line in shown(record, 60).splitlines()]
    assert "floor 0.660 [0.56–0.76] file facts" in stacked
    assert "lead 0.050 [0.01–0.09]" in stacked


def test_without_strict_the_given_test_takes_its_place_once(record):
    del record["protocols"][2:5]
    record["differences"].pop("strict")
    for model in record["models"][:3]:
        model["protocols"] = {name: of for name, of in model["protocols"].items() if name in ("given", "external:iq")}
    text = shown(record, 140)
    assert "strict" not in text.split("model ", 1)[1].split("─")[0]
    head = next(line for line in text.splitlines() if line.startswith("model "))
    assert head.split()[:4] == ["model", "given", "floor", "lead"]


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


def test_closing_lines(record, tmp_path):
    assert closing_lines(record, tmp_path) == [
        "No body was found in 3 slices, used without a crop.",
        "2 files were skipped; the report says which and why.",
        f"What the columns mean, which models differ, and more: {tmp_path / 'report.html'}",
    ]


def test_the_report_is_named_as_seen_from_the_working_folder(record, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert closing_lines(record, tmp_path / "runs" / "a")[-1].endswith(": runs/a/report.html")


def test_few_groups_are_said_to_make_wide_intervals(record):
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    best["protocols"]["strict"]["groups"] = 29
    assert closing_lines(record, Path("run"))[0].startswith(
        "There are only 29 groups of slices: the intervals are wide"
    )


def test_warnings_are_said_once_above_the_verdict(record):
    record["synthetic"] = record["random_weights"] = True
    record["data"]["skipped"] = record["data"]["skipped"][:1]
    lines = closing_lines(record, Path("run"))
    assert "1 file was skipped; the report says which and why." in lines
    assert not any("Synthetic" in line for line in lines)
    assert shown(record, 80).startswith("Synthetic phantom slices\nRandom weights: scores mean nothing\n")


def test_a_run_ends_with_what_to_do_next(record):
    lines = next_lines(record, "slices --groups ids.csv")
    assert lines[0] == "A model to use: hilum train slices --groups ids.csv --backbone densenet169 --out model"
    assert "hilum evaluate model FOLDER" in lines[1]
    record["synthetic"] = True
    real, compare = next_lines(record, "phantom", ".venv/bin/hilum")
    assert ".venv/bin/hilum fetch" in real
    assert compare.endswith(": .venv/bin/hilum compare FOLDER")


def test_the_base_install_is_enough():
    code = (
        "import sys; import hilum.report.terminal; "
        "sys.exit(bool({'matplotlib', 'pandas', 'pyarrow', 'jinja2', 'torch'} & set(sys.modules)))"
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
    assert "0.700 [–]" in shown(record, 60)
    assert "[–]" in text
    assert "beside the 0.650 [0.55–0.75] with the lungs blanked" in verdict(record)
    assert not any("significantly" in line for line in closing_lines(record, Path("run")))


@pytest.mark.parametrize("margin", [None, 0.02])
def test_a_table_without_any_floor_has_dashes(record, margin):
    record["settings"]["margin"] = margin
    record["audit"]["floors"] = {}
    for model in record["models"][:3]:
        model["floors"] = {}
        for figures in model["protocols"].values():
            figures["over_floor"] = None
    assert row_of(shown(record, 140), "★ DenseNet169").split()[2:5] == ["0.700", "–", "–"]


@pytest.mark.parametrize("width", [30, 38, 60, 72, 80, 200])
@pytest.mark.parametrize("title", ["DenseNet169", "timm:a_network.with_a_name_as_long_as.they_come_in1k"])
def test_no_column_is_lost_whatever_the_width(record, width, title):
    record["models"][0]["title"] = title
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    whole = "".join(text.split())
    for heading in ("strict", "(ids)", "floor", "lead", "given", "iq", "AUC", "seconds"):
        assert heading in whole
    model = record["models"][1]
    for part in with_interval(macro_f1(model, "strict")).split():
        assert part in text
    assert title in "".join(line.split()[0] for line in text.splitlines() if line.strip()) or title in whole


@pytest.mark.parametrize("width", [80, 120])
def test_judged_predictions_fit_a_terminal(judged_record, width):
    record = judged_record(["densenet169"])
    text = shown(record, width)
    assert max(map(len, text.splitlines())) <= width
    assert text.startswith("From 15 slices in 4 groups it cannot be told how good the model is. Reported:")
    assert "★" not in text


def test_what_may_mean_something_else_is_said_before_the_figures(judged_record):
    record, note = judged_record(["densenet169"]), "Serious: 124 of the 172 scored slices are in train of slices."
    record["data"]["notes"] = ["Another.", note]
    assert words.serious_notes(ComparisonRecord.made(record)) == [note]
    assert shown(record, 120).startswith(f"{note}\nFrom 15 slices in 4 groups it cannot be told ")


def test_several_judged_models_end_with_their_differences_from_the_best(judged_record):
    found = closing_lines(judged_record(["densenet169", "densenet121"], "given", "no-copies"), Path("run"))
    line = "Paired difference in macro-F1 from DenseNet169 without copies: DenseNet121 −0.050 [−0.09 to −0.01]."
    assert found[1] == line
    assert not any("difference in" in line for line in closing_lines(judged_record(["densenet169"]), Path("run")))


def test_after_judging_come_the_limits_and_a_split_without_leaks(judged_record, tmp_path):
    record = judged_record()
    lines = closing_lines(record, tmp_path)
    assert lines[0] == "★ highest here, on the slices that it is scored on."
    assert any(line.startswith("What hilum cannot know: ") for line in lines)
    assert next_lines(record, "'my slices'", "hilum") == [
        "A split of these slices that does not leak: hilum split 'my slices' --out split.csv",
        "What hilum's own models reach on them: hilum compare 'my slices'",
    ]
