"""Errors of the API as RFC 9457 has them: `application/problem+json`."""

import logging
from http.client import responses

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from hilum.errors import HilumError
from hilum.serve.response import Answer

MEDIA_TYPE = "application/problem+json"
MODEL_FAILED = "The model gave no answer on this; the server's log says why. Other slices may be sent."
GENERIC = "Something went wrong in the server. The request may be tried again."


class Problem(HTTPException):
    """A request that cannot be answered; the detail says why, and what to do about it, and quotes no file or header."""


def problem_response(problem: HTTPException) -> Answer:
    """The response of a problem."""
    status = problem.status_code
    content = {"type": "about:blank", "title": responses.get(status, "Error"), "status": status}
    return Answer({**content, "detail": problem.detail}, status, problem.headers, MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> Answer:
    """Answers any error: ours, Starlette's, FastAPI's, and what nobody expected, of which nothing is told."""
    return problem_response(_as_problem(error))


def _as_problem(error: Exception) -> HTTPException:
    if isinstance(error, HTTPException) and not isinstance(error, Problem):
        return Problem(error.status_code, _DETAILS.get(error.status_code, str(error.detail)), error.headers)
    if isinstance(error, RequestValidationError):
        places = {".".join(map(str, one["loc"])): str(one["msg"]) for one in error.errors()}
        return Problem(422, "; ".join(f"{place}: {message}" for place, message in places.items()))
    if isinstance(error, ClientDisconnect):
        return Problem(400, "The connection was closed before the request was whole.")
    if isinstance(error, HilumError):  # of the model: what a client sends is judged before
        logging.getLogger("hilum.serve").error("%s", error)  # it names the model's file, which is the server's alone
        return Problem(500, MODEL_FAILED)
    return error if isinstance(error, Problem) else Problem(500, GENERIC)


_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take the method; the Allow header says what it takes.",
}
