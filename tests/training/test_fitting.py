"""Training: what it refuses, and that its head, scores and index are what they are said to be."""

import re

import numpy as np
import pytest
from helpers.model_records import NAME

import hilum
from hilum.backbones.weights import local_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.extract import extract
from hilum.heads.logistic import LogisticHead
from hilum.model.card import card_text
from hilum.options import FeatureOptions
from hilum.scoring.protocols import development_rows
from hilum.training.fitting import train_model
from hilum.training.recording import thumbnails


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "cnn"}, "the small CNN is only compared"),
        ({"on": "test"}, "^on must be train, development, all, not 'test'"),
        ({"name": "nonsense"}, "nonsense"),
        ({"engine": "steam"}, "no engine 'steam'"),
        ({"size": 16}, "^size must be from 32 to 4096, not 16"),
        ({"scales": 3}, "^scales must be 1 or 2, not 3"),
        ({"size": 5000}, "^size must be from 32 to 4096, not 5000"),
        ({"seed": -1}, "^seed must be from 0"),
        ({"negative": "benign"}, "no class 'benign' to be the negative one. The classes are adenocarcinoma"),
    ],
)
def test_settings_that_make_no_sense(phantom_table, phantom_audit, changes, reason):
    with pytest.raises(HilumError, match=reason):
        train_model(phantom_table, **{"name": NAME, "audited": phantom_audit, **changes})


def test_too_few_groups(tmp_path):
    """Phantoms are so alike that without ids a class is one group of look-alikes."""
    hilum.write_phantom(tmp_path / "phantom", 36, 0)
    with pytest.raises(HilumError, match="In train, a class has slices in fewer than two groups"):
        train_model(hilum.read_table(tmp_path / "phantom"), NAME, on="train")


def test_the_head_is_that_of_the_comparison(phantom_table, phantom_audit, trained, use_shared_cache):
    row = backbone(NAME)
    rows = development_rows(phantom_audit.slices)
    features = extract(phantom_table, row, local_weights(row, None), FeatureOptions()).values
    head = LogisticHead().fit(features[rows], phantom_table.labels[rows], phantom_audit.slices.strict[rows])
    assert trained.record.head.as_json() == {"kind": "logistic", "strength": head.C_, "scales": 2, "width": 112 + 1280}
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


def test_the_scores_are_those_of_the_comparison(phantom_table, phantom_audit, trained, use_shared_cache):
    compared = hilum.compare(phantom_table, [NAME], audited=phantom_audit)
    protocols = trained.record.scores.protocols
    assert {name: of.as_json() for name, of in protocols.items()} == {
        name: figures[NAME] for name, figures in compared.worth.figures.items()
    }
    assert set(protocols) == {"given", "unseen", "grouped", "strict"}
    assert trained.record.scores.as_json()["floors"] == compared.audit.floors


def test_the_scores_of_what_was_fitted_on_are_out_of_fold(phantom_table, trained):
    own = trained.record.scores.out_of_fold
    assert own.n == len(trained.record.index)
    for case in trained.record.failures:
        assert case.label != case.called
        assert case.path.startswith(("train/", "valid/"))
    shown = [case.probability for case in trained.record.failures]
    assert shown == sorted(shown, reverse=True)


def test_no_picture_unless_it_is_asked_for(phantom_table, phantom_audit, phantom_model, trained, use_shared_cache):
    assert trained.record.thumbnails is False
    files = {path.name for path in phantom_model.rglob("*")}
    assert files == {"model.json", "model.safetensors", "card.md", "trust.png"}  # the last shows curves
    for path in phantom_model.iterdir():
        assert (b"\x89PNG" in path.read_bytes()) == (path.name == "trust.png")
    card = (phantom_model / "card.md").read_text("utf-8")
    assert re.findall(r"!\[.*\]\((.*)\)", card) == ["trust.png"]
    rows = development_rows(phantom_audit.slices)
    pictures = thumbnails(phantom_table, rows, crop=True)
    assert len(pictures) == len(rows)
    assert all(data.startswith(b"\x89PNG") for data in pictures.values())
    card = card_text(trained.record.model_copy(update={"thumbnails": True}))
    for case in trained.record.failures:
        name = f"thumbnails/{case.content}.png"
        assert f"![]({name})" in card
        assert name in pictures


def test_the_record_says_what_it_was_made_of(phantom_table, trained):
    record = trained.record
    assert record.synthetic is True
    assert record.command == "hilum train phantom"
    assert record.data.digest == phantom_table.digest
    assert record.data.grouped_by == "given ids"
    assert record.backbone.tag == "tf_efficientnet_lite0.in1k"
    assert record.notice.startswith("Research use only.")
    assert "diagnosis" not in str(record)
