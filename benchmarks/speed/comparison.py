"""Features, the comparison, training and the audit against the bare forward passes of their networks."""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from speed.processes import Ran, hilum, worker
from speed.setting import BACKBONE, BACKBONES, STUB, Setting
from speed.table import Goal, Row, row

PART = "comparison"
_SQUARES = 128  # that a bare pass runs; the rest is scaled
_FIRST = 32  # slices that show what conversion takes


def measure(setting: Setting) -> list[Row]:
    """Rows of all of it. The first round runs every step; long and short steps are repeated while there is time."""
    names = (STUB,) if setting.quick else BACKBONES
    squares, facts = setting.fresh("squares"), setting.fresh("cache-facts")
    words = worker(
        "squares", setting.data, squares, "--models", ",".join(names), "--count", 32 if setting.quick else _SQUARES
    )
    pictures = int(setting.run(words, facts).facts["distinct"])
    commands = _commands(setting, names, squares)
    converted = _converted(setting, commands["features"], facts)
    ran: dict[str, list[Ran]] = defaultdict(list)
    heads = list[str]()
    for number in range(setting.runs):
        long = not number or setting.left > _seconds(ran)
        if number and setting.left < _seconds({name: ran[name] for name in ran.keys() - {"features", "cold"}}):
            break
        ran["bare"].append(setting.run(commands["bare"], facts))
        cache = setting.scratch / "cache-compare"
        if long:
            ran["features"].append(setting.run(commands["features"], setting.fresh("cache-features", facts)))
            ran["cold"].append(setting.run(commands["compare"], setting.fresh(cache.name)))
        ran["warm"].append(setting.run(commands["compare"], cache))
        ran["train"].append(setting.run(commands["train"], cache))
        empty = setting.fresh("cache-audit")
        ran["audit, cold"].append(setting.run(commands["audit"], empty))
        ran["audit, warm"].append(setting.run(commands["audit"], empty))
        heads.append(_heads(setting.scratch / "run"))
    ran["heads"] = [replace(one, output=text) for one, text in zip(ran["warm"], heads, strict=True)]
    return [*_features(names, pictures, ran, commands, converted), *_others(names, pictures, ran, commands)]


def _seconds(ran: Mapping[str, Sequence[Ran]]) -> float:
    """Seconds that a round of steps takes."""
    return sum(runs[0].seconds for runs in ran.values())


def _commands(setting: Setting, names: Sequence[str], squares: Path) -> dict[str, list[str]]:
    models, asked = ",".join(names), [*setting.slices, *setting.weighted]
    default = STUB if setting.quick else BACKBONE

    def to(name: str) -> list[str]:
        return ["--out", str(setting.scratch / name), "--overwrite"]

    return {
        "bare": worker("bare", squares, "--models", models, *setting.weighted),
        "features": worker("features", setting.data, models, *setting.weighted),
        "compare": hilum("compare", *asked, "--models", models, *to("run")),
        "train": hilum("train", *asked, "--backbone", default, *to("model")),
        "audit": hilum("audit", *setting.slices, *to("audit")),
    }


def _heads(out: Path) -> str:
    """The most seconds that the heads of one backbone took, as facts of a run."""
    models = json.loads((out / "metrics.json").read_text())["models"]
    seconds = [model["seconds"] for model in models if model["status"] != "unavailable"]
    return json.dumps({"seconds": max(one["head"] + one["protocols"] for one in seconds)})


def _converted(setting: Setting, command: list[str], facts: Path) -> tuple[Ran, Ran]:
    """Features of a few slices, twice; in between their features are removed from the cache, nothing else."""
    cache = setting.fresh("cache-converted", facts)
    words = [*command, "--first", str(_FIRST)]
    first = setting.run(words, cache)
    shutil.rmtree(cache / "features")
    return first, setting.run(words, cache)


def _features(
    names: Sequence[str],
    pictures: int,
    ran: dict[str, list[Ran]],
    commands: dict[str, list[str]],
    converted: tuple[Ran, Ran],
) -> list[Row]:
    passes = partial(
        row,
        PART,
        ran=ran["bare"],
        command=commands["bare"],
        note=f"scaled to {pictures} distinct pictures",
        whole=False,
    )
    features = partial(row, PART, ran=ran["features"], command=commands["features"])
    rows = []
    for name in names:
        bare = passes(what="bare forward pass", case=name, value=_passes(pictures, [name]))
        note = "within the process of all, networks converted for the first time"
        seconds = _of(name)
        alone = features(what="features", case=name, value=seconds, against=bare, note=note, whole=False)
        rows += [bare, alone]
    bare = passes(what="bare forward passes", case="all", value=_passes(pictures, names))
    goal, note = Goal(1.15, "ratio"), "whole process; the table's facts cached, networks converted for the first time"
    first = features(what="features alone", case="all", against=bare, goal=goal, note=note)
    saved = max(0.0, converted[0].seconds - converted[1].seconds)
    kept = features(
        what="features alone, networks converted",
        case="all",
        value=lambda one: one.seconds - saved,
        against=bare,
        goal=goal,
        note=f"the row above less the {saved:.1f} s that converting takes, by the rows below",
        whole=False,
    )
    few = [
        row(PART, f"features of {_FIRST} slices", case, [one], commands["features"], note=f"--first {_FIRST}")
        for case, one in zip(("networks converted for the first time", "before"), converted, strict=True)
    ]
    return [*rows, bare, first, kept, *few]


def _others(
    names: Sequence[str], pictures: int, ran: dict[str, list[Ran]], commands: dict[str, list[str]]
) -> list[Row]:
    made = partial(row, PART, case="all")
    bare = made(
        what="bare forward passes with blanked ones",
        ran=ran["bare"],
        command=commands["bare"],
        value=_passes(pictures, [*names, *names]),
        note=f"scaled to {pictures} distinct pictures; each network also runs the blanked ones, for its floor",
        whole=False,
    )
    compare = partial(made, command=commands["compare"])
    cold = partial(compare, ran=ran["cold"])
    single = partial(row, PART, case="")
    return [
        bare,
        cold(
            what="hilum compare, cold",
            against=bare,
            goal=Goal(2, "ratio"),
            note="nothing cached, not even converted networks",
        ),
        cold(
            what="hilum compare, cold: peak of memory",
            value=lambda one: one.peak,
            unit="MB",
            goal=Goal(2000),
            note="conversion included",
            whole=False,
        ),
        compare(what="hilum compare, warm", ran=ran["warm"], goal=Goal(25)),
        compare(
            what="heads of the slowest backbone",
            ran=ran["heads"],
            value=_of("seconds"),
            goal=Goal(5),
            note="head and protocols of `seconds` in metrics.json of the warm run",
            whole=False,
        ),
        single(what="hilum train, features cached", ran=ran["train"], command=commands["train"], goal=Goal(15)),
        single(what="hilum audit, cold", ran=ran["audit, cold"], command=commands["audit"], goal=Goal(20)),
        single(what="hilum audit, warm", ran=ran["audit, warm"], command=commands["audit"], goal=Goal(2)),
    ]


def _of(name: str) -> Callable[[Ran], float]:
    """A fact of a run."""
    return lambda one: float(one.facts[name])


def _passes(pictures: int, names: Sequence[str]) -> Callable[[Ran], float]:
    """The seconds of so many pictures through each of some networks."""
    return lambda one: sum(float(one.facts[name]) for name in names) * pictures
