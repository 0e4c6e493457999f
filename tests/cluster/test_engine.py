"""Engines of machines, compared."""

import onnxruntime
from helpers.jobs import ENGINE

from hilum.cluster.engine import differences, engine_here
from hilum.records.job import Engine
from hilum.versions import __version__


def test_what_differs_is_named():
    here = engine_here(3)
    assert (here.version, here.threads, here.hilum) == (onnxruntime.__version__, 3, __version__)
    assert differences(here, engine_here(3)) == ""
    other = Engine.made({**ENGINE, "version": "1.21", "threads": 4})
    assert differences(other, Engine.made(ENGINE)) == "version 1.21 instead of 1.22, threads 4 instead of 2"
