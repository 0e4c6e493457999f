"""What every request passes: who asks and from where, how many at a time, and what stands around each answer."""

import asyncio
import hmac
import logging
import re
import secrets
import time
import traceback

from fastapi.security.utils import get_authorization_scheme_param
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hilum.serve.meters import Meters
from hilum.serve.problems import GENERIC, Problem, problem_response
from hilum.serve.settings import Settings

LOG = logging.getLogger("hilum.serve")
ASKED_BY, OURS = "x-requested-with", "hilum"  # no other site's form can send it, and no script without a preflight
COOKIE = "hilum-reports"
_PORT = re.compile(r":\d*$")
LARGEST_HEAD = 16 * 2**10  # bytes of a request's line and headers
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WORK = ("/api/", "/runs/")  # what counts as work, and what a token is for
_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """An ASGI application around another one.

    Args:
        app: What answers.
        settings: Of the server.
        meters: What is counted.
    """

    def __init__(self, app: ASGIApp, settings: Settings, meters: Meters) -> None:
        self._app, self._settings, self._meters = app, settings, meters
        self._at_work = set[object]()
        # A frame with a report cannot send a header; this lets it in, and nothing else.
        self._reports = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0
        work, place = scope["path"].startswith(_WORK), object()

        async def receiving() -> Message:
            message = await receive()
            if work and not status and message["type"] == "http.request" and not message.get("more_body"):
                self._take(place)
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._leave(place)
                self._dress(scope, message)
            async with asyncio.timeout(self._settings.caps.upload):  # handed over, not read: the socket holds much
                await send(message)

        try:
            self._check(scope)
            if work:
                self._take(place)
                if _has_body(scope):  # a slow one holds no place until it is whole, so many of them shut nobody out
                    self._leave(place)
            try:
                await self._app(scope, receiving, sending)
            finally:
                self._leave(place)
        except Problem as problem:
            await problem_response(problem)(scope, receive, sending)
        except ClientDisconnect:  # nobody is there to be answered
            status = _GONE
        except Exception as error:  # of which neither client nor log may see the words: they might quote a file
            LOG.error("%s at %s", type(error).__name__, _place(error))
            if not status:
                await problem_response(Problem(500, GENERIC))(scope, receive, sending)
        self._told(scope, status, time.perf_counter() - start)

    def _take(self, place: object) -> None:
        """Counts a request among those that are worked on: from the end of its body to the beginning of its answer.

        Raises:
            Problem: There are too many (503).
        """
        if place not in self._at_work and len(self._at_work) >= self._settings.caps.in_flight:
            raise Problem(503, "The server has as many requests as it can. Try again shortly.", {"Retry-After": "1"})
        self._at_work.add(place)
        self._meters.in_flight.set(len(self._at_work))

    def _leave(self, place: object) -> None:
        self._at_work.discard(place)
        self._meters.in_flight.set(len(self._at_work))

    def _check(self, scope: Scope) -> None:
        if _head_size(scope) > LARGEST_HEAD:  # the protocol bounds only one that is not complete
            raise Problem(400, f"The request's address and headers may have {LARGEST_HEAD:,} bytes.")
        request, path = HTTPConnection(scope), scope["path"]
        access, headers = self._settings.access, request.headers
        if not access.names(_PORT.sub("", headers.get("host", "")).strip("[]")):
            raise Problem(421, "The Host header names another server than this one.")
        _check_origin(headers, path)
        if access.token is not None and path.startswith((*_WORK, "/metrics")):
            cookie = path.startswith("/runs/") and _same(request.cookies.get(COOKIE, ""), self._reports)
            kind, token = get_authorization_scheme_param(headers.get("authorization"))
            if not cookie and not (kind.lower() == "bearer" and _same(token, access.token.decode())):
                raise Problem(
                    401, "Send the token of this server: Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"}
                )
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and headers.get(ASKED_BY) != OURS:
            raise Problem(403, "Send the header X-Requested-With: hilum, which keeps other sites' pages out.")

    def _dress(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        token, path = self._settings.access.token, scope["path"]
        if token is not None and path.startswith("/api/") and message["status"] < 400:
            headers.append("set-cookie", f"{COOKIE}={self._reports}; Path=/runs/; HttpOnly; SameSite=Strict")

    def _told(self, scope: Scope, status: int, seconds: float) -> None:
        """Logs and counts by the address of the route, never by what stands in it."""
        route = _route(scope)
        self._meters.requests.labels(scope["method"] if scope["method"] in _METHODS else "other", route, status).inc()
        self._meters.seconds.labels(route).observe(seconds)
        LOG.info("%s %s %d %.0f ms", scope["method"][:8], route, status, seconds * 1000)


_GONE = 499  # in the log alone: the client went before it was answered
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _head_size(scope: Scope) -> int:
    """Bytes of a request's address and headers, with what stands between and after them."""
    path = scope.get("raw_path") or scope["path"].encode()
    return len(path) + len(scope["query_string"]) + sum(len(name) + len(value) + 4 for name, value in scope["headers"])


def _check_origin(headers: Headers, path: str) -> None:
    """Sees that no page of another origin asks, as far as the browser tells."""
    origin, host = headers.get("origin"), headers.get("host", "").lower()
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        raise Problem(403, "Pages of other origins may not ask this server.")
    site = headers.get("sec-fetch-site", "none")
    if path.startswith(_WORK) and site not in ("none", "same-origin"):
        raise Problem(403, "Pages of other sites may not ask this server.")


def _same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def _route(scope: Scope) -> str:
    otherwise = "/static" if scope["path"].startswith("/static/") else "other"
    return getattr(scope.get("route"), "path", None) or otherwise


def _place(error: BaseException) -> str:
    """Where an error came from: the module and line of its innermost frame."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{last.filename}:{last.lineno}"
