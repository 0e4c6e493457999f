"""Fitting: the head is the comparison's, on the slices that were asked for."""

import numpy as np
import pytest
from helpers.model_records import NAME

import hilum
from hilum.audit.audit import first_look
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.extract import extract_features
from hilum.heads.logistic import LogisticHead
from hilum.training.fitting import plan_fit, rows_to_fit
from hilum.training.options import TrainOptions


def test_too_few_groups(phantom, use_shared_cache):
    """Phantoms are so alike that without ids a class is one group of look-alikes."""
    audited = first_look(hilum.read_table(phantom))
    with pytest.raises(HilumError, match="In train, a class has slices in fewer than two groups"):
        plan_fit(audited, TrainOptions(backbone=NAME, on="train"))


def test_the_rows_are_those_of_the_splits_that_were_named(phantom_table, phantom_audit):
    for on, splits in (("train", {"train"}), ("development", {"train", "valid"}), ("all", {"train", "valid", "test"})):
        rows = rows_to_fit(phantom_audit, on)
        assert {phantom_table.rows[i].split for i in rows} == splits
        assert len(rows) == sum(row.split in splits for row in phantom_table.rows)  # no phantom is another's copy


def test_the_head_is_that_of_the_comparison(phantom_table, phantom_audit, trained, use_shared_cache):
    rows = rows_to_fit(phantom_audit, "development")
    features = extract_features(phantom_table, NAME)
    head = LogisticHead().fit(features[rows], phantom_table.labels[rows], phantom_audit.slices.strict[rows])
    assert trained.record.head.as_json() == {
        "kind": "logistic",
        "strength": head.chosen_[0].strength,
        "scales": 2,
        "width": 112 + 1280,
    }
    logits = features @ trained.tensors.weights.T.astype(np.float64) + trained.tensors.offsets
    powers = np.exp(logits - logits.max(1, keepdims=True))
    np.testing.assert_allclose(powers / powers.sum(1, keepdims=True), head.predict_proba(features), atol=1e-4)


def test_the_index_is_of_the_slices_that_were_fitted_on(phantom_table, trained):
    assert {row.split for row in phantom_table.rows} == {"train", "valid", "test"}
    wanted = [(row.path, row.label, row.facts.content) for row in phantom_table.rows if row.split != "test"]
    assert list(trained.record.index) == wanted
    assert trained.tensors.index.shape == (len(wanted), backbone(NAME).width)
    np.testing.assert_allclose(np.linalg.norm(trained.tensors.index, axis=1), 1, atol=1e-6)
    assert sum(trained.record.data.fitted.values()) == len(wanted)
    assert trained.record.data.on == "development"
