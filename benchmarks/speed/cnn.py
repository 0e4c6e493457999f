"""The small CNN: pictures a second in training, beside the same network in Keras."""

from speed.processes import interleaved, worker
from speed.setting import Setting
from speed.table import Goal, Row, row

PART = "cnn"


def measure(setting: Setting) -> list[Row]:
    """Rows of hilum, and of Keras without and with the augmentation that hilum does."""
    count = 64 if setting.quick else 256
    words = {
        "hilum, augmented": worker("cnn", count),
        "Keras, not augmented": [str(setting.keras), *worker("keras_cnn", count)[1:]],
        "Keras, augmented": [str(setting.keras), *worker("keras_cnn", count, "--augment")[1:]],
    }
    steps = {name: (lambda name=name: setting.run(words[name], setting.scratch / "cache-cnn")) for name in words}
    ran = interleaved(steps, setting.runs)
    rows: list[Row] = []
    for name in reversed(words):
        against = rows[-1] if name.startswith("hilum") else None
        rows.append(
            row(
                PART,
                "training the small CNN",
                name,
                ran[name],
                words[name],
                value=lambda one: float(one.facts["speed"]),
                unit="pictures/s",
                against=against,
                goal=Goal(1, "ratio", "least") if against else None,
                note=f"{count} pictures of 96 x 96, batches of 16, the second and third epoch",
                whole=False,
            )
        )
    return rows
