"""Pictures of random blocks, no two of which look alike unless one is made so, and whose brightness is their class."""

import numpy as np
from PIL import Image

LEVELS = {"dark": 90, "normal": 140, "bright": 190}


def blocks(random, level):
    """Grey levels `[72, 72]` around a level, with a black margin that makes a body of the rest."""
    coarse = random.integers(-20, 21, (6, 6)).repeat(10, 0).repeat(10, 1)
    return np.pad((level + coarse + random.integers(-2, 3, (60, 60))).astype(np.uint8), 6)


def write_blocks(root, seed, counts):
    """Writes `counts[folder]` pictures into each folder; the level is that of the last part of its name."""
    random = np.random.default_rng(seed)
    for folder, (count, level) in counts.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.fromarray(blocks(random, level)).save(root / folder / f"{number}.png")
    return root


def write_training(root, seed=0):
    """Three classes in three splits."""
    counts = {"train": 8, "valid": 3, "test": 4}
    parts = {f"{split}/{name}": (count, level) for split, count in counts.items() for name, level in LEVELS.items()}
    return write_blocks(root, seed, parts)
