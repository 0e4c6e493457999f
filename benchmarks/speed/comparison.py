"""Features, the comparison, training and the audit against the bare forward passes of their networks."""

import json
import shutil
import statistics
import time
from collections import defaultdict
from pathlib import Path

from speed.processes import Ran, hilum, worker
from speed.setting import BACKBONE, BACKBONES, STUB, Setting
from speed.table import Goal, Row, row

PART = "comparison"
_BATCHES = 13  # of 16 squares that a bare pass runs; the rest is scaled
_FIRST = 64  # slices that show what conversion takes


def measure(setting: Setting) -> list[Row]:
    """Rows of all of it. Short steps run in every round, long ones in the first and then as long as there is time."""
    names = (STUB,) if setting.quick else BACKBONES
    models = ",".join(names)
    squares, facts = setting.fresh("squares"), setting.fresh("cache-facts")
    words = worker("squares", setting.data, squares, "--models", models, "--batches", 2 if setting.quick else _BATCHES)
    batches = setting.run(words, facts).facts["batches"]
    out, model = setting.scratch / "run", setting.scratch / "model"
    asked = [*setting.slices, *setting.weighted]
    commands = {
        "bare": worker("bare", squares, "--models", models, *setting.weighted),
        **{name: worker("features", setting.data, name, *setting.weighted) for name in names},
        "compare": hilum("compare", *asked, "--models", models, "--out", out, "--overwrite"),
        "train": hilum(
            "train", *asked, "--backbone", STUB if setting.quick else BACKBONE, "--out", model, "--overwrite"
        ),
        "audit": hilum("audit", *setting.slices, "--out", setting.scratch / "audit", "--overwrite"),
    }
    ran: dict[str, list[Ran]] = defaultdict(list)
    heads: list[float] = []
    warm = setting.scratch / "cache-compare"
    round_took = 0.0
    for number in range(setting.runs):
        start = time.monotonic()
        ran["bare"].append(setting.run(commands["bare"], facts))
        if not number or setting.left > round_took:
            for name in names:
                ran[name].append(setting.run(commands[name], setting.fresh("cache-features", facts)))
            ran["cold"].append(setting.run(commands["compare"], setting.fresh(warm.name)))
        ran["warm"].append(setting.run(commands["compare"], warm))
        heads.append(_heads(out))
        ran["train"].append(setting.run(commands["train"], warm))
        empty = setting.fresh("cache-audit")
        ran["audit cold"].append(setting.run(commands["audit"], empty))
        ran["audit warm"].append(setting.run(commands["audit"], empty))
        round_took = round_took or time.monotonic() - start
    return [
        *_features(setting, names, batches, ran, commands, facts),
        *_commands(names, batches, ran, heads, commands),
    ]


def _features(
    setting: Setting,
    names: tuple[str, ...],
    batches: int,
    ran: dict[str, list[Ran]],
    commands: dict[str, list[str]],
    facts: Path,
) -> list[Row]:
    rows, converting = [], 0.0
    scaled = f"scaled to {batches} batches of 16; the engine ready"
    for name in names:
        bare = row(
            PART,
            "bare forward pass",
            name,
            ran["bare"],
            commands["bare"],
            value=lambda one, name=name: one.facts[name] * batches,
            note=scaled,
            whole=False,
        )
        note = "whole process; the table's facts cached, network converted for the first time"
        cold = row(PART, "features alone", name, ran[name], commands[name], against=bare, note=note)
        first, later = _conversion(setting, commands[name], facts)
        saved = max(0.0, first.seconds - later.seconds)
        converting += saved
        note = f"{_FIRST} slices, a second time: the first took {first.seconds:.1f} s and {first.peak:,.0f} MB"
        again = row(PART, "features of few, network converted", name, [later], commands[name], note=note)
        rows += [bare, cold, again]
    both = _total(batches, names)
    bare = row(PART, "bare forward passes", "all", ran["bare"], commands["bare"], value=both, note=scaled, whole=False)
    summed = [
        Ran(
            sum(one.seconds for one in ones),
            sum(one.processor for one in ones),
            max(one.peak for one in ones),
            max(one.others for one in ones),
            0,
            "",
        )
        for ones in zip(*(ran[name] for name in names), strict=True)
    ]
    note = "sum of the processes above, networks converted for the first time"
    command = "the commands above"
    alone = row(PART, "features alone", "all", summed, command, against=bare, goal=Goal(1.15, "ratio"), note=note)
    note = f"the row above less {converting:.1f} s that the first conversion takes"
    kept = row(
        PART,
        "features alone, networks converted",
        "all",
        summed,
        command,
        value=lambda one: one.seconds - converting,
        against=bare,
        goal=Goal(1.15, "ratio"),
        note=note,
        whole=False,
    )
    return [*rows, bare, alone, kept]


def _conversion(setting: Setting, command: list[str], facts: Path) -> tuple[Ran, Ran]:
    """Features of a few slices, twice; in between their features are removed from the cache, nothing else."""
    cache = setting.fresh("cache-converted", facts)
    words = [*command, "--first", str(_FIRST)]
    first = setting.run(words, cache)
    shutil.rmtree(cache / "features")
    return first, setting.run(words, cache)


def _commands(
    names: tuple[str, ...],
    batches: int,
    ran: dict[str, list[Ran]],
    heads: list[float],
    commands: dict[str, list[str]],
) -> list[Row]:
    note = f"scaled to {batches} batches of 16; the blanked pictures are as many again of {names[0]}"
    bare = row(
        PART,
        "bare forward passes with blanked ones",
        "all",
        ran["bare"],
        commands["bare"],
        value=_total(batches, (*names, names[0])),
        note=note,
        whole=False,
    )
    compare = commands["compare"]
    cold = row(
        PART,
        "hilum compare, cold",
        "all",
        ran["cold"],
        compare,
        against=bare,
        goal=Goal(2, "ratio"),
        note="nothing cached, not even converted networks",
    )
    peak = row(
        PART,
        "hilum compare, cold: peak memory",
        "all",
        ran["cold"],
        compare,
        value=lambda one: one.peak,
        unit="MB",
        goal=Goal(2000),
        note="conversion included",
        whole=False,
    )
    one = statistics.median(heads)
    return [
        bare,
        cold,
        peak,
        row(PART, "hilum compare, warm", "all", ran["warm"], compare, goal=Goal(25)),
        row(
            PART,
            "all heads of a backbone",
            "slowest",
            ran["warm"],
            compare,
            value=lambda _: one,
            goal=Goal(5),
            note="head and protocols of `seconds` in metrics.json of the warm run; the median of the runs",
            whole=False,
        ),
        row(PART, "hilum train, features cached", "default backbone", ran["train"], commands["train"], goal=Goal(15)),
        row(PART, "hilum audit, cold", "", ran["audit cold"], commands["audit"], goal=Goal(20)),
        row(PART, "hilum audit, warm", "", ran["audit warm"], commands["audit"], goal=Goal(2)),
    ]


def _total(batches: int, names: tuple[str, ...]):  # noqa: ANN202 - a function for `row`
    return lambda one: sum(one.facts[name] for name in names) * batches


def _heads(out: Path) -> float:
    """The most seconds that the heads of one backbone took."""
    record = json.loads((out / "metrics.json").read_text())
    return max(
        model["seconds"]["head"] + model["seconds"]["protocols"]
        for model in record["models"]
        if model["status"] != "unavailable"
    )
