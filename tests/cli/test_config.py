"""`--config FILE`: every option of a command from a file, below the command line, and a sentence for what is wrong."""

import json
import re
from pathlib import Path

import pytest
import typer
from helpers.blocks import write_blocks, write_training

import hilum
from hilum import cli
from hilum.audit.folder import write_audit_folder
from hilum.comparison.external import External
from hilum.evaluation.evaluate import evaluate_model
from hilum.model.open import open_reader

ROOT = Path(__file__).parents[2]


def _commands(group, path=()):
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from _commands(one, (*path, name))
        else:
            yield pytest.param((*path, name), one, id=" ".join((*path, name)))


COMMANDS = list(_commands(typer.main.get_command(cli.app)))


def _write(here, name, content):
    (here / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return name


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_every_option_of_every_command_has_a_type_that_a_file_can_hold(here, refused, path, command):
    """A table is of no option's type, so the refusal says what the type is."""
    kinds = ("true or false", "a whole number", "a number", "text", "text, or a list of text")
    for parameter in command.params:
        if parameter.name in ("help", "config"):
            continue
        for name in [*parameter.opts, *parameter.secondary_opts]:
            file = _write(here, "c.json", {name.lstrip("-"): {}})
            said = refused(*path, "--config", file)
            assert said in [f"Error: c.json: {name.lstrip('-')} must be {kind}, not {{}}." for kind in kinds]


def test_values_stand_where_the_command_line_has_none(here, run):
    _write(here, "c.toml", 'folder = "set"\nslices = 48\nseed = 3\nfaults = false\n')
    code, out, _ = run("phantom", "--config", "c.toml")
    assert code == 0
    assert out.startswith("48 synthetic slices")
    assert not (here / "set" / "faults.csv").exists()
    code, out, _ = run("phantom", "other", "--slices", "60", "--config", "c.toml")
    assert (code, (here / "other").is_dir()) == (0, True)
    assert out.startswith("60 synthetic slices")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.json", {"folder": "set", "slices": 48, "clean": True}),
        ("c.JSON", {"command": "phantom", "options": {"folder": "set", "slices": 48, "faults": False, "seed": None}}),
        ("c.toml", 'command = "phantom"\n[options]\nfolder = "set"\nslices = 48\nfaults = false\n'),
        ("bom.toml", '\ufefffolder = "set"\nslices = 48\nclean = true\n'),
    ],
)
def test_forms_of_a_file(here, run, name, content):
    code, out, _ = run("phantom", "--config", _write(here, name, content))
    assert code == 0
    assert out.startswith("48 synthetic slices")
    assert not (here / "set" / "faults.csv").exists()


