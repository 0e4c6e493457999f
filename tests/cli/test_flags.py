"""Options that several commands take: they have one name, one default and one meaning everywhere."""

from typing import get_args, get_type_hints

from hilum.cli import flags
from hilum.cli.audit import audit
from hilum.cli.compare import compare
from hilum.cli.evaluate import evaluate
from hilum.cli.explain import METHODS, explain
from hilum.cli.judge import judge
from hilum.cli.predict import predict
from hilum.cli.serve import serve
from hilum.cli.train import export, train
from hilum.explain import methods
from hilum.slices.windows import WINDOWS
from hilum.training.options import FITTED_ON


def test_commands_share_the_same_options():
    shared = {
        "weights": (flags.Weights, (compare, train, export, predict, explain, evaluate, serve)),
        "groups": (flags.Groups, (compare, audit, train, evaluate, judge)),
        "seed": (flags.Seed, (compare, audit, train, evaluate, judge)),
        "engine": (flags.Engine, (compare, train)),
        "scales": (flags.Scales, (compare, train)),
        "crop": (flags.Crop, (compare, train)),
    }
    for name, (option, commands) in shared.items():
        for command in commands:
            assert get_type_hints(command, include_extras=True)[name] == option, (name, command.__name__)


def test_choices_of_modules_that_take_long_to_load_are_theirs():
    assert flags.WINDOWS == WINDOWS
    assert METHODS == methods.METHODS
    on = get_args(get_type_hints(train, include_extras=True)["on"])[1]
    assert on.metavar.replace("\n", "") == "|".join(FITTED_ON)
