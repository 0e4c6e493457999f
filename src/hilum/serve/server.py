"""The server process: its socket, connections and log."""

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hilum.errors import HilumError
from hilum.serve.guard import LARGEST_HEAD, LOG, Guard
from hilum.serve.problems import Problem, problem_response

PORT = 8000


def listen(host: str, port: int | None) -> socket.socket:
    """Binds a socket to the given port, or to `PORT`, or to a free port if `PORT` is taken.

    Raises:
        HilumError: The address does not belong to this machine, or the port is taken.
    """
    wanted = PORT if port is None else port
    try:
        return _bound(host, wanted)
    except OSError as error:
        if port is None:
            with suppress(OSError):
                return _bound(host, 0)
        reason = (error.strerror or str(error)).partition(" (while ")[0]  # `create_server` appends the address
        raise HilumError(
            f"hilum cannot listen at {host}, port {wanted} ({reason}). Give another --host or --port."
        ) from error


def address_of(bound: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def run(app: Guard, bound: socket.socket, head_seconds: float) -> None:
    """Serves the application until it is interrupted.

    Args:
        app: Application to serve.
        bound: Socket to listen at.
        head_seconds: Time limit for the headers of a request.
    """
    _log_to_standard_error()

    class Patient(_Protocol):
        seconds = head_seconds

    config = uvicorn.Config(
        app,
        http=Patient,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",  # uvicorn's own lines contain addresses and error messages
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    uvicorn.Server(config).run([bound])


class _Protocol(H11Protocol):
    """A connection of uvicorn with a time limit for headers, which answers malformed HTTP with a problem."""

    seconds: float
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Starts the timer for headers, or for data after an answer. Received bytes do not extend it."""
        answered = self.conn.our_state in (h11.DONE, h11.MUST_CLOSE) and self.conn.their_state is h11.SEND_BODY
        if (answered or self.conn.their_state is h11.IDLE) and not self.transport.is_closing():
            self._timer = self._timer or self.loop.call_later(self.seconds, self._end)
        elif self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._timer = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
        elif self.conn.their_state is h11.SEND_BODY and self.conn.our_state in (h11.DONE, h11.MUST_CLOSE):
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        response = problem_response(Problem(400, "The request is not well-formed HTTP, or its headers are too long."))
        headers: list[tuple[bytes, bytes]] = [*response.raw_headers, (b"connection", b"close")]
        events: list[Any] = [
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(response.body)),
            h11.EndOfMessage(),
        ]
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # it was already answered
            self.transport.abort()
            return
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _bound(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    return socket.create_server(address, family=family, backlog=128, dualstack_ipv6=dual)


def _log_to_standard_error() -> None:
    for library in ("python_multipart", "asyncio"):  # their messages contain parts of requests
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    if not LOG.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        LOG.propagate = False
