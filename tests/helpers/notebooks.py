"""Cells that a real kernel runs."""

import nbformat
from nbclient import NotebookClient


def outputs_of(*cells):
    """Runs cells in one kernel, and returns the outputs of each."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=600, kernel_name="python3").execute()
    return [cell.outputs for cell in book.cells]
