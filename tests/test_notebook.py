"""Progress in a notebook."""

import subprocess
import sys

import pytest
from helpers.notebooks import outputs_of

from hilum.notebook import automatic, in_notebook


def test_a_script_shows_nothing(capsys):
    assert not in_notebook()
    with automatic("reading", 2) as advance:
        advance()
    assert capsys.readouterr() == ("", "")


def test_bars_are_shown_when_asked_for_and_vanish():
    code = "from hilum.notebook import show_progress\nwith show_progress('reading', 2) as advance: advance()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "reading:   0%" in done.stderr
    assert not done.stderr.splitlines()[-1].strip()
    assert done.stdout == ""


@pytest.mark.slow
def test_in_a_kernel_bars_appear_by_themselves_and_leave_an_empty_output():
    steps = "for title in 'ab':\n    with automatic(title, 2) as advance:\n        advance()\n"
    _, shown, kept = outputs_of(
        "from hilum.notebook import automatic, in_notebook",
        f"{steps}in_notebook()",
        # what a notebook would show while the step runs
        "from hilum import notebook\nlines = []\nclass File(notebook._Cell):\n    def write(self, text):\n"
        "        lines.append(text.strip())\n        return super().write(text)\nnotebook._Cell = File\n"
        f"{steps}print(lines[0])",
    )
    bar, result = shown
    assert (bar.output_type, bar.data) == ("display_data", {"text/plain": "", "text/html": ""})
    assert result.data["text/plain"] == "True"
    assert kept[0].data["text/plain"] == ""
    assert kept[1].text.startswith("a:   0%|")
