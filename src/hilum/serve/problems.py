"""Errors of the API in the format of RFC 9457, `application/problem+json`."""

import logging
from http.client import responses

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from hilum.errors import HilumError
from hilum.serve.response import Answer

MEDIA_TYPE = "application/problem+json"
MODEL_FAILED = "The model failed on this slice. The log of the server has the reason. Other slices can still be sent."
GENERIC = "The server had an internal error. Try the request again."


class Problem(HTTPException):
    """A request that cannot be answered. The detail says why and what to do, without quoting a file or header."""


def problem_response(problem: HTTPException) -> Answer:
    """The response for a problem."""
    status = problem.status_code
    content = {"type": "about:blank", "title": responses.get(status, "Error"), "status": status}
    return Answer({**content, "detail": problem.detail}, status, problem.headers, MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> Answer:
    """Handles every exception. The details of unexpected ones are not disclosed."""
    return problem_response(_as_problem(error))


def _as_problem(error: Exception) -> HTTPException:
    if isinstance(error, HTTPException) and not isinstance(error, Problem):
        return Problem(error.status_code, _DETAILS.get(error.status_code, str(error.detail)), error.headers)
    if isinstance(error, RequestValidationError):
        places = {".".join(map(str, one["loc"])): str(one["msg"]) for one in error.errors()}
        return Problem(422, "; ".join(f"{place}: {message}" for place, message in places.items()))
    if isinstance(error, ClientDisconnect):
        return Problem(400, "The connection was closed before the request was complete.")
    if isinstance(error, HilumError):  # from the model, because the request was checked before
        logging.getLogger("hilum.serve").error(
            "%s", error
        )  # its message names the model's file, which the client must not see
        return Problem(500, MODEL_FAILED)
    return error if isinstance(error, Problem) else Problem(500, GENERIC)


_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not support the method. The Allow header lists the methods that it supports.",
}
