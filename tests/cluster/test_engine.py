"""The engine of a machine, and what differs between two."""

import onnxruntime

import hilum
from hilum.cluster.engine import differences, engine_here


def test_engine_here():
    found = engine_here(3)
    assert found.as_json() == {
        "name": "onnxruntime",
        "version": onnxruntime.__version__,
        "precision": "float32",
        "threads": 3,
        "hilum": hilum.__version__,
    }
    assert differences(found, engine_here(3)) == ""


def test_differences_name_both_sides():
    wanted = engine_here(2)
    there = wanted.model_copy(update={"version": "1.0", "hilum": "0.0.9"})
    here = onnxruntime.__version__
    assert differences(there, wanted) == f"version 1.0 instead of {here}, hilum 0.0.9 instead of {hilum.__version__}"
    assert differences(engine_here(1), wanted) == "threads 1 instead of 2"
