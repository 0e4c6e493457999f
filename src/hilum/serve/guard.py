"""Checks on every request (host, origin, token, number of requests) and headers on every answer."""

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
# Forms of other sites cannot send this header, and their scripts need a preflight.
ASKED_BY, OURS = "x-requested-with", "hilum"
COOKIE = "hilum-reports"
_PORT = re.compile(r":\d*$")
LARGEST_HEAD = 16 * 2**10  # bytes of the request line and headers
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WORK = ("/api/", "/runs/")  # paths that count as work and need the token
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
    """An ASGI application that guards another one.

    Args:
        app: Application to guard.
        settings: Settings of the server.
        meters: Metrics of the server.
    """

    def __init__(self, app: ASGIApp, settings: Settings, meters: Meters) -> None:
        self._app, self._settings, self._meters = app, settings, meters
        self._at_work = set[object]()
        # A frame cannot send the token header, so reports also accept this cookie.
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
                self._add_headers(scope, message)
            async with asyncio.timeout(self._settings.caps.upload_seconds):  # until the socket buffer accepts it
                await send(message)

        try:
            self._check(scope)
            if work:
                self._take(place)
                if _has_body(scope):  # a body takes no place until it is complete, so slow uploads block nobody
                    self._leave(place)
            try:
                await self._app(scope, receiving, sending)
            finally:
                self._leave(place)
        except Problem as problem:
            await problem_response(problem)(scope, receive, sending)
        except ClientDisconnect:  # there is no client to answer
            status = _GONE
        except Exception as error:  # its message may quote a file, so neither client nor log sees it
            LOG.error("%s at %s", type(error).__name__, _origin(error))
            if not status:
                await problem_response(Problem(500, GENERIC))(scope, receive, sending)
        self._record(scope, status, time.perf_counter() - start)

    def _take(self, place: object) -> None:
        """Counts a request as in flight, from the end of its body to the start of its answer.

        Raises:
            Problem: Too many requests are in flight (503).
        """
        if place not in self._at_work and len(self._at_work) >= self._settings.caps.in_flight:
            raise Problem(503, "The server is busy with other requests. Try again shortly.", {"Retry-After": "1"})
        self._at_work.add(place)
        self._meters.in_flight.set(len(self._at_work))

    def _leave(self, place: object) -> None:
        self._at_work.discard(place)
        self._meters.in_flight.set(len(self._at_work))

    def _check(self, scope: Scope) -> None:
        if _head_size(scope) > LARGEST_HEAD:  # the protocol limits only incomplete heads
            raise Problem(400, f"The address and headers of a request may have at most {LARGEST_HEAD:,} bytes.")
        request, path = HTTPConnection(scope), scope["path"]
        access, headers = self._settings.access, request.headers
        if not access.names(_PORT.sub("", headers.get("host", "")).strip("[]")):
            raise Problem(421, "The Host header does not name this server.")
        _check_origin(headers, path)
        if access.token is not None and path.startswith((*_WORK, "/metrics")):
            cookie = path.startswith("/runs/") and _same(request.cookies.get(COOKIE, ""), self._reports)
            kind, token = get_authorization_scheme_param(headers.get("authorization"))
            if not cookie and not (kind.lower() == "bearer" and _same(token, access.token.decode())):
                raise Problem(
                    401, "Send the token of this server: Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"}
                )
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and headers.get(ASKED_BY) != OURS:
            raise Problem(403, "Send the header X-Requested-With: hilum. Pages of other sites cannot send it.")

    def _add_headers(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        token, path = self._settings.access.token, scope["path"]
        if token is not None and path.startswith("/api/") and message["status"] < 400:
            headers.append("set-cookie", f"{COOKIE}={self._reports}; Path=/runs/; HttpOnly; SameSite=Strict")

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        """Logs and counts the request by its route, without any value in the address."""
        route = _route(scope)
        self._meters.requests.labels(scope["method"] if scope["method"] in _METHODS else "other", route, status).inc()
        self._meters.seconds.labels(route).observe(seconds)
        LOG.info("%s %s %d %.0f ms", scope["method"][:8], route, status, seconds * 1000)


_GONE = 499  # in the log only: the client disconnected before the answer
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _head_size(scope: Scope) -> int:
    """The size of a request's address and headers in bytes, with separators."""
    path = scope.get("raw_path") or scope["path"].encode()
    return len(path) + len(scope["query_string"]) + sum(len(name) + len(value) + 4 for name, value in scope["headers"])


def _check_origin(headers: Headers, path: str) -> None:
    """Refuses requests from pages of other origins, as far as the browser reports them."""
    origin, host = headers.get("origin"), headers.get("host", "").lower()
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        raise Problem(403, "Pages of other origins are not allowed.")
    site = headers.get("sec-fetch-site", "none")
    if path.startswith(_WORK) and site not in ("none", "same-origin"):
        raise Problem(403, "Pages of other sites are not allowed.")


def _same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, compared in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def _route(scope: Scope) -> str:
    otherwise = "/static" if scope["path"].startswith("/static/") else "other"
    return getattr(scope.get("route"), "path", None) or otherwise


def _origin(error: BaseException) -> str:
    """The file and line where an error was raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{last.filename}:{last.lineno}"
