"""The process that runs an exported network: a graph is a program, and this one may take no more than it is given.

A message is a line of JSON, and behind it the bytes of the arrays whose types and shapes the line names. The first
answer says what the file is; then every request, with `seconds` and a batch of slices, gets the network's outputs, or
none where it is `tried` only. An answer with `reason` is the last one.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from hilum.model.limits import memory_limited

OUTPUTS = ("probabilities", "outlier_score", "map", "neighbours", "distances")
Message = dict[str, Any]


def main() -> None:
    """Answers until the standard input ends.

    Its arguments are the file, the number of threads, where 0 leaves it to ONNX Runtime, and the seconds that loading
    may take.
    """
    path, threads, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    requests, answers = sys.stdin.buffer, _answers()
    _no_core()
    try:
        _alarm(seconds)
        session, about = _opened(path, threads)
        _alarm(0)
        send(answers, about)
        while (request := receive(requests)) is not None:
            (greys,) = arrays_of(requests, request)
            _alarm(request["seconds"])
            given = session.run(OUTPUTS, {about["inputs"][0][0]: greys})
            _alarm(0)
            send(answers, {}, [] if request["tried"] else given)
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        send(answers, {"reason": "memory" if "alloc" in str(error) else "failed"})


def send(stream: IO[bytes], message: Message, arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Writes a message."""
    kinds = [[array.dtype.name, list(array.shape)] for array in arrays]
    stream.write(json.dumps({**message, "arrays": kinds}).encode() + b"\n")
    for array in arrays:
        stream.write(array.tobytes())
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """Reads a message but for its arrays; None where the other side is gone."""
    line = stream.readline()
    return json.loads(line) if line.endswith(b"\n") else None


def arrays_of(stream: IO[bytes], message: Message) -> list[NDArray[Any]]:
    """Reads the arrays of a message.

    Raises:
        EOFError: The other side is gone.
    """
    arrays = []
    for kind, shape in message["arrays"]:
        array = np.empty(shape, kind)
        data = stream.read(array.nbytes)
        if len(data) < array.nbytes:
            raise EOFError
        arrays.append(np.frombuffer(bytearray(data), kind).reshape(shape))
    return arrays


def _opened(path: str, threads: int) -> tuple[Any, Message]:
    import onnxruntime  # within the limits, as everything that the file can reach

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Data beside the file could be anyone's: everything that hilum writes is inside it.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session, {
        "metadata": session.get_modelmeta().custom_metadata_map,
        "inputs": [[each.name, each.type, each.shape[1:]] for each in session.get_inputs()],
        "outputs": {each.name: each.type for each in session.get_outputs()},
    }


def _answers() -> BinaryIO:
    """Standard output for answers alone: what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _no_core() -> None:
    """Forbids core dumps, which would hold slices; where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _alarm(seconds: int) -> None:
    """Ends this process after some seconds, whatever it is doing and whether hilum is still there; 0: not any more."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    with memory_limited():
        main()
