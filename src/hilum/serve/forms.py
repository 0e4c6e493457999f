"""Uploads: multipart bodies (RFC 7578), read into memory within limits and never written to disk."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from hilum.serve.problems import Problem
from hilum.serve.settings import Caps

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILES = "files"
T = TypeVar("T")
_LONGEST_FIELD = 1024  # bytes
_PARAMETER = re.compile(r';[ \t]*(name|filename)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n", '\\"': '"', "\\\\": "\\"}  # as browsers and curl write names


@dataclass(frozen=True)
class Upload:
    """A file: its name, which is never used as a path, and its bytes, which are cleared when the form is closed."""

    name: str
    data: bytearray


@dataclass(frozen=True)
class Form:
    """The files of a body, in order, and its other fields."""

    files: tuple[Upload, ...]
    fields: Mapping[str, str]


class UploadBudget:
    """A limit on the bytes of all request bodies together.

    Attributes:
        bytes: Bytes that are in memory.
    """

    def __init__(self, most: int) -> None:
        self._most, self.bytes = most, 0

    def take(self, count: int) -> None:
        """Counts received bytes.

        Raises:
            Problem: The limit is exceeded (503).
        """
        if self.bytes + count > self._most:
            raise Problem(503, "The server is busy with other uploads. Try again shortly.", {"Retry-After": "2"})
        self.bytes += count

    def give(self, count: int) -> None:
        """Counts released bytes."""
        self.bytes -= count


async def cancel_on_disconnect(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Runs work for a request whose body was read, and cancels it if the client disconnects.

    Raises:
        ClientDisconnect: The client disconnected.
    """
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientDisconnect
    finally:
        for task in (doing, leaving):
            task.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def form_of(
    request: Request, caps: Caps, budget: UploadBudget, names: Collection[str], most: int | None = None
) -> AsyncIterator[Form]:
    """Reads a body. Its bytes are cleared when the context ends, even if something still refers to the form.

    Args:
        request: Request to read.
        caps: Limits of a request.
        budget: Limit on the bytes of all bodies.
        names: Names of the fields that are allowed next to `files`.
        most: Maximum number of files, or None for that of `caps`.

    Raises:
        Problem: The body is not a multipart form, has unknown fields, too much data or no files, or is too slow.
    """
    taken, parts = 0, _Parts(names, caps.files if most is None else most)
    try:
        parser = MultipartParser(_boundary(request), parts.callbacks())
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > caps.bytes:
            raise _too_large(caps)
        async for piece in _pieces(request, caps):
            if taken + len(piece) > caps.bytes:
                raise _too_large(caps)
            budget.take(len(piece))
            taken += len(piece)
            parser.write(piece)
        yield parts.form()
    except FormParserError as error:
        raise Problem(400, "The body is not a well-formed multipart form.") from error
    finally:
        budget.give(taken)
        parts.clear()


async def _pieces(request: Request, caps: Caps) -> AsyncIterator[bytes]:
    stream, loop = request.stream(), asyncio.get_running_loop()
    end, since, came = loop.time() + caps.upload_seconds, loop.time(), 0
    while True:
        try:
            async with asyncio.timeout_at(min(since + caps.stall_seconds, end)):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            # Close the connection, because the rest of this body would be read as a new request.
            raise Problem(408, "The upload came too slowly. Send less at a time.", {"Connection": "close"}) from error
        came += len(piece)
        if came >= caps.stall_bytes:
            since, came = loop.time(), 0
        yield piece


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise Problem(415, f"The body must be multipart/form-data with files in the field {FILES!r}.")
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:  # RFC 2046, 5.1.1
        raise Problem(400, "The Content-Type header must name a boundary of 1 to 70 characters.")
    return boundary


def _too_large(caps: Caps) -> Problem:
    return Problem(413, f"A request may have at most {caps.bytes // 2**20} MB. Send fewer files at a time.")


@dataclass
class _Part:
    disposition: str = ""
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    data: bytearray = field(default_factory=bytearray)
    name: str = ""
    file: str | None = None


class _Parts:
    """The parts that were received so far."""

    def __init__(self, names: Collection[str], most: int) -> None:
        self._names, self._most = names, most
        self._files, self._fields = list[Upload](), dict[str, str]()
        self._part, self._ended = _Part(), False

    def callbacks(self) -> "MultipartCallbacks":
        """Callbacks for a parser. The parser is not kept here, because a reference cycle would keep the bytes alive."""
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": lambda data, start, end: self._part.header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._part.value.extend(data[start:end]),
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def clear(self) -> None:
        """Clears the bytes, even if a task or a traceback still refers to their owners."""
        for data in (self._part.data, *(upload.data for upload in self._files)):
            data.clear()

    def form(self) -> Form:
        """The form.

        Raises:
            Problem: The body ended too early or has no file.
        """
        if not self._ended:
            raise Problem(400, "The body is not a well-formed multipart form: it ends before its last boundary.")
        if not self._files:
            raise Problem(422, f"The form has no file in the field {FILES!r}.")
        return Form(tuple(self._files), self._fields)

    def _on_part_begin(self) -> None:
        self._part = _Part()

    def _on_header_end(self) -> None:
        part = self._part
        if part.header.lower() == b"content-disposition":
            part.disposition = part.value.decode("utf-8", "backslashreplace")
        part.header, part.value = bytearray(), bytearray()

    def _on_headers_finished(self) -> None:
        part = self._part
        if not part.disposition.lower().startswith("form-data"):
            raise Problem(400, "A part of the form has no Content-Disposition header of the kind form-data.")
        given = {name: bare or _unescaped(quoted) for name, quoted, bare in _PARAMETER.findall(part.disposition)}
        part.name, part.file = given.get("name", ""), given.get("filename")
        if part.name == FILES:
            if part.file is None:
                raise Problem(422, f"A part of the field {FILES!r} is not a file, because it has no file name.")
            if len(self._files) >= self._most:
                files = "one file" if self._most == 1 else f"{self._most} files"
                raise Problem(413, f"A request may have at most {files}. Send the others in further requests.")
        elif part.name not in self._names or part.file is not None:
            known = ", ".join([FILES, *self._names])
            raise Problem(422, f"The form has an unknown field. Known fields: {known}.")
        elif part.name in self._fields:
            raise Problem(422, f"The field {part.name!r} was sent twice.")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.data += data[start:end]
        if part.file is None and len(part.data) > _LONGEST_FIELD:
            raise Problem(413, f"The field {part.name!r} is longer than {_LONGEST_FIELD} bytes.")

    def _on_part_end(self) -> None:
        part = self._part
        if part.file is not None:
            self._files.append(Upload(part.file, part.data))
        else:
            self._fields[part.name] = part.data.decode("utf-8", "backslashreplace")
        self._part = _Part()

    def _on_end(self) -> None:
        self._ended = True


def _unescaped(value: str) -> str:
    return re.sub(r'%22|%0D|%0A|\\"|\\\\', lambda found: _ESCAPED[found[0]], value)
