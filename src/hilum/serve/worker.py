"""The process that decodes uploads: answers jobs on its standard input until that ends; says nothing anywhere else.

A job has `kind` (`squares`, `picture` or `thumbnail`), `window`, `salt`, `seconds` and the file's bytes, and what its
kind asks. Of `squares` come one answer for a few frames at a time, the last with `more` false; of others one answer.
"""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from hilum.explain.placing import seen_box
from hilum.serve.drawing import LARGEST, THUMBNAIL, grey_png, values_of
from hilum.serve.messages import read, write
from hilum.slices.body import body_box
from hilum.slices.frames import Frame, is_dicom, read_frames
from hilum.slices.read import UnreadableSlice
from hilum.slices.resize import crop_and_resize

CHUNK = 8  # frames of an answer
_MEMORY = 4 * 2**30
_LATE = 10  # seconds after its time at which a worker whose server is gone ends itself

Job = dict[str, Any]
Found = tuple[Frame, NDArray[np.float32] | None]


def main() -> None:
    """Answers until the standard input ends."""
    jobs, answers = sys.stdin.buffer, _answers()
    _limit()
    warnings.simplefilter("ignore")
    logging.disable()
    while (message := read(jobs)) is not None:
        job, data = message
        _alarm(job)
        try:
            if job["kind"] == "squares":
                _squares(answers, job, data)
            else:
                fields, blob = (_picture if job["kind"] == "picture" else _thumbnail)(job, data)
                write(answers, {**fields, "more": False}, blob)
        except UnreadableSlice as error:
            write(answers, {"frames": [], "more": False, "reason": str(error)})
        except Exception as error:  # its words might quote a header
            reason = f"it cannot be read ({type(error).__name__})"
            write(answers, {"frames": [], "more": False, "reason": reason})
        _alarm(None)


def _squares(answers: IO[bytes], job: Job, data: bytes) -> None:
    """Every frame from `first` on as the model takes it; what came before an unreadable one is still answered."""
    facts, squares = list[dict[str, Any]](), list[bytes]()
    try:
        for frame, _ in _frames(data, job, job["first"]):
            facts.append({**_facts(frame), "thumbnail": grey_png(frame.pixels, THUMBNAIL)})
            squares.append(_square(frame, job).tobytes())
            if len(facts) == CHUNK:
                _alarm(None)  # what waits to be taken is no decoding; a server that is gone breaks the pipe
                write(answers, {"frames": facts, "more": True}, b"".join(squares))
                _alarm(job)
                facts, squares = [], []
    except Exception:
        if facts:
            write(answers, {"frames": facts, "more": True}, b"".join(squares))
        raise
    write(answers, {"frames": facts, "more": False}, b"".join(squares))


def _picture(job: Job, data: bytes) -> tuple[Job, bytes]:
    """One frame as the model takes it, with the pictures of it that a page shows."""
    frame, values = _frame(data, job)
    height, width = frame.pixels.shape
    window = frame.facts.get("window")
    fields = {
        "frames": [_facts(frame)],
        "size": [width, height],
        "box": list(seen_box(frame.pixels, job["crop"])),
        "picture": grey_png(frame.pixels, LARGEST),
        "values": None if values is None else values_of(values),
        "window": None if window is None else dict(zip(("center", "width"), window, strict=True)),  # type: ignore[call-overload]
    }
    return fields, _square(frame, job).tobytes()


def _thumbnail(job: Job, data: bytes) -> tuple[Job, bytes]:
    frame, _ = _frame(data, job)
    return {"thumbnail": grey_png(frame.pixels, job["side"])}, b""


def _frame(data: bytes, job: Job) -> Found:
    number = job["frame"] or 1
    found = next(_frames(data, job, number - 1), None) if number == 1 or is_dicom(data) else None
    if found is None:
        raise UnreadableSlice(f"it has no frame {number}")
    return found


def _frames(data: bytes, job: Job, first: int) -> Iterator[Found]:
    if not is_dicom(data):
        yield from ((frame, None) for frame in read_frames(data, job["window"]))
        return
    from hilum.serve.values import ValuedFile

    file = ValuedFile(data)
    for number in range(first, file.frames):
        pixels, fields = file.frame(number, job["window"], bytes.fromhex(job["salt"]))
        yield Frame(pixels, "DICOM", **fields), file.values


def _square(frame: Frame, job: Job) -> NDArray[np.float32]:
    """As `hilum.predict.run.square_of`, of which this process knows the facts that count only."""
    box = body_box(frame.pixels) if job["crop"] else None
    return crop_and_resize(frame.pixels, box, job["size"], job["interpolation"])


def _facts(frame: Frame) -> dict[str, Any]:
    return {"number": frame.number, "doubt": frame.doubt, "series": frame.scan, "position": frame.position}


def _answers() -> BinaryIO:
    """Standard output for answers alone: what a decoder prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _limit() -> None:
    """Bounds the memory, and forbids core dumps, which would hold headers; where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass


def _alarm(job: Job | None) -> None:
    """Ends this process some time after a job's has run out, lest one outlive its server; None: it need not."""
    if hasattr(signal, "alarm"):
        signal.alarm(0 if job is None else int(job["seconds"]) + _LATE)


if __name__ == "__main__":
    main()
