"""Pages that look as a notebook and a terminal do, for pictures of them."""

import html
import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 100
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px; background: #fff; font: 14px/1.4 system-ui, sans-serif; width: max-content; }}
pre {{ margin: 0; font: 13px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }}
.cell {{ display: grid; grid-template-columns: 52px minmax(0, 960px); gap: 6px 8px; margin-bottom: 14px; }}
.cell > span {{ color: #307fc1; font: 13px/1.4 ui-monospace, monospace; padding-top: 6px; text-align: right; }}
.cell > pre {{ background: #f5f5f5; border: 1px solid #e0e0e0; padding: 5px 8px; }}
.cell img {{ max-width: 100%; }}
table.dataframe {{ border-collapse: collapse; font-size: 12px; border: 0; }}
table.dataframe :is(th, td) {{ text-align: right; padding: 4px 8px; border: 0; }}
table.dataframe tbody tr:nth-child(odd) {{ background: #f5f5f5; }}
.terminal {{ background: #1b1d21; color: #d8dbe0; border-radius: 8px; padding: 12px 16px 16px; }}
.terminal i {{ display: inline-block; width: 11px; height: 11px; border-radius: 6px; margin: 0 7px 10px 0; }}
</style><body>{}</body>"""
_THEME = TerminalTheme(
    (27, 29, 33), (216, 219, 224),
    [(60, 64, 72), (224, 108, 117), (152, 195, 121), (229, 192, 123), (97, 175, 239), (198, 120, 221), (86, 182, 194),
     (216, 219, 224)],
)  # fmt: skip
_CODES = re.compile(r"\x1b\[(?:(\d*)(A)|(2?)(K)|\?\d+[hl])|[\r\n]")


def notebook_page(notebook: Path, cells: Sequence[str]) -> str:
    """A page with the cells of an executed notebook that have these ids, as JupyterLab shows them."""
    every = {cell.id: cell for cell in nbformat.read(notebook, as_version=4).cells}
    parts = []
    for cell in (every[name] for name in cells):
        outputs = "".join(_output(output.data) for output in cell.outputs if "data" in output)
        number = cell.execution_count
        parts.append(
            f'<div class="cell"><span>[{number}]:</span><pre>{html.escape(cell.source)}</pre>'
            f"<span>[{number}]:</span><div>{outputs}</div></div>"
        )
    return _PAGE.format("".join(parts))


def _output(data: dict[str, str]) -> str:
    if "text/html" in data:
        return data["text/html"]
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{data["image/png"].strip()}" alt="">'
    return f"<pre>{html.escape(data['text/plain'])}</pre>"


def terminal_page(words: Sequence[str], place: Path) -> str:
    """A page with what a terminal shows after a `hilum` command that ran in a folder."""
    prompt = Text.assemble(("$ ", "bold green"), " ".join(["hilum", *words]))
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(prompt, Text.from_ansi("\n".join(screen(_typed(words, place)))), sep="\n")
    text = console.export_html(theme=_THEME, inline_styles=True, code_format="{code}")
    lights = "".join(f'<i style="background:{colour}"></i>' for colour in ("#ff5f57", "#febc2e", "#28c840"))
    return _PAGE.format(f'<div class="terminal">{lights}<pre>{text}</pre></div>')


def screen(written: str) -> list[str]:
    """The lines that stay on a terminal: rich's bars go up, erase lines and write them again.

    Colours stay in the lines as they were written.
    """
    lines, row, at = [""], 0, 0
    for code in [*_CODES.finditer(written), None]:
        lines[row] += written[at : code.start() if code else None]
        if code is None:
            break
        at = code.end()
        if code[0] == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif code[2]:
            row = max(0, row - int(code[1] or 1))
        elif code[3]:  # the whole line; without the 2 it would be its rest
            lines[row] = ""
    return lines


def _typed(words: Iterable[str], place: Path) -> str:
    """What a `hilum` command writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "60", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "hilum", *words], stdin=theirs, stdout=theirs, stderr=theirs, cwd=place, env=environment
    )
    os.close(theirs)
    parts = []
    while part := _part(ours):
        parts.append(part)
    process.wait()
    return b"".join(parts).decode().replace("\r\n", "\n")


def _part(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # on Linux, the end
        return b""
