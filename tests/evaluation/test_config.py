"""The options of an evaluation in config.json: all that the command has."""

from pathlib import Path

import typer

from hilum import cli
from hilum.evaluation.config import evaluation_config
from hilum.model.open import open_reader
from hilum.slices.table import read_labelled

_NOT_OF_THE_RUN = {"out", "overwrite", "to-card", "json", "profile", "quiet", "config", "help"}


def test_every_option_of_the_command_is_there(exported, phantom):
    reader = open_reader(exported, Path("weights"))
    made = evaluation_config(reader, read_labelled(phantom), {"bad": "normal"}, "normal", 0.9, 4)
    command = typer.main.get_command(cli.app).commands["evaluate"]
    assert made.options.keys() == {one.opts[0].lstrip("-") for one in command.params} - _NOT_OF_THE_RUN
    assert made.as_json() == {
        "command": "evaluate",
        "options": {
            "folder": str(phantom), "table": None, "groups": None, "window": "auto", "strict": False,
            "model": str(exported), "weights": "weights", "map": ["bad=normal"], "negative": "normal",
            "look-alike": 0.9, "seed": 4,
        },
    }  # fmt: skip


def test_a_folder_is_named_and_not_its_export_in_the_cache(phantom_model, phantom, use_shared_cache):
    options = evaluation_config(open_reader(phantom_model), read_labelled(phantom), {}, None, None, 0).options
    assert (options["model"], options["weights"]) == (str(phantom_model), None)
