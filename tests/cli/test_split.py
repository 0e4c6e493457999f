"""`hilum split`."""

import csv


def test_a_table_is_written_that_other_commands_read(run, phantom, here):
    words = ("split", phantom, "--groups", phantom / "table.csv", "--out", "split.csv")
    code, out, err = run(*words)
    assert code == 0, err
    rows = list(csv.DictReader((here / "split.csv").open()))
    assert list(rows[0]) == ["path", "label", "split", "together", "group"]
    assert f"hilum audit {phantom} --table split.csv" in out
    assert f"hilum compare {phantom} --table split.csv" in out
    assert f"hilum judge PREDICTIONS {phantom} --table split.csv" in out
    for heading in ("asked for", "70 %", "groups", "The splits that the slices came in are ignored."):
        assert heading in out
    assert "share their" not in out + err  # that is of the splits that the slices came in
    code, out, err = run("split", phantom, "--table", "split.csv", "--out", "again.csv")
    assert code == 0
    assert "Read split.csv as 3 splits, train (" in err
    assert "not read" not in err
    assert len((here / "again.csv").read_text().splitlines()) == len(rows) + 1
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "--overwrite" in err
    assert run(*words, "--overwrite", "--quiet") == (0, "", "")


def test_folds_are_written_with_marks(run, phantom, here):
    words = ("--groups", phantom / "table.csv", "--folds", "3", "--copies", "keep", "--window", "lung")
    code, out, err = run("split", phantom, *words, "--out", "folds.csv")
    assert code == 0, err
    rows = list(csv.DictReader((here / "folds.csv").open()))
    assert list(rows[0]) == ["path", "label", "fold", "together", "group", "mark"]
    assert {row["fold"] for row in rows} == {"0", "1", "2"}
    assert len({(row["together"], row["fold"]) for row in rows}) == len({row["together"] for row in rows})
    assert f"hilum judge PREDICTIONS {phantom} --table folds.csv --window lung\n" in out


def test_a_table_is_split_anew_without_its_folder(run, phantom, here):
    code, out, err = run("split", "--table", phantom / "table.csv", "--shares", "60,20,20", "--out", "split.csv")
    assert code == 0, err
    assert f"hilum compare {phantom} --table split.csv" in out


def test_what_is_said_of_reading_is_said(run, slices, here):
    (slices / "train" / "normal" / "broken.png").write_bytes(b"\x89PNG")
    code, _, err = run("split", slices, "--groups", slices / "table.csv", "--out", "split.csv")
    assert code == 0
    assert "Read as 3 splits" in err
    assert "Left out: train/normal/broken.png" in err


def test_bad_options_are_refused(refused, phantom):
    assert "is inside" in refused("split", phantom, "--out", phantom / "split.csv")
    for option, value, said in (
        ("--shares", "70,30", "--shares must be three numbers above 0 that sum to 100"),
        ("--shares", "most", "--shares must be three numbers such as 70,10,20, not most"),
        ("--folds", 1, "--folds must be 2 or more"),
        ("--copies", "dorp", "Did you mean 'drop'"),
        ("--look-alike", 2, "--look-alike must be from 0.5 to 1"),
    ):
        assert said in refused("split", phantom, "--out", "split.csv", option, value)
