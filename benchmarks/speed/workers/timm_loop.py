"""timm with a plain torch loop: features of every picture once, then scikit-learn's logistic regression.

    python timm_loop.py FOLDER TAG SIZE [--pictures 32]

With `--pictures`, only so many are run, spread over the folder; the head gets random features for the others. Prints
the seconds to add for all pictures.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, Dataset

BATCH = 16
parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("tag")
parser.add_argument("size", type=int)
parser.add_argument("--pictures", type=int)
options = parser.parse_args()
files = sorted(path for path in options.folder.glob("*/*/*") if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
splits = np.array([path.parts[-3] for path in files])
labels = np.array([path.parts[-2].split("_")[0].replace(".", "_")[:5] for path in files])  # names differ by split
model = timm.create_model(options.tag, pretrained=False, num_classes=0, global_pool="avg").eval()
config = timm.data.resolve_data_config({"input_size": (3, options.size, options.size)}, model=model)
transform = timm.data.create_transform(**{**config, "crop_pct": 1.0})


class Slices(Dataset):
    """The pictures as the network takes them."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, place: int) -> torch.Tensor:
        return transform(Image.open(self._paths[place]).convert("RGB"))


count = options.pictures or len(files)
chosen = [files[place] for place in np.linspace(0, len(files) - 1, count, dtype=int)]
vectors, ends = [], []
with torch.inference_mode():
    for batch in DataLoader(Slices(chosen), batch_size=BATCH, num_workers=2):
        vectors.append(model(batch).numpy())
        ends.append(time.perf_counter())
pace = (ends[-1] - ends[0]) / (count - BATCH)  # without the first batch, which starts the workers
features = np.random.default_rng(0).normal(size=(len(files), vectors[0].shape[1])).astype(np.float32)
features[:count] = np.concatenate(vectors)
train, test = splits == "train", splits == "test"
head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(features[train], labels[train])
head.predict_proba(features[test])
print(json.dumps({"added": pace * (len(files) - count)}))
