"""The public names of `hilum`: each is there, documented, and imported only when it is used."""

import ast
import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest

import hilum


@pytest.mark.parametrize("name", hilum.__all__)
def test_a_public_name_is_documented(name):
    assert inspect.getdoc(getattr(hilum, name))


def test_type_checkers_see_the_same_names():
    tree = ast.parse(inspect.getsource(hilum))
    (block,) = [one for one in tree.body if isinstance(one, ast.If)]
    seen = {alias.asname: one.module for one in block.body for alias in one.names}
    assert {name: getattr(hilum, name).__module__ for name in seen} == seen
    assert sorted(seen) == sorted(hilum.__all__)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="nothing"):
        _ = hilum.nothing
    assert hilum.__version__ == version("hilum")


def test_completion_offers_public_names_alone():
    assert dir(hilum) == sorted([*hilum.__all__, "__version__"])
    # Completion may read the module's own names too. Rooms become names when they are imported.
    names = {name for name in vars(hilum) if not name.startswith("_") and f"hilum.{name}" not in sys.modules}
    assert names <= {*hilum.__all__}


def test_importing_hilum_imports_nothing_heavy():
    code = "import hilum, sys; print([name for name in ('torch', 'sklearn', 'numpy', 'typer') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
