"""Memory of EfficientNetV2-L at its own size; that of predictions is in the part on growth."""

import shutil

from speed.processes import worker
from speed.setting import Setting, phantom
from speed.table import Goal, Row, row

PART = "memory"


def measure(setting: Setting) -> list[Row]:
    """Peaks of the largest network: converted for the first time, and with the converted network kept."""
    network, pictures = ("timm:test_resnet.r160_in1k", 16) if setting.quick else ("efficientnet_v2_l", 32)
    words = worker("features", phantom(setting.scratch, 100), network, "--random-weights", "--first", pictures)
    cache, rows = setting.fresh("cache-largest"), list[Row]()
    for case in ("converted for the first time", "converted before"):
        shutil.rmtree(cache / "features", ignore_errors=True)
        rows.append(
            row(
                PART,
                f"features of {network} at its own size",
                case,
                [setting.run(words, cache)],
                words,
                value=lambda one: one.peak,
                unit="MB",
                goal=Goal(3000) if rows else None,
                note=f"{pictures} slices, random weights",
            )
        )
    return rows
