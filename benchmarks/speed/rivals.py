"""Against what one would do instead: Keras with the base inside the training loop, and timm with a plain loop."""

from pathlib import Path

from hilum.backbones.zoo import backbone
from speed.processes import Ran, hilum, interleaved, worker
from speed.setting import Setting, phantom
from speed.table import Goal, Row, row

PART = "rivals"
# Those with the higher goal run on more pictures. What was not run is counted at the pace of what was.
FIRST = ("densenet121", "resnet50")
OTHERS = ("xception", "vgg16", "inception_v3", "convnext_tiny", "efficientnet_v2_l")
_PICTURES, _SOME = 32, {"densenet121": 0, "resnet50": 128}  # 0 are all
_TWO_EPOCHS, _BATCHES = ("--epochs", 2), ("--batches", 2)  # of Keras


def measure(setting: Setting) -> list[Row]:
    """Rows for each network, the three tools in turn, and the whole comparison of one."""
    networks = ("densenet121",) if setting.quick else (*FIRST, *OTHERS)
    rows = [one for name in networks for one in _network(setting, name)]
    whole = hilum("compare", *setting.slices, "--models", FIRST[0], "--random-weights", "--protocol", "given")
    whole += ["--out", str(setting.scratch / "run-rivals"), "--overwrite"]
    ran = setting.run(whole, setting.fresh("cache-rivals"))
    note = "more than the rivals do: audit, floors, two protocols, intervals and the report as well"
    return [*rows, row(PART, "hilum compare, whole", FIRST[0], [ran], whole, note=note)]


def _network(setting: Setting, name: str) -> list[Row]:
    pictures = _PICTURES if setting.quick else _SOME.get(name, _PICTURES)
    few = ("--pictures", pictures) if pictures else ()
    part = _BATCHES if setting.quick or name != FIRST[0] else _TWO_EPOCHS
    row_of_zoo, cache, data = backbone(name), setting.scratch / "cache-rivals", _data(setting)
    words = {
        "Keras": [str(setting.keras), *worker("keras_notebook", data, name, *part)[1:]],
        "timm": worker("timm_loop", data, row_of_zoo.tag, row_of_zoo.size, *few),
        "hilum": worker("hilum_way", data, name, *few),
    }

    def step(tool: str) -> Ran:
        return setting.run(words[tool], setting.fresh(cache.name))

    ran = interleaved({tool: (lambda tool=tool: step(tool)) for tool in words}, 1)
    how = f"scaled from {pictures} pictures" if pictures else "in full"
    of_keras = "one first and one later epoch, scaled to ten"
    if part == _BATCHES:
        of_keras = "two epochs of 2 batches of 16, scaled to ten of all pictures: too quick"
    notes = {"Keras": of_keras, "timm": how, "hilum": f"{how}; each distinct picture once"}
    ours = row(
        PART, "hilum: reading, features, head", name, ran["hilum"], words["hilum"], value=_whole, note=notes["hilum"]
    )
    goals = {"Keras": 20.0, "timm": 1.5 if name in FIRST else 1.0}
    rows = [ours]
    for tool, least in goals.items():
        theirs = row(
            PART,
            f"{tool}: reading, features, head",
            name,
            ran[tool],
            words[tool],
            value=_whole,
            against=ours,
            goal=Goal(least, "ratio", "least"),
            note=notes[tool],
        )
        rows.append(theirs)
    return rows


def _data(setting: Setting) -> Path:
    """The slices; at least two batches are needed to tell a pace."""
    return phantom(setting.scratch, 100) if setting.quick else setting.data


def _whole(one: Ran) -> float:
    """Seconds of the whole process, and those that were not run."""
    return one.seconds + float(one.facts["added"])


def confirm(setting: Setting) -> list[Row]:
    """Ten epochs of DenseNet121 in Keras in full, and what two of them scale to; the larger by the smaller."""
    data = _data(setting)
    options = {
        "ten epochs in full": (),
        "two epochs, scaled": _BATCHES if setting.quick else _TWO_EPOCHS,
    }
    words = {
        case: [str(setting.keras), *worker("keras_notebook", data, FIRST[0], *some)[1:]]
        for case, some in options.items()
    }
    ran = {case: setting.run(words[case], setting.scratch) for case in words}
    small, large = sorted(ran, key=lambda case: _whole(ran[case]))
    what = f"Keras, {FIRST[0]}"
    less = row("confirm", what, small, [ran[small]], words[small], value=_whole)
    goal = Goal(1.1, "ratio")
    return [less, row("confirm", what, large, [ran[large]], words[large], value=_whole, against=less, goal=goal)]
