"""Escapes names of files and classes, and commands, for Markdown, and lays out tables."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # categories of characters that are invisible or reverse the text


def plain(text: str) -> str:
    """A name as plain text in Markdown: nothing in it makes a link, a table cell or a tag."""
    line = " ".join(str(text).split())
    visible = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(one) in _UNSEEN else one for one in line)
    return re.sub(r"([\\`*_{}\[\]<>#|!&~$@^]|:(?=//)|(?<=www)\.)", r"\\\1", visible)


def code(text: str) -> str:
    """A command as code in Markdown, whatever characters it contains."""
    line = " ".join(str(text).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}"


def table(head: Sequence[str], first: str, rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a table of cells in Markdown. The first column is aligned by `first`, the others to the right."""
    columns = "|".join(f" {name} " if name else " " for name in head)
    cells = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return [f"|{columns}|", f"|{first}|{'--:|' * (len(head) - 1)}", *cells]
