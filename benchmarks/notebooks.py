"""Runs the notebooks of examples/ and keeps their outputs.

    python benchmarks/notebooks.py --slices FOLDER --elsewhere FOLDER --weights FOLDER [NOTEBOOK ...]

A notebook runs in an empty folder in which `slices`, `elsewhere` and `weights` are links to the folders, so that no
path of this machine gets into it. `--set GROUPS='"slices/table.csv"'` adds a line to its cell of parameters for this
run; the cell itself stays as it is. Pictures of slices are not kept, since they are not ours to pass on: a grey box
stands for each.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

_SLICE = re.compile(r"data:image/(?:png|jpeg);base64,[\w+/=]+")  # figures are outputs of their own
_GREY = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'%3E"
    "%3Crect width='4' height='3' fill='%23ccc'/%3E%3C/svg%3E"
)
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def main() -> None:
    """Runs each notebook and writes it back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", type=Path, nargs="*", default=sorted(EXAMPLES.glob("*.ipynb")))
    for name in ("slices", "elsewhere", "weights"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="values")
    given = parser.parse_args()
    folders = {name: getattr(given, name) for name in ("slices", "elsewhere", "weights")}
    values = dict(value.split("=", 1) for value in given.values)
    for path in given.notebooks:
        try:
            nbformat.write(executed(path, folders, values), path)
        except CellExecutionError as error:
            sys.exit(f"{path}: {error}")
        print(path, f"{path.stat().st_size / 1000:.0f} kB")


def executed(path: Path, folders: Mapping[str, Path], values: Mapping[str, str]) -> NotebookNode:
    """A notebook with the outputs of a run.

    Args:
        path: The notebook.
        folders: Folders that it finds in its working folder, by name.
        values: Python expressions for names in its cell of parameters, for this run.

    Raises:
        CellExecutionError: A cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    about = notebook.metadata
    parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    kept = parameters.source
    parameters.source = "\n".join([kept, *(f"{name} = {value}" for name, value in values.items())])
    with TemporaryDirectory() as place:
        for name, folder in folders.items():
            (Path(place) / name).symlink_to(folder.resolve())
        client = NotebookClient(notebook, timeout=None, record_timing=False, resources={"metadata": {"path": place}})
        client.execute()
    parameters.source = kept
    for cell in notebook.cells:  # a bar that is done leaves an empty output
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if any(output.get("data", output).values())]
            for output in cell.outputs:
                if page := output.get("data", {}).get("text/html"):
                    output.data["text/html"] = _SLICE.sub(_GREY, page)
    notebook.metadata = about  # without the versions of the kernel and the state of widgets
    return notebook


if __name__ == "__main__":
    main()
