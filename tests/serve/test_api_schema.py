"""The API as its OpenAPI description has it: whatever is sent by it, no server error, and the answers it describes."""

import pytest
import schemathesis
from helpers.uploads import OURS, server_of
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
OPERATIONS = [
    "GET /api/model",
    "POST /api/predict",
    "POST /api/explain",
    "GET /api/runs",
    "GET /api/runs/{name}",
    "GET /api/runs/{name}/history",
    "GET /api/runs/{name}/predictions",
    "GET /api/runs/{name}/slice",
    "GET /runs/{name}/report.html",
    "GET /healthz",
    "GET /metrics",
]


@pytest.fixture(scope="module")
def described(tiny_model):
    with server_of(tiny_model) as (address, _):
        schema = schemathesis.openapi.from_url(f"{address}openapi.json")
        yield {operation.ok().label: operation.ok() for operation in schema.get_all_operations()}


def test_the_description_names_every_address(described):
    assert sorted(described) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_by_the_description_is_a_server_error(described, label, mode):
    operation = described[label]
    if mode is schemathesis.GenerationMode.NEGATIVE and not (operation.query or operation.headers or operation.body):
        return  # what takes nothing cannot be given something wrong

    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        response = case.call(headers=OURS)
        case.validate_response(response, checks=CHECKS)
        assert "Traceback" not in response.text

    check()
