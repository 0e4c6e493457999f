"""Three ways to predict the public test split in one file, for `hilum judge`.

    python benchmarks/outside/together.py FOLDER CNN.csv RUN OUT.csv

The Keras CNN of keras_cnn.py; the nearest of train's slices by 32 x 32 grey thumbnails of whole pictures; and the best
model of a run of `hilum compare`, as it was trained for the given split.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.neighbors import KNeighborsClassifier

from hilum.slices.labels import class_name

folder, cnn, run, out = map(Path, sys.argv[1:])


def thumbnails(split: str) -> tuple[list[str], np.ndarray, list[str]]:
    """Paths, pixels and classes of a split's files."""
    files = sorted((folder / split).glob("*/*.*"))
    pixels = [
        np.asarray(Image.open(file).convert("L").resize((32, 32), Image.Resampling.BOX)).ravel() for file in files
    ]
    return (
        [str(file.relative_to(folder)) for file in files],
        np.stack(pixels),
        [class_name(file.parent.name) for file in files],
    )


_, known, labels = thumbnails("train")
nearest = KNeighborsClassifier(1).fit(known / 255, labels)
frames = [pd.read_csv(cnn).rename(columns=class_name).assign(model="Keras CNN")]
for split in ("valid", "test"):
    paths, pixels, _ = thumbnails(split)
    found = pd.DataFrame(nearest.predict_proba(pixels / 255), columns=nearest.classes_)
    frames.append(found.assign(path=paths, split=split, model="nearest thumbnail"))
best = json.loads((run / "metrics.json").read_text())["best"]
ours = pd.read_csv(run / "predictions.csv")
ours = ours[(ours["model"] == best) & ours["split"].isin(["valid", "test"])]
ours = ours.filter(["path", "split", *(f"p_{name}" for name in nearest.classes_)])
frames.append(ours.rename(columns=lambda name: name.removeprefix("p_")).assign(model="hilum's best"))
pd.concat(frames)[["model", "path", "split", *nearest.classes_]].to_csv(out, index=False)
