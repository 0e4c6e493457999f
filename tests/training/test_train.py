"""`train` and `train_best`: what they refuse, and which backbone is taken."""

import dataclasses

import numpy as np
import pytest
from helpers.model_records import NAME
from helpers.training import saved, trained_on
from scipy.special import softmax

from hilum.errors import HilumError
from hilum.features.extract import extract_features
from hilum.model.open import open_reader
from hilum.options import VIEWS
from hilum.slices.pixels import square_of
from hilum.training.train import train_best


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "cnn"}, "small CNN can only be compared"),
        ({"on": "test"}, "^on must be train, development, all, not 'test'"),
        ({"name": "nonsense"}, "nonsense"),
        ({"engine": "steam"}, "no engine 'steam'"),
        ({"size": 16}, "^size must be from 32 to 4096, not 16"),
        ({"scales": 3}, "^scales must be last, earlier, both, not 3"),
        ({"size": 5000}, "^size must be from 32 to 4096, not 5000"),
        ({"seed": -1}, "^seed must be from 0"),
        ({"negative": "benign"}, "no class 'benign' to be the negative one. The classes are adenocarcinoma"),
    ],
)
def test_settings_that_make_no_sense(phantom_table, phantom_audit, changes, reason):
    with pytest.raises(HilumError, match=reason):
        trained_on(phantom_table, **{"name": NAME, "audited": phantom_audit, **changes})


def test_without_a_floor_of_its_own_a_model_has_the_cheap_ones(phantom_table, phantom_audit, use_shared_cache):
    cheap = trained_on(phantom_table, NAME, audited=phantom_audit, floor="cheap")
    assert cheap.record.scores.floors == phantom_audit.floors
    with pytest.raises(HilumError, match="no floor 'ful'"):
        trained_on(phantom_table, NAME, audited=phantom_audit, floor="ful")


def test_a_thorough_model_learns_from_five_views_and_predicts_slices_as_they_are(
    phantom_table, phantom_audit, trained, use_shared_cache, tmp_path
):
    thorough = trained_on(phantom_table, NAME, audited=phantom_audit, effort="thorough", floor="cheap")
    assert (trained.record.head.views, thorough.record.head.views) == ((), VIEWS)
    assert thorough.record.scores.out_of_fold != trained.record.scores.out_of_fold
    np.testing.assert_array_equal(thorough.tensors.index, trained.tensors.index)
    folder = saved(thorough, tmp_path / "model")
    assert "further views of each slice too (mirrored, left, right, up, down)" in (folder / "card.md").read_text()
    grey = square_of(phantom_table, phantom_table.rows[0], 224, "bicubic", crop=True)
    heads, features = [of.tensors.head for of in (thorough, trained)], extract_features(phantom_table, NAME)[:1]
    logits, others = (head.logits(features) / thorough.tensors.temperature for head in heads)
    assert not np.allclose(logits, others)
    np.testing.assert_allclose(open_reader(folder).read(grey[None]).probabilities, softmax(logits, axis=1), atol=1e-4)


def test_the_best_frozen_backbone_is_trained_with_the_settings_of_the_comparison(best, trained):
    assert best.record.backbone.name == NAME  # whatever the small CNN reached
    assert best.record.thumbnails is False
    assert best.record.command == "hilum compare --save-best"
    assert best.record.head == trained.record.head
    assert best.record.scores.protocols == trained.record.scores.protocols


def test_a_comparison_without_a_frozen_backbone_is_refused(compared):
    cnn = [result for result in compared.results if result.name == "cnn"]
    with pytest.raises(HilumError, match="No frozen backbone was compared"):
        train_best(dataclasses.replace(compared, results=tuple(cnn)))
