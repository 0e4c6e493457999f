"""The rows of a judgement's files."""

import numpy as np
import pandas as pd
import pytest
from helpers.recomputed import check_run
from judging import made, predictions  # the benchmark

import hilum


@pytest.fixture(scope="module")
def judged():
    table, audit = made(100)
    parts = [
        predictions(table, seed).assign(model=model, repeat=repeat)
        for seed, (model, repeat) in enumerate([("a", 1), ("a", 2), ("b", 1), ("b", 2)])
    ]
    return hilum.judge(pd.concat(parts), table, audited=audit)


def test_predictions_are_means_over_repeats(judged):
    rows = judged.predictions()
    assert list(rows)[:5] == ["model", "path", "split", "label", "predicted"]
    assert len(rows) == 200
    shares = [f"p_{name}" for name in judged.table.classes]
    long = judged.probabilities().query("protocol == 'given'")
    means = long.groupby(["model", "path"])[shares].mean()
    found = rows.set_index(["model", "path"]).sort_index()
    np.testing.assert_allclose(found[shares], means.sort_index(), atol=1e-12)
    assert found["predicted"].tolist() == [shares[place][2:] for place in found[shares].to_numpy().argmax(1)]


def test_every_figure_follows_from_the_rows(judged, tmp_path):
    protocols = ["given", "no-copies", "no-look-alikes"]
    assert check_run(judged.save(tmp_path / "run")) == {"a": protocols, "b": protocols}


def test_groups_are_those_that_are_resampled_together(judged):
    long = judged.probabilities()
    groups = dict(zip([row.path for row in judged.table.rows], judged.audit.slices.strict.tolist(), strict=True))
    assert long["group"].tolist() == [groups[path] for path in long["path"]]
