"""The record of a judgement: whole, in the classes of the predictions."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.judged import chance_predictions
from helpers.recomputed import check_run
from judging import made, predictions  # the benchmark

import hilum
from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Floor


@pytest.fixture(scope="module")
def judged():
    table, audit = made(100)
    frame = predictions(table, sure=2)
    two = frame.assign(malignant=1 - frame["normal"])[["path", "normal", "malignant"]]
    mapped = {"adenocarcinoma": "malignant", "squamous_cell_carcinoma": "malignant"}
    return hilum.judge(two, table, mapped=mapped, audited=audit)


def test_it_is_written_and_read_alike(judged):
    record = judged.recorded("hilum judge")
    assert ComparisonRecord.read(json.dumps(record.as_json()), "metrics.json") == record
    assert record.command == "hilum judge"


def test_it_is_in_the_classes_of_the_predictions(judged):
    record, rows = judged.record, judged.table.rows
    assert record.data.classes == ("malignant", "normal")
    assert sum(record.data.counts["test"].values()) == sum(
        row.split == "test" and row.label != "large_cell_carcinoma" for row in rows
    )
    assert set(record.best_model.protocols["given"].per_class) == {"malignant", "normal"}
    assert record.settings.negative == "normal"
    assert record.settings.mapped == {"adenocarcinoma": "malignant", "squamous_cell_carcinoma": "malignant"}


def test_left_out_slices_are_counted_by_reason(judged):
    left = judged.predictions()["left_out"].dropna().value_counts().to_dict()
    assert judged.record.judged.left_out == left
    assert left["of a class that is neither known nor mapped"] > 0


def test_protocols_say_what_they_are(judged):
    titles = {of.name: (of.title, of.likeness) for of in judged.record.protocols}
    assert titles == {
        "given": ("as reported", None),
        "no-copies": ("no copies", None),
        "no-look-alikes": ("no look-alikes (0.87)", 0.87),
    }
    assert [of.repeats for of in judged.record.protocols] == [1, 1, 1]


def test_findings_call_protocols_by_these_names(judged):
    floor = Floor.of(judged.record.best_model.protocols["given"])  # any figures
    found = replace(judged, audit=replace(judged.audit, floors={"given": {"border alone": floor}}))
    (text,) = (one.text for one in found.recorded(None).audit.findings if one.title == "Shortcuts")
    assert "(as reported: " in text
    assert "(given: " not in text


@pytest.fixture(scope="module")
def repeated():
    table, audit = made(100)
    parts = [
        predictions(table, seed).assign(model=model, repeat=repeat)
        for seed, (model, repeat) in enumerate([("a", 1), ("a", 2), ("b", 1), ("b", 2)])
    ]
    return hilum.judge(pd.concat(parts), table, audited=audit)


def test_predictions_are_means_over_repeats(repeated):
    rows = repeated.predictions()
    assert list(rows)[:5] == ["model", "path", "split", "label", "predicted"]
    assert len(rows) == 200
    shares = [f"p_{name}" for name in repeated.table.classes]
    long = repeated.probabilities().query("protocol == 'given'")
    means = long.groupby(["model", "path"])[shares].mean()
    found = rows.set_index(["model", "path"]).sort_index()
    np.testing.assert_allclose(found[shares], means.sort_index(), atol=1e-12)
    assert found["predicted"].tolist() == [shares[place][2:] for place in found[shares].to_numpy().argmax(1)]


def test_every_figure_follows_from_the_rows(repeated, tmp_path):
    protocols = ["given", "no-copies", "no-look-alikes"]
    assert check_run(repeated.save(tmp_path / "run")) == {"a": protocols, "b": protocols}


def test_groups_are_those_that_are_resampled_together(repeated):
    long = repeated.probabilities()
    groups = dict(zip([row.path for row in repeated.table.rows], repeated.audit.slices.strict.tolist(), strict=True))
    assert long["group"].tolist() == [groups[path] for path in long["path"]]


def test_a_folder_without_splits_is_shown_without_splits(phantom_table, use_shared_cache):
    drawn = hilum.judge(chance_predictions(phantom_table, every=True), replace(phantom_table, split_drawn=True))
    assert list(drawn.record.data.counts) == ["all"]
    assert sum(drawn.record.data.counts["all"].values()) == len(phantom_table.rows)
    titles = {finding.title for finding in drawn.record.audit.findings}
    assert not any("Leak" in title or "Missing class" in title for title in titles)
