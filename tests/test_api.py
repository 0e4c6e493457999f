"""The public names of `hilum`: each is there, documented, and imported only when it is used."""

import ast
import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

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


@pytest.mark.parametrize("name", ["compare", "train", "run_audit", "split", "extract_features"])
def test_a_table_is_made_first(name):
    more = ["efficientnet_lite0"] if name == "extract_features" else []
    for given in ("slices/ct", Path("slices/ct")):
        with pytest.raises(hilum.HilumError) as caught:
            getattr(hilum, name)(given, *more)
        assert str(caught.value) == f'{name} needs a table; make one with hilum.read_table("slices/ct").'
    with pytest.raises(hilum.HilumError, match=r"make one with hilum\.read_table\(FOLDER\)"):
        getattr(hilum, name)(None, *more)


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("compare", "hed", "hilum.compare has no option 'hed'. Did you mean 'head'?"),
        ("compare", "ensembles", "hilum.compare has no option 'ensembles'. Did you mean 'ensemble'?"),
        ("train", "sed", "hilum.train has no option 'sed'. Did you mean 'seed'?"),
        ("train", "wieghts", "hilum.train has no option 'wieghts'. Did you mean 'weights'?"),
        ("train", "zzz", "hilum.train has no option 'zzz'. Its options are table, backbone, weights, "),
    ],
)
def test_an_unknown_option_is_answered_with_the_nearest(name, wrong, said, phantom_table):
    with pytest.raises(hilum.HilumError) as caught:
        getattr(hilum, name)(phantom_table, **{wrong: 1})
    assert str(caught.value).startswith(said)


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
