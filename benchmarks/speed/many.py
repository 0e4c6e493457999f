"""Folders of many slices that cost little to write: the slices of a phantom, each a little brighter and noisier."""

from pathlib import Path

import numpy as np
from PIL import Image

from speed.setting import phantom

_KNOWN = 400  # slices of the phantom that all are made from


def slices(scratch: Path, count: int) -> Path:
    """A folder with so many distinct slices in the splits and classes of a phantom, made once."""
    folder = scratch / f"many-{count}"
    if folder.exists():
        return folder
    made = folder.with_suffix(".part")
    source = phantom(scratch, min(_KNOWN, max(count, 100)))
    files = sorted(source.glob("*/*/*.png"))
    known = [np.asarray(Image.open(path)).astype(np.int16) for path in files]
    noise = np.random.default_rng(0).integers(-2, 3, (1024, 1024), np.int16)
    for number in range(count):
        place, copy = number % len(files), number // len(files)
        picture, (height, width) = known[place], known[place].shape
        top, left = copy * 7 % (1024 - height), copy * 13 % (1024 - width)  # another piece of the noise for each copy
        changed = picture + noise[top : top + height, left : left + width] * (picture > 0) if copy else picture
        path = made / files[place].relative_to(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(changed.clip(0, 255).astype(np.uint8)).save(
            path.with_stem(f"{path.stem}-{copy}"), compress_level=1
        )
    return made.rename(folder)
