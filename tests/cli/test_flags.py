"""Options that several commands take: they have one name, one default and one meaning everywhere."""

from typing import get_args, get_type_hints

from hilum.cli import flags
from hilum.cli.audit import audit
from hilum.cli.compare import compare
from hilum.cli.evaluate import evaluate
from hilum.cli.explain import explain
from hilum.cli.predict import predict
from hilum.cli.serve import serve
from hilum.cli.train import export, train
from hilum.slices.windows import WINDOWS


def _help(option):
    return get_args(option)[1].help


def test_commands_share_the_same_options():
    shared = {
        "weights": (flags.Weights, (compare, train, export, predict, explain, evaluate, serve)),
        "groups": (flags.Groups, (compare, audit, train, evaluate)),
        "seed": (flags.Seed, (compare, audit, train, evaluate)),
        "engine": (flags.Engine, (compare, train)),
        "scales": (flags.Scales, (compare, train)),
        "crop": (flags.Crop, (compare, train)),
    }
    for name, (option, commands) in shared.items():
        for command in commands:
            assert get_type_hints(command, include_extras=True)[name] == option, (name, command.__name__)


def test_the_help_names_every_window():
    for option in (flags.Window, flags.ModelWindow):
        assert all(window in _help(option) for window in WINDOWS)
