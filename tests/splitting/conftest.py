"""A folder with planted leaks: copies, slices that look alike, and a picture under two labels."""

import shutil

import numpy as np
import pytest
from helpers.blocks import LEVELS, blocks
from PIL import Image

import hilum

COPIES = [f"{folder}/0 - Copy.png" for folder in ("train/dark", "test/normal", "valid/bright")]
CONFLICT = ("test/normal/5.png", "train/dark/two.png")


def _alike(random, base):
    """The picture with noise: not the same slice, but alike."""
    noise = random.normal(0, 3, base.shape) * (base > 0)
    return Image.fromarray((base + noise).clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """Fifteen slices of each of three classes in three splits; the first of each split is alike in all splits."""
    root, random = tmp_path_factory.mktemp("planted") / "slices", np.random.default_rng(1)
    for name, level in LEVELS.items():
        base = blocks(random, level)
        for split, count in {"train": 6, "valid": 3, "test": 6}.items():
            place = root / split / name
            place.mkdir(parents=True)
            for number in range(count):
                picture = Image.fromarray(blocks(random, level)) if number else _alike(random, base)
                picture.save(place / f"{number}.png")
    for copy in COPIES:
        original = copy.replace(" - Copy", "")
        shutil.copy(root / original, root / copy)
    shutil.copy(root / CONFLICT[0], root / CONFLICT[1])
    return root


@pytest.fixture
def table(planted, use_shared_cache):
    return hilum.read_table(planted)
