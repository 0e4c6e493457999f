import json

import pytest

from hilum.scoring.published import PUBLISHED, PUBLISHED_NOTE


def test_rows_are_what_is_known_and_null_elsewhere():
    assert json.loads(json.dumps([row.as_json() for row in PUBLISHED])) == [
        {
            "name": "densenet121",
            "title": "DenseNet121",
            "split": "test",
            "f1_micro": 0.806,
            "keras_auc": 0.946,
            "seconds": 550.7,
        },
        {
            "name": "efficientnet_v2_l",
            "title": "EfficientNetV2L",
            "split": "test",
            "f1_micro": 0.438,
            "keras_auc": None,
            "seconds": None,
        },
        {
            "name": "cnn",
            "title": "Small CNN (cnn_model)",
            "split": "valid",
            "f1_micro": 0.736,
            "keras_auc": None,
            "seconds": None,
        },
    ]


def test_published_f1_is_the_accuracy_that_the_note_states():
    assert "254 of 315" in PUBLISHED_NOTE
    assert PUBLISHED[0].f1_micro == pytest.approx(254 / 315, abs=0.0005)
