"""Pages that look as a notebook and a terminal do."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output
from shown import notebook_page, screen, terminal_page


def test_a_bar_that_was_redrawn_is_on_the_screen_once():
    bar = "\x1b[?25l\x1b[32mreading\x1b[0m 1\r\x1b[2Kreading 2\nfeatures 1\r\x1b[2K\x1b[1A\x1b[2Kreading \x1b[1mdone\n"
    assert screen(f"first\n{bar}last\n\x1b[?25h") == ["first", "reading \x1b[1mdone", "last", ""]


def test_a_terminal_shows_a_command_and_its_output(tmp_path):
    page = terminal_page(["--version"], tmp_path)
    assert "hilum --version" in page
    assert page.count("hilum 0") == 1
    assert "http" not in page


def test_a_notebook_shows_the_cells_that_are_asked_for(tmp_path):
    outputs = [new_output("execute_result", {"text/plain": "1", "text/html": "<b>one</b>"})]
    cells = [
        new_code_cell("a < b", id="one", outputs=outputs, execution_count=3),
        new_code_cell("hidden", id="two", execution_count=4),
        new_code_cell("c", id="six", outputs=[new_output("execute_result", {"text/plain": "x<y"})], execution_count=5),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "some.ipynb")
    page = notebook_page(tmp_path / "some.ipynb", ["one", "six"])
    assert "[3]:</span><pre>a &lt; b</pre>" in page
    assert "<b>one</b>" in page
    assert "<pre>x&lt;y</pre>" in page
    assert "hidden" not in page
