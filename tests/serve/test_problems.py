"""Errors of the API."""

import asyncio
import json

import pytest
from helpers.brightness import write_model
from helpers.uploads import client_of, files, flat, is_problem
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from hilum.errors import HilumError
from hilum.serve.problems import GENERIC, MODEL_FAILED, Problem, on_problem


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (Problem(413, "Too large."), 413, "Too large."),
        (HTTPException(404), 404, "There is nothing at this address."),
        (HTTPException(418, "tea"), 418, "tea"),
        (ClientDisconnect(), 400, "The connection was closed before the request was complete."),
        (HilumError("/secret/model.onnx is damaged"), 500, MODEL_FAILED),
        (ValueError("/secret"), 500, GENERIC),
    ],
)
def test_every_error_becomes_a_problem_that_tells_nothing_of_the_inside(error, status, detail):
    response = asyncio.run(on_problem(None, error))
    body = json.loads(response.body)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, body["status"], body["detail"]) == (status, status, detail)


def test_a_model_that_gives_no_answer_is_said_without_its_place(tmp_path, caplog):
    model = write_model(tmp_path / "model.onnx", classes=["dark", "grey", "bright", "none"])
    with client_of(model) as client:
        response = client.post("/api/predict", files=files(a=flat(51)))
        assert is_problem(response, 500)
        assert response.json()["detail"] == MODEL_FAILED
        assert is_problem(client.post("/api/explain", files=files(a=flat(51))), 500)
    assert str(tmp_path) not in response.text
    assert f"{model} gives answers that do not fit its own record" in caplog.text
