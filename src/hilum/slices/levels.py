"""Grey levels: as files hold them, and as everything else takes them."""

import hashlib

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.uint8 | np.uint16 | np.float32]


def grey(levels: Levels) -> NDArray[np.float32]:
    """Levels of 8 or 16 bits as grey in `[0, 1]`; float32 levels are grey already."""
    if levels.dtype.kind == "f":
        return np.asarray(levels, np.float32)
    return np.asarray(levels / np.float32(2 ** (8 * levels.itemsize) - 1), np.float32)


def pixels_digest(pixels: NDArray[np.float32]) -> str:
    """SHA-256 of grey pixels `[height, width]` and their shape, in hex."""
    height, width = pixels.shape
    digest = hashlib.sha256(f"{height}x{width}:".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
