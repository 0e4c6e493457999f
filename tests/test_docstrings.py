"""Every public name and every public method has an example, and every example runs as it stands, on the phantom."""

import doctest
import inspect
import re
import shutil

import pytest
from helpers.judged import chance_predictions

import hilum

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# What the examples of methods begin with is made by the example of the class.
MADE = {
    "table": lambda made: hilum.read_table("phantom", groups="phantom/table.csv"),
    "audit": lambda made: hilum.run_audit(made("table")),
    "comparison": lambda made: hilum.compare(made("table"), ["efficientnet_lite0"], audited=made("audit")),
    "judgement": lambda made: hilum.judge("predictions.csv", made("table"), floor="cheap", audited=made("audit")),
    "new": lambda made: hilum.split(made("table")),
    "features": lambda made: hilum.extract_features(made("table"), "efficientnet_lite0"),
    "head": lambda made: hilum.KernelHead().fit(made("features"), made("table").labels),
    "model": lambda made: hilum.open_model("model"),
    "predictions": lambda made: made("model").predict("phantom/test"),
    "explanation": lambda made: made("model").explain("phantom/test/normal/synthetic-p005-s0.png"),
    "evaluation": lambda made: made("model").evaluate(hilum.read_labelled("phantom/test")),
}


@pytest.fixture(scope="session")
def folder(phantom, phantom_model, exported, tmp_path_factory):
    """A working folder with all that the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(phantom, folder / "phantom")
    shutil.copytree(phantom_model, folder / "model")
    shutil.copy(exported, folder / "model.onnx")
    table = hilum.read_table(phantom, groups=phantom / "table.csv")
    chance_predictions(table, every=True).to_csv(folder / "predictions.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def known():
    return {}


def documented(name):
    """A public name with what stands for it, and the methods of a class, each by its name."""
    thing = getattr(hilum, name)
    yield name, thing
    for attribute in dir(thing) if inspect.isclass(thing) else ():
        method = getattr(thing, attribute)
        if not attribute.startswith("_") and inspect.isroutine(method) and _is_ours(method):
            yield f"{name}.{attribute}", method


def _is_ours(method):
    return (getattr(method, "__module__", None) or "").startswith("hilum")


@pytest.mark.parametrize("name", hilum.__all__)
def test_examples_run_as_they_stand(name, folder, known, use_shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    monkeypatch.chdir(folder)

    def made(one):
        if one not in known:
            known[one] = MADE[one](made)
        return known[one]

    for place, thing in documented(name):
        text = inspect.getdoc(thing) or ""
        of = {one: made(one) for one in MADE if re.search(rf">>> .*\b{one}\b", text)}
        test = doctest.DocTestParser().get_doctest(text, {"hilum": hilum, **of}, place, None, None)
        assert test.examples, f"{place} has no example"
        said = []
        assert doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=said.append).failed == 0, "".join(said)
