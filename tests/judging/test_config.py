"""config.json of a judgement, and what no command can repeat."""

import pytest
from helpers.judged import chance_predictions

import hilum

pytestmark = pytest.mark.usefixtures("use_shared_cache")


def test_it_has_the_options_of_the_command(phantom_table, phantom_audit, phantom, tmp_path):
    file, listed = tmp_path / "answers.csv", tmp_path / "list.txt"
    chance_predictions(phantom_table).to_csv(file, index=False)
    listed.write_text(phantom_table.rows[0].path)
    judged = hilum.judge(file, phantom_table, trained_on=listed, floor="cheap", audited=phantom_audit)
    config = judged.config
    assert config.command == "judge"
    assert not config.only_in_python
    assert config.options == {
        "folder": str(phantom),
        "table": None,
        "groups": str(phantom / "table.csv"),
        "window": "auto",
        "strict": False,
        "predictions": str(file),
        "trained-on": str(listed),
        "map": [],
        "negative": "normal",
        "look-alike": None,
        "floor": "cheap",
        "seed": 0,
    }


def test_what_was_given_in_python_is_said(phantom_table, phantom_audit):
    paths = [phantom_table.rows[0].path]
    frame = chance_predictions(phantom_table)
    judged = hilum.judge(frame, phantom_table, trained_on=paths, negative=None, floor="cheap", audited=phantom_audit)
    assert judged.config.only_in_python == (
        "Its predictions were put together in Python.",
        "What the models were trained on was listed in Python.",
        "It took no class as the negative one.",
    )
