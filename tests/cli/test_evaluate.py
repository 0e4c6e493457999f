"""`hilum evaluate`."""

import json
import shutil


def test_a_model_is_scored_on_the_slices_that_it_never_saw(run, phantom, phantom_model, exported, here):
    code, out, err = run("evaluate", exported, phantom, "--groups", phantom / "table.csv", "--out", "scored", "--json")
    assert code == 0, err
    record = json.loads(out)
    training = json.loads((phantom_model / "model.json").read_text())
    assert sum(record["data"]["left_out"].values()) == len(training["index"])
    assert record["figures"]["n"] == 48 - len(training["index"])
    assert err.startswith("Read as 3 splits, train (")
    assert (here / "scored" / "report.html").is_file()
    code, out, err = run("evaluate", exported, phantom, "--out", "scored")
    assert (code, out) == (2, "")
    assert "--overwrite" in err


def test_the_card_gets_the_figures_if_asked(run, phantom, phantom_model, here):
    shutil.copytree(phantom_model, here / "model")
    code, out, err = run("evaluate", "model", phantom, "--out", "noted", "--to-card", "--negative", "normal")
    assert code == 0, err
    *_, verdict, answers, promise, place = out.splitlines()
    assert verdict.startswith("On phantom, ")
    assert " where it was trained, in its 4 classes" in verdict
    assert answers.startswith("It answered ")
    assert promise.startswith("The model promises nothing: it takes at least ")
    assert place == "Report: noted/report.html"
    assert "phantom: " in (here / "model" / "card.md").read_text().partition("## External evaluations")[2]


def test_what_a_user_can_mend_is_a_sentence(refused, phantom, exported):
    for words, said in (
        ((exported, "nowhere"), "does not exist"),
        ((phantom / "table.csv", phantom), "table.csv"),
        ((exported, phantom, "--map", "normal"), "--map takes"),
        ((exported, phantom, "--negative", "healthy"), "healthy"),
        ((exported, "nowhere", "--seed", -1), "--seed must be"),
        ((exported, "nowhere", "--look-alike", 2), "--look-alike must be from 0.5 to 1, not 2."),
    ):
        assert said in refused("evaluate", *words), words