def test_a_list_of_paths_and_a_model(here, run, exported, phantom):
    paths = sorted(phantom.glob("test/normal/*"))[:2]
    _write(here, "c.json", {"model": str(exported), "paths": [str(path) for path in paths], "json": True})
    code, out, _ = run("predict", "--config", "c.json")
    assert code == 0
    assert [json.loads(line)["path"] for line in out.splitlines()] == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.toml", 'modles = "vgg16"', "c.toml: hilum compare has no option 'modles'. Did you mean 'models'?"),
        ("c.toml", "cropp = false", "c.toml: hilum compare has no option 'cropp'. Did you mean 'crop'?"),
        ("c.toml", "crop = true\nno-crop = true", "c.toml: crop and no-crop are the same option. Keep one of them."),
        ("c.toml", "zzz = 1", "c.toml: hilum compare has no option 'zzz'. Its options are folder, table, "),
        ("c.toml", 'config = "d.toml"', "c.toml: hilum compare has no option 'config'."),
        ("c.toml", 'size = "big"', "c.toml: size must be a whole number, not 'big'."),
        ("c.toml", "size = 224.0", "c.toml: size must be a whole number, not 224.0."),
        ("c.toml", "seed = true", "c.toml: seed must be a whole number, not true."),
        ("c.toml", 'look_alike = "high"', "c.toml: look_alike must be a number, not 'high'."),
        ("c.toml", "strict = 1", "c.toml: strict must be true or false, not 1."),
        ("c.toml", "table = 3", "c.toml: table must be text, not 3."),
        ("c.toml", 'head = ["kernel"]', """c.toml: head must be text, not ["kernel"]."""),
        ("c.toml", 'models = ["vgg16", 3]', """c.toml: models must be text, or a list of text, not ["vgg16", 3]."""),
        ("c.toml", "size = 5000", "--size must be from 32 to 4096, not 5000."),
        ("c.toml", "margin = 1", "--margin must be above 0 and below 0.5, not 1."),
        ("c.toml", "look-alike = 0.9\nlook_alike = 0.9", "c.toml: look-alike and look_alike are the same option."),
        ("c.toml", "options = 3", "c.toml: options must be a table of options, not 3."),
        ("c.toml", "seed = ", "c.toml is not valid TOML: Invalid value (at "),
        ("c.json", '{"seed": 1', "c.json is not valid JSON: Expecting ',' delimiter: line 1 column 11"),
        ("c.json", '{"seed": 1, "seed": 2}', "c.json is not valid JSON: 'seed' is there twice."),
        ("c.json", "[" * 100_000, "c.json is not valid JSON: "),
        ("c.json", "[1]", "c.json must hold options by name, not [1]."),
        ("c.yaml", "seed: 1", "c.yaml must end in .toml or .json, so that its format is known."),
        ("c.json", {"command": "train", "options": {}}, "c.json is a configuration of hilum train; run hilum train "
         "--config c.json"),
        ("c.json", {"command": "weights pull"}, "c.json is a configuration of hilum weights pull; run hilum weights "
         "pull --config c.json"),
        ("c.json", {"command": "compare", "only_in_python": ["It has no floors."]}, "c.json is of a run in Python that "
         "no command can repeat. It has no floors."),
        ("c.json", {"command": "trian"}, "There is no command 'trian'. Did you mean 'train'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(here, refused, name, content, said):
    _write(here, name, content)
    assert refused("compare", "--config", name).startswith(f"Error: {said}")


def test_a_file_that_cannot_be_read(here, refused):
    assert refused("cache", "--config", "gone.toml") == (
        "Error: gone.toml cannot be read (No such file or directory). Give --config a TOML or JSON file."
    )
    (here / "latin.toml").write_bytes(b'folder = "caf\xe9"')
    assert refused("cache", "--config", "latin.toml").startswith("Error: latin.toml is not valid TOML: 'utf-8' codec")


def test_the_help_of_every_command_has_it(run):
    for parameters in COMMANDS:
        path, _ = parameters.values
        assert "--config" in run(*path, "--help")[1]


# ------------------------------------------------------------------------------------------------------ a run, repeated


def _repeatable(record):
    """A record without what differs between two runs of the same: times, the command and versions."""
    if isinstance(record, dict):
        changing = ("created", "command", "seconds", "versions")
        return {name: _repeatable(value) for name, value in record.items() if name not in changing}
    return [_repeatable(one) for one in record] if isinstance(record, list) else record


def _read(path):
    return json.loads(path.read_text("utf-8"))


@pytest.mark.slow
def test_a_comparison_is_repeated_from_its_config_and_python_writes_the_same(run, here):
    write_training(here / "own")
    write_blocks(here / "other", 1, {"malignant": (4, 90), "normal": (4, 140)})
    models = ["efficientnet_lite0", "resnet50"]
    code, _, err = run(
        "compare", "own", "--models", ",".join(models), "--ensemble", ",".join(models), "--random-weights",
        "--size", 64, "--head", "logistic", "--class-weight", "balanced", "--seed", 3, "--no-crop", "--scales", "last",
        "--views", "up", "--floor", "cheap", "--look-alike", 0.9, "--margin", 0.02, "--protocol", "grouped",
        "--external", "iq=other", "--map", "iq:malignant=cancer", "--window", "lung", "--strict", "--out", "typed",
    )  # fmt: skip
    assert code == 0, err
    hilum.compare(
        hilum.read_table("own", window="lung", strict=True, seed=3),
        models, ensemble=models, random_weights=True, size=64, head="logistic", class_weight="balanced", seed=3,
        crop=False, scales="last", views=("up",), floor="cheap", look_alike=0.9, margin=0.02, protocols=["grouped"],
        external={
            "iq": External(hilum.read_labelled("other", window="lung", strict=True), {"malignant": "cancer"})
        },
    ).save("python")  # fmt: skip
    assert _read(here / "python" / "config.json") == _read(here / "typed" / "config.json")
    code, _, err = run("compare", "--config", "python/config.json", "--out", "again")
    assert code == 0, err
    first, *others = (_read(here / name / "metrics.json") for name in ("typed", "python", "again"))
    assert first["settings"]["margin"] == 0.02
    assert [_repeatable(other) for other in others] == [_repeatable(first)] * 2
    assert _read(here / "again" / "config.json") == _read(here / "typed" / "config.json")


def test_an_audit_is_repeated_from_its_config_and_python_writes_the_same(run, here):
    write_training(here / "own")
    options = ("--look-alike", 0.95, "--seed", 2, "--negative", "dark", "--strict")
    code, _, err = run("audit", "own", *options, "--out", "typed")
    assert code == 0, err
    table = hilum.read_table("own", seed=2, strict=True)
    write_audit_folder(hilum.run_audit(table, look_alike=0.95, seed=2, negative="dark"), "python")
    assert _read(here / "python" / "config.json") == _read(here / "typed" / "config.json")
    code, _, err = run("audit", "--config", "typed/config.json", "--out", "again")
    assert code == 0, err
    assert _repeatable(_read(here / "again" / "audit.json")) == _repeatable(_read(here / "typed" / "audit.json"))
    assert "hilum audit --config typed/config.json" in run("compare", "--config", "typed/config.json")[2]


def test_an_evaluation_is_repeated_from_its_config_and_python_writes_the_same(run, here, exported, phantom):
    slices = phantom / "test"
    code, _, err = run("evaluate", exported, slices, "--negative", "normal", "--seed", 2, "--out", "typed")
    assert code == 0, err
    table = hilum.read_labelled(slices, window=_read(here / "typed" / "config.json")["options"]["window"])
    python = evaluate_model(open_reader(exported), table, negative="normal", seed=2)
    assert python.config.as_json() == _read(here / "typed" / "config.json")
    code, _, err = run("evaluate", "--config", "typed/config.json", "--out", "again")
    assert code == 0, err
    assert _repeatable(_read(here / "again" / "metrics.json")) == _repeatable(_read(here / "typed" / "metrics.json"))


def test_the_example_of_the_docs(run, here, phantom):
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "config.md").read_text("utf-8"), re.DOTALL)
    _write(here, "study.toml", example)
    (here / "phantom").symlink_to(phantom)
    code, _, err = run("compare", "--config", "study.toml", "--seed", 4)
    assert code == 0, err
    settings = _read(here / "runs" / "study" / "metrics.json")["settings"]
    assert (settings["class_weight"], settings["seed"]) == ("balanced", 4)
