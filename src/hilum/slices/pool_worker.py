"""The process that decodes: it does jobs that come on its standard input until that ends, and prints nothing else.

A request has `job`, the function that does it (`hilum.module:name`); `path`, or the bytes of a file; `key` (a request
with the key of the previous one need not send the bytes again; null is no key); `seconds`; and fields of the job. An
answer has a `reason` for failure, or the first item that the job yields.
"""

import logging
import os
import sys
import warnings
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from hilum.processes import Message, alarm, answer_stream, limit, receive, send
from hilum.slices.jobs import Source  # at the start, while nobody waits for an answer yet
from hilum.slices.read import UnreadableSlice

NO_MEMORY = 71  # exit status of a process that reached its memory limit
_LATE = 10  # seconds beyond the allowed time after which a process without a parent ends itself


def main() -> None:
    """Does jobs until the standard input ends. The first argument is the memory limit in bytes."""
    requests, answers = sys.stdin.buffer, answer_stream()
    limit("RLIMIT_AS", int(sys.argv[1]))
    warnings.simplefilter("ignore")
    logging.disable()
    key, source = None, Source(b"")
    try:
        while True:
            request, data = receive(requests)
            if request["key"] is None or request["key"] != key:
                key, source = request["key"], Source(data if request["path"] is None else Path(request["path"]))
            alarm(request["seconds"] + _LATE)
            fields, blob = _answer(request, source)
            alarm(0)
            if "reason" in fields:
                key = None
            send(answers, fields, blob)
    except EOFError:
        return
    except MemoryError:
        os._exit(NO_MEMORY)


def _answer(request: dict[str, Any], source: Source) -> Message:
    try:
        if not request["job"].startswith("hilum."):
            raise ValueError("not a job of hilum")
        answer: Message = next(resolve_name(request["job"])(source, request))
        return answer
    except UnreadableSlice as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from error
        return {"reason": str(error)}, b""
    except MemoryError:
        raise
    except Exception as error:  # its message might quote a header
        return {"reason": f"it cannot be read ({type(error).__name__})"}, b""


if __name__ == "__main__":
    main()
