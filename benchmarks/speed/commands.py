"""The command line: how soon it is there, and how near many predictions come to the bare forward pass."""

from functools import partial

from speed.many import slices
from speed.processes import Ran, hilum, interleaved, python, worker
from speed.setting import BACKBONE, Setting
from speed.table import Goal, Row, row

PART = "commands"


def measure(setting: Setting) -> list[Row]:
    """Rows of start-up, first answer and many predictions."""
    model = setting.stub() if setting.quick else setting.model("lite0", "--backbone", BACKBONE)
    count, passes = (100, 32) if setting.quick else (2000, 480)  # so many are predicted; so many passes are scaled
    folder = slices(setting.scratch, count)
    cache, out = setting.scratch / "cache-commands", setting.scratch / "rows.csv"
    one = min(folder.glob("test/*/*.png"))
    words = {
        "import hilum": python("-c", "import hilum"),
        "hilum --help": hilum("--help"),
        "first answer": hilum("predict", model, one, "--json"),
        "passes": worker("passes", model, passes),
        "predict": hilum("predict", model, folder, "--out", out),
    }

    def step(name: str) -> Ran:
        for left in setting.scratch.glob(f"{out.name}*"):
            left.unlink()  # an earlier run would be resumed
        return setting.run(words[name], cache)

    ran = interleaved({name: partial(step, name) for name in words}, setting.runs)
    rows = [
        row(PART, name, "", ran[name], words[name], goal=Goal(most), value=lambda one: one.first)
        for name, most in (("import hilum", 0.3), ("hilum --help", 0.3), ("first answer", 0.6))
    ]
    bare = row(
        PART,
        "bare forward pass of the exported model",
        f"{count:,} slices",
        ran["passes"],
        words["passes"],
        value=lambda one: float(one.facts["seconds"]) * count / passes,
        note=f"{passes} in batches of 16, scaled; the session ready",
        whole=False,
    )
    many = row(
        PART,
        "hilum predict",
        f"{count:,} slices",
        ran["predict"],
        words["predict"],
        against=bare,
        goal=Goal(1.2, "ratio"),
        note="whole process",
    )
    return [*rows, bare, many]
