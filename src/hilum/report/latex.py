"""Escapes names of files and classes, and figures, for LaTeX."""

import unicodedata

# Characters that have a meaning, and those of hilum's own texts that ASCII lacks.
_SPECIAL = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
}
# Beside ASCII, pdfLaTeX's default fonts have these letters, and letters with these accents.
_LETTERS = frozenset("ßæÆøØœŒłŁ")
_BREAK = r"\allowbreak{}"
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u0327\u030c")


def escaped(text: str) -> str:
    """A text as LaTeX shows it; a letter that pdfLaTeX cannot set is spelt out, as in `[U+80BA]`."""
    return "".join(map(_letter, " ".join(text.split())))


def breakable(text: str) -> str:
    """A long name as LaTeX shows it, which may be broken after each sign such as `_` and `:`."""
    return "".join(f"{_letter(one)}{'' if one.isalnum() else _BREAK}" for one in text)


def figure(text: str) -> str:
    """A number or an interval, with true minus signs."""
    return text.replace("−", "$-$").replace("–", "--")


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    base, *accents = list(unicodedata.normalize("NFD", letter))
    known = letter in _LETTERS or (base.isascii() and base.isprintable() and _ACCENTS.issuperset(accents))
    return letter if known else f"[U+{ord(letter):04X}]"
