"""External evaluations in a model's card."""

import pytest
from helpers.evaluation_facts import RIGHT

from hilum.errors import HilumError
from hilum.evaluation.card import add_to_card, check_card
from hilum.evaluation.evaluate import evaluate_model
from hilum.slices.table import read_labelled


def test_a_card_lists_the_evaluations_one_by_one(reader, folder, tmp_path):
    evaluation = evaluate_model(reader, read_labelled(folder(**RIGHT)))
    card = tmp_path / "card.md"
    card.write_text("# Card\n\n## External evaluations\n\nSome words.\n\n## Limits\n\n- One.\n")
    add_to_card(tmp_path, evaluation.record)
    add_to_card(tmp_path, evaluation.record)
    text = card.read_text()
    assert text.startswith("# Card\n\n## External evaluations\n\nSome words.\n\n- 20")
    assert text.endswith("\n\n## Limits\n\n- One.\n")
    assert text.count("slices: 11 slices in") == 2
    card.write_text("# My own card\n")
    with pytest.raises(HilumError, match="nothing was added"):
        add_to_card(tmp_path, evaluation.record)
    assert card.read_text() == "# My own card\n"
    with pytest.raises(HilumError, match="--to-card needs a model folder"):
        check_card(tmp_path / "model.onnx")
