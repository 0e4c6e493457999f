"""`--quiet`: errors, and what other options ask for."""

import json
import sys

import pytest
from helpers.brightness import write_model
from PIL import Image

from hilum import cli
from hilum.cli.common import ERR, OUT
from hilum.cli.quiet import with_quiet


@pytest.fixture(autouse=True)
def loud_again():
    yield
    OUT.quiet = ERR.quiet = False


@pytest.fixture
def bright(here):
    """A model that judges by brightness, and a slice."""
    Image.new("L", (40, 30), 51).save(here / "a.png")
    return write_model(here / "m.onnx")


def test_nothing_is_said_of_the_work_or_the_result(run, phantom, here):
    code, out, err = run("audit", phantom, "--out", "audit", "--quiet")
    assert (code, out, err) == (0, "", "")
    assert (here / "audit" / "audit.html").is_file()


def test_what_was_asked_for_is_printed(run, bright, phantom):
    code, out, err = run("audit", phantom, "--out", "audit", "--json", "--quiet")
    assert (code, err) == (0, "")
    assert json.loads(out)["schema"].startswith("hilum.audit/")
    for options, first in ((("--json",), '{"path"'), (("--csv",), "path,"), ((), "decision")):
        code, out, err = run("predict", bright, "a.png", "missing.png", "--quiet", *options)
        assert (code, err) == (0, "")
        assert out.startswith(first)
    assert run("backbones", "--quiet")[1].startswith("model ")
    assert run("cache", "--quiet")[1]


def test_errors_are_printed(run, bright):
    code, out, err = run("predict", bright, "missing.png", "--quiet")
    assert (code, out) == (2, "")
    assert err.startswith("Error: There is nothing to predict: missing.png")
    code, out, err = run("audit", "nowhere", "--quiet")
    assert (code, out, err.startswith("Error: ")) == (2, "", True)


def test_the_next_command_is_not_quiet(run, phantom):
    run("audit", phantom, "--out", "first", "--quiet")
    _, out, err = run("audit", phantom, "--out", "second")
    assert "Audit: second/audit.html" in out
    assert err


def test_a_command_keeps_its_name_its_help_and_its_arguments():
    def command(a, *, b=1):
        """Help."""
        seen.append((a, b, OUT.quiet))

    seen = []
    quiet = with_quiet(command)
    quiet(a=1, b=2, quiet=True)
    assert seen == [(1, 2, True)]
    assert (quiet.__name__, quiet.__doc__) == ("command", "Help.")
    assert sys.modules["hilum.cli"] is cli
