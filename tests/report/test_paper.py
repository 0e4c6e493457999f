"""The results for an analyst and a paper."""

import io
import shutil
import subprocess

import pandas as pd
import pytest

from hilum.records.comparison import ComparisonRecord
from hilum.report.paper import results_csv, results_md, results_tex, write_results

ODD = r"a_b%c&d#e$f{g}h~i^j\k<肺>"


def made(record):
    return ComparisonRecord.made(record)


def frame(record):
    return pd.read_csv(io.BytesIO(results_csv(made(record))), keep_default_na=False)


def test_every_figure_of_every_model_is_a_row(record):
    found = frame(record)
    assert found.drop_duplicates("model")[["rank", "model"]].values.tolist() == [
        [1, "densenet169"], [2, "densenet121"], [3, "cnn"],
    ]  # fmt: skip
    assert set(found["protocol"]) == {*(of["name"] for of in record["protocols"]), "valid", ""}
    names = ["model", "protocol", "scope", "figure"]
    assert not found.duplicated(names).any()
    rows = found.set_index(names)
    strict = rows.loc["densenet169", "strict", "all", "f1_macro"]
    assert strict[["value", "low", "high", "groups"]].tolist() == ["0.7", "0.6", "0.8", "120"]
    assert rows.loc["densenet169", "strict", "floor:lungs blanked", "f1_macro"]["value"] == "0.65"
    assert rows.loc["densenet169", "strict", "lead:lungs blanked", "f1_macro"]["low"] == "0.01"
    assert rows.loc["densenet169", "external:iq", "all", "f1_macro"]["value"] == "0.5"
    recall = record["models"][2]["protocols"]["given"]["per_class"]["normal"]["recall"]
    assert float(rows.loc["densenet169", "given", "class:normal", "recall"]["value"]) == pytest.approx(recall["value"])
    assert ("cnn", "strict", "all", "f1_macro") not in rows.index, "it was not run there"
    assert rows.loc["cnn", "", "seconds", "total"]["low"] == ""


def test_every_figure_is_a_number_a_negative_one_too(record, tmp_path):
    best = next(model for model in record["models"] if model["name"] == record["best"])
    lead = best["protocols"]["strict"]["over_floor"]["difference"]
    lead.update(value=-0.212026, low=-1.0, high=2e-05)
    write_results(made(record), tmp_path)
    rows = pd.read_csv(tmp_path / "results.csv")
    assert [rows[name].dtype for name in ("value", "low", "high")] == ["float64"] * 3
    found = rows.query("scope == 'lead:lungs blanked' and protocol == 'strict'").set_index("model")
    assert found.loc[record["best"], ["value", "low", "high"]].tolist() == [-0.212026, -1, 2e-05]
    # the lines of docs/run-folder.md
    macro = rows.query("scope == 'all' and figure == 'f1_macro'")
    table = macro.pivot(index="title", columns="protocol", values="value")
    assert table["strict"].dtype == "float64"


def test_the_table_has_the_best_first_and_in_bold_with_intervals(record):
    lines = results_md(made(record)).splitlines()
    assert lines[0] == "| model | strict (ids) | floor | lead | given | external iq AUC | seconds |"
    best, second, cnn = lines[2:5]
    assert best.startswith(
        "| **DenseNet169** | **0.700 [0.60–0.80]** | **0.650 [0.55–0.75]** | **0.050 [0.01–0.09]** |"
    )
    assert second.startswith("| DenseNet121 | 0.700 [0.60–0.80] |")
    assert cnn.startswith("| Small CNN | – | – | – |")
    caption = lines[-1].replace("\\", "")
    for said in ("strict (ids): no slice", "Floor: ", "20 slices in 15 groups, read as cancer", "Student's t"):
        assert said in caption


def test_slices_from_elsewhere_with_more_than_two_classes_have_macro_f1(record):
    record["protocols"][-1]["external"]["classes"] = ["a", "b", "c"]
    lines = results_md(made(record)).splitlines()
    assert "external iq |" in lines[0]
    assert "0.500 [0.40–0.60]" in lines[2]


def test_what_a_reader_must_know_is_in_all_three(small, tmp_path):
    small.update(synthetic=True, random_weights=True)
    write_results(made(small), tmp_path)
    for name in ("results.csv", "results.md", "results.tex"):
        text = (tmp_path / name).read_text("utf-8")
        assert "Synthetic phantom slices" in text
        assert "Random weights: scores mean nothing" in text


def test_a_floor_of_another_kind_is_named(small):
    small["models"][0]["floors"] = {}
    assert "file facts" in results_md(made(small)) or "pixels" in results_md(made(small))


def test_the_best_is_bold_in_latex_and_names_are_escaped(record):
    record["models"][1]["title"] = ODD
    text = results_tex(made(record)).replace(r"\allowbreak{}", "")
    assert r"\textbf{\hilum{0.700}{[0.60--0.80]}}" in text
    assert r"a\_b\%c\&d\#e\$f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k" in text
    assert text.count(r"\textbf{\parbox") == 1


@pytest.mark.slow
@pytest.mark.parametrize("sets", [1, 3])
def test_an_article_with_booktabs_takes_the_table_as_it_is(record, tmp_path, sets):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: apt-get install texlive-latex-base texlive-latex-recommended.")
    record.update(synthetic=True, random_weights=True)
    record["data"]["folder"] = ODD
    for model in record["models"][:2]:
        model["title"] = f"timm:{ODD}"
    record["audit"]["floors"]["strict"]["32x32 pixels"]["f1_macro"] = {"value": 0.66, "low": 0.56, "high": 0.76}
    *protocols, first = record["protocols"]
    record["protocols"] = [*protocols, *({**first, "name": f"external:{one}"} for one in ("iq", "b", "c")[:sets])]
    for model in record["models"][:3]:
        of = model["protocols"]
        of.update({f"external:{one}": of["external:iq"] for one in ("b", "c")[: sets - 1]})
    write_results(made(record), tmp_path)
    (tmp_path / "article.tex").write_text(
        r"\documentclass{article}\usepackage{booktabs}\begin{document}\input{results}\end{document}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "article.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert (tmp_path / "article.pdf").is_file()


def test_the_caption_of_judged_predictions_says_what_was_judged_and_what_is_not_known(judged_record):
    caption = results_md(made(judged_record())).splitlines()[-1].replace("\\", "")
    assert caption.startswith("The predictions in predictions.csv, judged on phantom by hilum ")
    for said in (
        "in bold the highest on the slices that are scored.",
        "Trained on, as far as is known: train and valid of slices.",
        "What hilum cannot know: ",
        "as reported: 15 slices",
    ):
        assert said in caption
    assert "Seconds" not in caption
    alone = results_md(made(judged_record(["densenet169"], "given", trained_on=None))).splitlines()[-1]
    assert "in bold" not in alone
    assert "as far as is known: nothing is." in alone


def test_judged_predictions_have_no_rows_of_seconds_or_of_a_valid_that_was_not_given(judged_record):
    assert set(frame(judged_record())["protocol"]) == {"given", "no-copies", "no-look-alikes"}
    assert "valid" in set(frame(judged_record(on_valid=True))["protocol"])
    assert results_tex(made(judged_record())).count(r"\textbf{") > 0
    classes = frame(judged_record(["densenet169"], classes_only=True)).set_index(["protocol", "scope", "figure"])
    assert classes.loc[("given", "all", "auc_macro"), "value"] == ""
