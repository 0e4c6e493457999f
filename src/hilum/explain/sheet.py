"""A page with text and pictures, drawn with Pillow."""

import unicodedata

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

INK, SOFT, RULE, PAPER, NIGHT = "#1a1a1a", "#666666", "#d9d9d9", "#ffffff", "#000000"

Colour = str | tuple[int, int, int]


class Sheet:
    """A white page to draw on. Coordinates are pixels from the top left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self, x: float, y: float, text: str, size: int, colour: Colour = INK, width: float = 9999, anchor: str = "ls"
    ) -> float:
        """Writes a line on the baseline y and returns its width. A line that is too wide loses its beginning."""
        font, line = ImageFont.load_default(size), plain(text)
        while line not in ("", "…") and font.getlength(line) > width:
            line = f"…{line.removeprefix('…')[1:]}"
        self.draw.text((x, y), line, colour, font, anchor)
        return font.getlength(line)

    def chip(self, x: float, y: float, text: str, size: int, colour: Colour) -> float:
        """Writes white text on a coloured background, on the baseline y, and returns the width."""
        width = ImageFont.load_default(size).getlength(text) + size
        self.draw.rounded_rectangle((x, y - 1.25 * size, x + width, y + 0.5 * size), size // 3, colour)
        self.text(x + size / 2, y, text, size, PAPER)
        return width

    def bar(self, x: int, y: int, width: int, share: float, colour: Colour, limit: float | None = None) -> None:
        """Draws a bar that is filled to a share in `[0, 1]`, with a mark at a limit."""
        self.draw.rectangle((x, y, x + width, y + 14), "#eeeeee")
        if round(width * share) > 0:
            self.draw.rectangle((x, y, x + round(width * share), y + 14), colour)
        if limit is not None:
            at = x + round(width * limit)
            self.draw.line((at, y - 4, at, y + 18), INK, 2)

    def picture(self, x: int, y: int, picture: Image.Image) -> None:
        """Pastes a picture with its top left corner at x, y."""
        self.image.paste(picture, (x, y))


def plain(text: str) -> str:
    """Text in the characters of Pillow's default font. Accents are dropped, other characters become question marks."""
    parts = unicodedata.normalize("NFKD", text.replace("–", "-"))
    return "".join(
        letter if " " <= letter <= "~" or letter in "·…" else "?"
        for letter in parts
        if not unicodedata.combining(letter)
    )


def grey_picture(pixels: NDArray[np.float32]) -> Image.Image:
    """Grey levels `[height, width]` in `[0, 1]` as an RGB picture."""
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8)).convert("RGB")
