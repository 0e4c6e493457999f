"""Against what one would do instead: Keras with the base inside the training loop, and timm with a plain loop."""

from hilum.backbones.zoo import backbone
from speed.processes import Ran, hilum, interleaved, worker
from speed.setting import Setting, phantom
from speed.table import Goal, Row, row

PART = "rivals"
# The others run on a few pictures; the seconds that grow with the pictures are scaled.
IN_FULL = ("densenet121", "resnet50")
SCALED = ("xception", "vgg16", "inception_v3", "convnext_tiny", "efficientnet_v2_l")
_PICTURES, _BATCHES = 64, 1  # of 16 for hilum and timm, a batch of 32 of each split for Keras


def measure(setting: Setting) -> list[Row]:
    """Rows for each network; once each, the three tools in turn."""
    networks = ("densenet121",) if setting.quick else (*IN_FULL, *SCALED)
    rows = [one for name in networks for one in _network(setting, name, name in IN_FULL and not setting.quick)]
    for name in () if setting.quick else IN_FULL:
        out = setting.scratch / "run-rivals"
        words = hilum("compare", *setting.slices, "--models", name, "--random-weights", "--protocol", "given")
        words += ["--out", str(out), "--overwrite"]
        ran = setting.run(words, setting.fresh("cache-rivals"))
        note = "more than the rivals do: audit, floors, two protocols, intervals and the report as well"
        rows.append(row(PART, "hilum compare, whole", name, [ran], words, note=note))
    return rows


def _network(setting: Setting, name: str, full: bool) -> list[Row]:
    few = () if full else ("--pictures", 32 if setting.quick else _PICTURES)
    batches = () if full else ("--batches", _BATCHES)
    row_of_zoo, cache = backbone(name), setting.scratch / "cache-rivals"
    data = setting.data
    words = {
        "Keras": [str(setting.keras), *worker("keras_notebook", data, name, *batches)[1:]],
        "timm": worker("timm_loop", data, row_of_zoo.tag, row_of_zoo.size, *few),
        "hilum": worker("hilum_way", data, name, *few),
    }

    def step(tool: str) -> Ran:
        return setting.run(words[tool], setting.fresh(cache.name))

    ran = interleaved({tool: (lambda tool=tool: step(tool)) for tool in words}, 1)
    how = "in full" if full else f"scaled from {few[1]} pictures"
    of_keras = "one first and one later epoch, scaled to ten" + ("" if full else "; one batch of 32 of each split")
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
    """Ten epochs of DenseNet121 in Keras as a whole, beside what two epochs scale to."""
    data = phantom(setting.scratch, 100) if setting.quick else setting.data
    rows: list[Row] = []
    for epochs in (2, 10):
        words = [str(setting.keras), *worker("keras_notebook", data, "densenet121", "--epochs", epochs)[1:]]
        ran = setting.run(words, setting.scratch)
        against, goal = (rows[0], Goal(1.1, "ratio")) if rows else (None, None)
        case = "ten epochs run" if rows else "two epochs run"
        what = f"Keras, {case}"
        rows.append(row("confirm", what, "densenet121", [ran], words, value=_whole, against=against, goal=goal))
    return rows
