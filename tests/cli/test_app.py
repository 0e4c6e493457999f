"""The command line as a whole: version, help, exit codes, and a sentence instead of a traceback."""

import os
import re
import subprocess
import sys

import pytest
import typer

import hilum
from hilum import cli


def test_the_version(run):
    assert run("--version")[:2] == (0, f"hilum {hilum.__version__}\n")


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("compare", "-h"), ("weights", "--help")])
def test_help(run, words):
    code, out, _ = run(*words)
    assert code == 0
    assert "Usage" in out
    if len(words) == 1:
        assert "Research use only" in " ".join(out.split())
        assert {"judge", "compare", "audit", "train", "predict", "explain", "evaluate", "export", "serve"} <= set(
            out.split()
        )


@pytest.mark.parametrize("words", [("compare", "x", "--no-such-option"), ("no-such-command",), ("phantom",)])
def test_usage_errors(run, words):
    code, out, _ = run(*words)
    assert (code, out) == (2, "")


def test_a_process_ends_with_a_sentence_and_code_2(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "hilum", "compare", "nowhere"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"Error: The folder nowhere does not exist\..*\n", ended.stderr)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(28, "No space left on device", "full"), 2, "Error: full cannot be used (No space left on device). "),
        (OSError("odd"), 2, "Error: The operating system reported an error (odd). "),
        (ModuleNotFoundError("gone", name="torch.nn"), 2, "Error: This needs the package torch"),
        (ModuleNotFoundError("gone", name="fastapi"), 2, "Error: This needs the package fastapi"),
        (KeyboardInterrupt(), 130, "Stopped. "),
    ],
)
def test_errors_of_the_system_end_in_a_sentence(run, monkeypatch, error, code, said):
    def fail():
        raise error

    monkeypatch.setattr(cli, "app", fail)
    ended = run("cache")
    assert ended[:2] == (code, "")
    assert ended[2].startswith(said)


def test_a_fault_of_ours_is_not_hidden(run, monkeypatch):
    def fail():
        raise ModuleNotFoundError("gone", name="hilum.nothing")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(ModuleNotFoundError):
        run("cache")


def _parameters(command=None, path=()):
    command = command or typer.main.get_command(cli.app)
    for name, one in getattr(command, "commands", {}).items():
        yield from _parameters(one, (*path, name))
    if not hasattr(command, "commands"):
        yield path, command, [parameter for parameter in command.params if parameter.name != "help"]


def test_every_command_and_option_has_a_sentence_of_help():
    seen = {}
    for path, command, parameters in _parameters():
        summary = command.help.partition("\n")[0]
        assert re.fullmatch(r"[A-Z].{10,62}\.", summary), path  # one line on a narrow terminal
        for parameter in parameters:
            assert re.fullmatch(r"[A-Z].+\.", parameter.help or ""), (path, parameter.name)
            seen.setdefault(parameter.name, set()).add(path)
    assert len(seen["seed"]) >= 4
