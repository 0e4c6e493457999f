"""Pictures as `data:` URLs, which the page shows without another request."""

import base64
import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.explain.placing import AGAINST, FOR, placed
from hilum.slices.body import Box

THUMBNAIL = 64  # pixels on the longer side
LARGEST = 2048  # pixels on the longer side of a shown slice
_MAP = 512  # pixels on the longer side of a map


def grey_png(pixels: NDArray[np.float32], side: int) -> str:
    """Grey levels `[height, width]` in `[0, 1]` as an 8-bit PNG of at most `side` pixels a side."""
    image = Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))
    image.thumbnail((side, side), reducing_gap=2.0)
    return _address(image)


def map_png(values: NDArray[np.float32], box: Box, size: tuple[int, int]) -> str:
    """A map as a transparent PNG to lay over its slice. Stronger values are more opaque.

    Args:
        values: Map of the class, float32 `[h, w]`; negative values are evidence against it.
        box: Part of the slice that the map covers, in pixels.
        size: Width and height of the slice.
    """
    scale = min(1.0, _MAP / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    left, top, right, bottom = (edge * scale for edge in box)
    x, y = min(round(left), width - 1), min(round(top), height - 1)
    small = Box(x, y, max(x + 1, min(round(right), width)), max(y + 1, min(round(bottom), height)))
    intensity = placed(values / np.float32(np.abs(values).max() or 1), small, (height, width)).clip(-1, 1)
    drawn = np.empty((height, width, 4), np.uint8)
    drawn[..., :3] = np.where((intensity > 0)[..., None], FOR, AGAINST)
    drawn[..., 3] = (np.abs(intensity) * 255).round()
    return _address(Image.fromarray(drawn))


def values_of(stored: NDArray[np.float32], side: int = 512) -> Mapping[str, object]:
    """Hounsfield or stored units `[height, width]` for windowing on the page, subsampled, as little-endian int16.

    Padding (NaN) becomes -32768, which is black under every window and which the page excludes from the value range.
    """
    step = -(-max(stored.shape) // side)
    whole = np.nan_to_num(np.rint(stored[::step, ::step]), nan=-32768).clip(-32768, 32767).astype("<i2")
    rows, columns = whole.shape
    return {
        "kind": "int16",
        "rows": rows,
        "columns": columns,
        "slope": 1,
        "base64": base64.b64encode(whole.tobytes()).decode(),
    }


def _address(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=4)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
