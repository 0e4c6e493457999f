"""The options of a comparison in config.json: all that the command has, as they were used."""

from dataclasses import replace

import pytest
import typer

from hilum import cli
from hilum.comparison.config import comparison_config

_NOT_OF_THE_RUN = {"out", "overwrite", "save-best", "json", "profile", "quiet", "config", "help"}


def test_every_option_of_the_command_is_there(compared):
    command = typer.main.get_command(cli.app).commands["compare"]
    names = {(one.opts or one.secondary_opts)[0].lstrip("-") for one in command.params}
    made = comparison_config(compared)
    assert made.options.keys() == names - _NOT_OF_THE_RUN
    assert (made.command, made.only_in_python) == ("compare", ())


def test_values_are_those_that_were_used(compared, phantom):
    options = comparison_config(compared).options
    assert options["folder"] == str(phantom)
    assert options["models"] == ["cnn", "efficientnet_lite0", "vgg16"]
    assert options["protocol"] == ["given", "no-copies", "no-look-alikes", "grouped", "strict"]
    assert (options["engine"], options["views"], options["cnn-epochs"]) == ("onnxruntime", "none", 2)
    assert (options["crop"], options["ensemble"], options["external"]) == (True, [], [])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"strengths": (0.1, 1.0)}, "Its heads chose from the strengths 0.1, 1."),
        ({"repeats": 2}, "It ran 2 repeats of each protocol."),
        ({"negative": None}, "It took no class as the negative one."),
        ({"seed": 1}, "Its slices were audited with other options."),
    ],
)
def test_what_only_python_can_ask_for_is_said(compared, settings, said):
    changed = replace(compared, settings=replace(compared.settings, **settings))
    assert said in comparison_config(changed).only_in_python


def test_the_likeness_of_an_audit_that_was_given_is_that_of_the_run(compared):
    changed = replace(compared, audit=replace(compared.audit, look_alike=0.9))
    assert comparison_config(changed).options["look-alike"] == 0.9
