"""Pieces of HTML that results show of themselves in a notebook. Every text is escaped; nothing is loaded."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

# Notebook services drop style sheets and scripts, so each element carries its style.
_CELL = "padding:2px 12px 2px 0;vertical-align:top;"
_WHOLE, _LEFT = ";white-space:nowrap", "text-align:left"
_RIGHT, _SENTENCE = "text-align:right" + _WHOLE, _LEFT + ";min-width:16em"
_FRAME = 600  # height in pixels


@dataclass(frozen=True)
class Shown:
    """HTML that a notebook shows.

    Attributes:
        line: Line that stands for it where there is no notebook.
        html: The HTML.
    """

    line: str
    html: str

    def __repr__(self) -> str:
        return self.line

    def _repr_html_(self) -> str:
        return self.html


def block(*parts: str) -> str:
    """Pieces of HTML as one."""
    return f'<div style="max-width:60em">{"".join(parts)}</div>'


def paragraph(text: str, *, strong: bool = False) -> str:
    """A paragraph of plain text."""
    weight = "bold" if strong else "normal"
    return f'<p style="margin:0.3em 0;font-weight:{weight}">{escape(text)}</p>'


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    strong: int | None = None,
    sentences: int | None = None,
) -> str:
    """A table of plain texts, the first column aligned to the left and the others to the right.

    Args:
        headings: Heading of each column.
        rows: Cells of each row, which may have several lines.
        strong: Position of a row in bold, or None.
        sentences: Position of a column of sentences, which is then the one that wraps, or None.
    """
    first = _LEFT if sentences is None else _LEFT + _WHOLE
    styles = [_SENTENCE if place == sentences else _RIGHT if place else first for place in range(len(headings))]
    head = "".join(map(partial(_cell, "th"), headings, styles))
    lines = [f"<thead><tr>{head}</tr></thead>"]
    for place, row in enumerate(rows):
        weight = ' style="font-weight:bold"' if place == strong else ""
        lines.append(f"<tr{weight}>{''.join(map(partial(_cell, 'td'), row, styles))}</tr>")
    whole = f'<table style="border-collapse:collapse;margin:0.5em 0">{"".join(lines)}</table>'
    return f'<div style="overflow-x:auto">{whole}</div>'


def picture(content: bytes, kind: str, text: str, width: int) -> str:
    """A picture with the text that stands for it.

    Args:
        content: Bytes of the picture.
        kind: Subtype of its MIME type, such as `png`, `jpeg` or `svg+xml`.
        text: Description for those who do not see it.
        width: Width in pixels.
    """
    return f'<img src="{data_uri(content, kind)}" alt="{escape(text)}" width="{width}">'


def bullets(lines: Sequence[str]) -> str:
    """Lines of plain text as a list, or nothing if there are none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul style="margin:0.3em 0;padding-left:1.4em;overflow-wrap:anywhere">{items}</ul>' if items else ""


def thumbnail(content: bytes | None, kind: str, text: str, width: int) -> str:
    """A picture as `picture` shows it, or a dark field if there is none."""
    if content is None:
        return (
            f'<div style="width:{width}px;padding:2em 0;background:#222;color:#aaa;text-align:center">no picture</div>'
        )
    return picture(content, kind, text, width)


def gallery(figures: Iterable[tuple[str, Sequence[str]]], width: int) -> str:
    """Pictures side by side, each above lines of plain text.

    Args:
        figures: HTML of each picture, and its lines.
        width: Width of a picture in pixels.
    """
    style = f"display:inline-block;width:{width}px;margin:0 10px 10px 0;vertical-align:top"
    below = "font-size:85%;line-height:1.3;overflow-wrap:anywhere"
    parts = [
        f'<div style="{style}">{shown}<div style="{below}">{"<br>".join(map(escape, lines))}</div></div>'
        for shown, lines in figures
    ]
    return f"<div>{''.join(parts)}</div>"


def report_of(result: object, page: str) -> Shown:
    """The report of a result, a whole page, in a frame."""
    return Shown(f"Report of {result!r}", frame(page))


def frame(page: str) -> str:
    """A page within the notebook; it can run no script, open no window and see nothing around it."""
    page = page.replace("<head>", '<head><base href="about:srcdoc">', 1)  # else links within it lead to the notebook
    style = f"width:100%;height:{_FRAME}px;box-sizing:border-box;border:1px solid #c9c9c9"
    return f'<iframe sandbox="" srcdoc="{escape(page)}" style="{style}"></iframe>'


def data_uri(content: bytes, kind: str) -> str:
    """A picture as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _cell(name: str, text: object, style: str) -> str:
    lines = escape(str(text)).replace("\n", "<br>")
    return f'<{name} style="{_CELL}{style}">{lines}</{name}>'
