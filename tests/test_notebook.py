"""Progress in a notebook."""

import subprocess
import sys

from hilum.notebook import automatic, in_notebook


def test_a_script_shows_nothing(capsys):
    assert not in_notebook()
    with automatic("reading", 2) as advance:
        advance()
    assert capsys.readouterr() == ("", "")


def test_bars_are_shown_when_asked_for():
    code = "from hilum.notebook import show_progress\nwith show_progress('reading', 2) as advance: advance()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "reading:   0%" in done.stderr
    assert done.stdout == ""
