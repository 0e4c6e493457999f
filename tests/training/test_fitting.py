"""Fitting: the head is the comparison's, on the slices that were asked for."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.model_records import NAME

import hilum
from hilum.audit.audit import first_look
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.extract import extract_features
from hilum.heads.hierarchical import HierarchicalHead
from hilum.heads.logistic import LogisticHead
from hilum.options import DEFAULT_SCALES
from hilum.training.fitting import plan_fit, rows_to_fit
from hilum.training.options import TrainOptions
from hilum.training.train import train


def test_too_few_groups(phantom, use_shared_cache):
    """Phantoms are so alike that without ids a class is one group of look-alikes."""
    audited = first_look(hilum.read_table(phantom))
    with pytest.raises(
        HilumError,
        match=r"In train, the slices of adenocarcinoma, .* lie in fewer than two groups of look-alikes.*groups= in Py",
    ):
        plan_fit(audited, TrainOptions(backbone=NAME, on="train"))


def test_the_rows_are_those_of_the_splits_that_were_named(phantom_table, phantom_audit):
    for on, splits in (("train", {"train"}), ("development", {"train", "valid"}), ("all", {"train", "valid", "test"})):
        rows = rows_to_fit(phantom_audit, on)
        assert {phantom_table.rows[i].split for i in rows} == splits
        assert len(rows) == sum(row.split in splits for row in phantom_table.rows)  # no phantom is another's copy


def _trained(table, audited, head):
    options = TrainOptions(backbone=NAME, head=head, floor="cheap", repeats=1)
    return train(table, options, options.weights_of(backbone(NAME), None), audited=audited)


def test_the_head_is_that_of_the_comparison(phantom_table, phantom_audit, trained, use_shared_cache):
    rows = rows_to_fit(phantom_audit, "development")
    features = extract_features(phantom_table, NAME)
    fitted = features[rows], phantom_table.labels[rows], phantom_audit.slices.strict[rows]
    logistic = LogisticHead().fit(*fitted)
    hierarchical = HierarchicalHead(phantom_table.classes.index("normal")).fit(*fitted)
    linear = _trained(phantom_table, phantom_audit, "logistic")
    for kind, head, of, strength, method in (
        ("hierarchical", hierarchical, trained, None, "hirescam"),
        ("logistic", logistic, linear, logistic.chosen_[0].strength, "linear"),
    ):
        kept = of.record.head
        assert (kept.kind, kept.scales, kept.width) == (kind, DEFAULT_SCALES, features.shape[1])
        assert (kept.strength, kept.chosen, kept.map_method) == (strength, head.chosen_, method)
        np.testing.assert_allclose(np.exp(of.tensors.head.logits(features)), head.predict_proba(features), atol=1e-4)


def test_a_group_of_most_slices_is_said(phantom_table, use_shared_cache):
    apart = {row.label: row.group for row in phantom_table.rows if row.split == "train"}.values()  # one of each class
    rows = (row if row.group in apart else replace(row, group="one") for row in phantom_table.rows)
    table = replace(phantom_table, rows=tuple(rows))
    record = _trained(table, first_look(table), "logistic").record
    assert record.head.strength == LogisticHead.without_folds
    assert any("slices lie in one group" in note and "no folds could choose" in note for note in record.data.notes)


def test_a_softmax_head_is_kept_too(phantom_table, phantom_audit, use_shared_cache):
    trained = _trained(phantom_table, phantom_audit, "softmax")
    head, features = trained.record.head, extract_features(phantom_table, NAME)
    assert (head.kind, head.strength, head.scales, head.width) == ("softmax", None, DEFAULT_SCALES, features.shape[1])
    assert trained.tensors.index.shape[1] == backbone(NAME).width  # neighbours are found in the last scale
    called = trained.tensors.head.logits(features).argmax(1)
    assert (called == phantom_table.labels).mean() > 0.5


def test_the_index_is_of_the_slices_that_were_fitted_on(phantom_table, trained):
    assert {row.split for row in phantom_table.rows} == {"train", "valid", "test"}
    wanted = [(row.path, row.label, row.facts.content) for row in phantom_table.rows if row.split != "test"]
    assert list(trained.record.index) == wanted
    assert trained.tensors.index.shape == (len(wanted), backbone(NAME).width)
    np.testing.assert_allclose(np.linalg.norm(trained.tensors.index, axis=1), 1, atol=1e-6)
    assert sum(trained.record.data.fitted.values()) == len(wanted)
    assert trained.record.data.on == "development"
