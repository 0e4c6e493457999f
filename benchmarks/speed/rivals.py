"""Against what one would do instead: Keras with the base inside the training loop, and timm with a plain loop."""

from hilum.backbones.zoo import backbone
from speed.processes import Ran, hilum, interleaved, worker
from speed.setting import Setting, phantom
from speed.table import Goal, Row, row

PART = "rivals"
# hilum and timm run these on all pictures, the others on a few; the seconds that grow with the pictures are scaled.
IN_FULL = ("densenet121", "resnet50")
SCALED = ("xception", "vgg16", "inception_v3", "convnext_tiny", "efficientnet_v2_l")
_PICTURES = 32
_MANY, _FEW = 10, 1  # batches of 16 of each split that Keras runs


def measure(setting: Setting) -> list[Row]:
    """Rows for each network, the three tools in turn, and the whole comparison of one."""
    networks = ("densenet121",) if setting.quick else (*IN_FULL, *SCALED)
    rows = [one for name in networks for one in _network(setting, name, name in IN_FULL and not setting.quick)]
    whole = hilum("compare", *setting.slices, "--models", IN_FULL[0], "--random-weights", "--protocol", "given")
    whole += ["--out", str(setting.scratch / "run-rivals"), "--overwrite"]
    ran = setting.run(whole, setting.fresh("cache-rivals"))
    note = "more than the rivals do: audit, floors, two protocols, intervals and the report as well"
    return [*rows, row(PART, "hilum compare, whole", IN_FULL[0], [ran], whole, note=note)]


def _network(setting: Setting, name: str, full: bool) -> list[Row]:
    few = () if full else ("--pictures", _PICTURES)
    batches = _MANY if full else _FEW
    row_of_zoo, cache = backbone(name), setting.scratch / "cache-rivals"
    data = setting.data
    words = {
        "Keras": [str(setting.keras), *worker("keras_notebook", data, name, "--batches", batches)[1:]],
        "timm": worker("timm_loop", data, row_of_zoo.tag, row_of_zoo.size, *few),
        "hilum": worker("hilum_way", data, name, *few),
    }

    def step(tool: str) -> Ran:
        return setting.run(words[tool], setting.fresh(cache.name))

    ran = interleaved({tool: (lambda tool=tool: step(tool)) for tool in words}, 1)
    how = "in full" if full else f"scaled from {_PICTURES} pictures"
    of_keras = f"one first and one later epoch of {batches} batches of 16 of each split, scaled to ten of all"
    notes = {"Keras": of_keras, "timm": how, "hilum": f"{how}; each distinct picture once"}
    ours = row(
        PART, "hilum: reading, features, head", name, ran["hilum"], words["hilum"], value=_whole, note=notes["hilum"]
    )
    goals = {"Keras": 20.0, "timm": 1.5 if name in IN_FULL else 1.0}
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


def _whole(one: Ran) -> float:
    """Seconds of the whole process, and those that were not run."""
    return one.seconds + float(one.facts["added"])


def confirm(setting: Setting) -> list[Row]:
    """Ten epochs of DenseNet121 in Keras on all pictures, beside what two epochs of a part scale to."""
    data = phantom(setting.scratch, 100) if setting.quick else setting.data
    rows: list[Row] = []
    for options in (("--batches", 1 if setting.quick else _MANY), ("--epochs", 10)):
        words = [str(setting.keras), *worker("keras_notebook", data, IN_FULL[0], *options)[1:]]
        ran = setting.run(words, setting.scratch)
        against, goal = (rows[0], Goal(1.1, "ratio")) if rows else (None, None)
        case = "ten epochs" if rows else "two epochs of a part, scaled"
        what = f"Keras, {case}"
        rows.append(row("confirm", what, IN_FULL[0], [ran], words, value=_whole, against=against, goal=goal))
    return rows
