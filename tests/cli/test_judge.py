"""`hilum judge`."""

import json

import pandas as pd
import pytest
from helpers.judged import chance_predictions


@pytest.fixture
def answers(phantom_table, here):
    """Predictions that know nothing, of all slices of the phantom."""
    chance_predictions(phantom_table, every=True).to_csv(here / "answers.csv", index=False)
    return here / "answers.csv"


def test_predictions_are_judged_and_the_run_can_be_repeated(run, phantom, answers, here):
    words = (phantom, "--groups", phantom / "table.csv", "--floor", "cheap")
    code, out, err = run("judge", "answers.csv", *words, "--out", "judged")
    assert code == 0, err
    assert "\nRead as 3 splits, train (" in err
    assert "it cannot be told how good the model is. Reported: macro-F1 0." in out
    assert "(train and valid of phantom)" in out
    assert out.splitlines()[-1].endswith("judged/report.html")
    record = json.loads((here / "judged" / "metrics.json").read_text())
    assert {"predictions.csv", "predictions.parquet", "report.html", "config.json"} <= {*record["files"]}
    assert record["judged"]["trained_on"] == "train and valid of phantom"
    assert record["protocols"][0]["scored"] == 48
    assert sum(record["judged"]["left_out"].values()) == 33  # those of train and valid
    code, out, err = run("judge", "--config", "judged/config.json", "--out", "again", "--json", "--quiet")
    assert (code, err) == (0, "")
    again = json.loads(out)
    assert {name for name in again if again[name] != record[name]} <= {"created", "command", "files"}
    assert "--overwrite" in run("judge", "answers.csv", *words, "--out", "judged")[2]


def test_a_list_of_training_files_and_a_map(run, phantom, phantom_table, here):
    frame = chance_predictions(phantom_table).rename(columns={"normal": "healthy"})
    frame.to_parquet(here / "answers.parquet", index=False)
    trained = [row.path for row in phantom_table.rows if row.split == "test"][:2]
    pd.DataFrame({"path": trained}).to_csv(here / "list.csv", index=False)
    words = ("--trained-on", "list.csv", "--map", "normal=healthy", "--negative", "healthy", "--floor", "cheap")
    code, out, err = run("judge", "answers.parquet", phantom, *words, "--out", "judged", "--json")
    assert code == 0, err
    record = json.loads(out)
    assert record["judged"]["trained"] == 2
    assert record["judged"]["trained_on"] == "the slices of list.csv"
    assert "healthy" in record["data"]["classes"]
    assert record["models"][0]["protocols"]["given"]["binary"]["negative"] == "healthy"


def test_what_a_user_can_mend_is_a_sentence_before_the_slow_work(refused, phantom, answers):
    for words, said in (
        (("nothing.csv", phantom), "nothing.csv"),
        (("answers.csv", "nowhere"), "does not exist"),
        (("answers.csv", phantom, "--map", "normal"), "--map takes"),
        (("answers.csv", phantom, "--negative", "healthy"), "healthy"),
        (("answers.csv", phantom, "--trained-on", "nothing.txt"), "nothing.txt"),
        (("answers.csv", phantom, "--out", phantom / "judged"), "Give a folder outside it."),
        (("answers.csv", "nowhere", "--seed", -1), "--seed must be"),
        (("answers.csv", "nowhere", "--floor", "high"), "no floor 'high'"),
        (("answers.csv", "nowhere", "--look-alike", 2), "--look-alike must be from 0.5 to 1, not 2."),
    ):
        assert said in refused("judge", *words), words


def test_a_split_that_hilum_would_draw_is_not_spoken_of(run, phantom, phantom_table, here):
    for row in phantom_table.rows:
        place = here / "flat" / row.label / f"{row.split}-{row.path.rpartition('/')[2]}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((phantom / row.path).read_bytes())
    paths = sorted(path.relative_to(here / "flat").as_posix() for path in here.glob("flat/*/*"))
    pd.DataFrame({"path": paths, "predicted": "normal"}).to_csv(here / "answers.csv", index=False)
    code, out, err = run("judge", "answers.csv", "flat", "--floor", "cheap", "--out", "judged")
    assert code == 0, err
    assert "70/10/20" not in out + err
    assert "hilum drew" not in out + err
