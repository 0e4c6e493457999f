"""The parts of a server, with a model and without one."""

import pytest
from helpers.uploads import client_of, files, flat, is_problem

from hilum.model.reader import Reader
from hilum.serve.meters import Meters
from hilum.serve.problems import Problem
from hilum.serve.serving import Serving
from hilum.serve.settings import Caps, Settings


def test_without_a_model_only_runs_are_served(tmp_path):
    with client_of(runs=tmp_path) as client:
        assert is_problem(client.get("/api/model"), 404)
        assert is_problem(client.post("/api/predict", files=files(a=flat(51))), 404)
        assert client.get("/api/runs").json() == {"runs": []}


def test_the_limits_of_the_settings_hold(tiny_model):
    serving = Serving(Reader(tiny_model, 1), Settings(workers=1, caps=Caps(total_bytes=5)), Meters())
    assert serving.served.facts.classes == ("dark", "grey", "bright")
    serving.budget.take(5)
    with pytest.raises(Problem):
        serving.budget.take(1)
