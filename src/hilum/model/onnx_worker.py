"""The process that runs an exported network, under limits of time and memory.

Its first message describes the file. Each request holds a batch of slices, a time limit in `seconds` and whether the
network is only `tried`; the answer holds the network's outputs, or no outputs if it was only tried. A message with
`reason` is the last one. The field `arrays` has the types and shapes of the arrays whose bytes follow a message.
"""

import math
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.model.limits import memory_limited
from hilum.processes import Message, alarm, answer_stream, receive, send
from hilum.text import spelt

_MOST = 4  # slices at a time; more would take more memory
OUTPUTS = ("probabilities", "outlier_score", "map", "neighbours", "distances")


def main() -> None:
    """Answers requests until the standard input ends.

    The command line gives the file, the number of threads (0 leaves it to ONNX Runtime) and the time limit of loading
    in seconds.
    """
    path, threads, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    requests, answers = sys.stdin.buffer, answer_stream()
    side_by_side = ThreadPoolExecutor(min(_MOST, threads or os.cpu_count() or 1))
    try:
        alarm(seconds)
        session, about = _opened(path, threads)
        alarm(0)
        send(answers, about)
        name = about["inputs"][0][0]
        while True:
            request, data = receive(requests)
            (greys,) = arrays_of(request, data)
            alarm(request["seconds"])
            # Slices run one at a time, because more do not fit into the processor's caches, and side by side, because
            # working on one together wastes more.
            each = side_by_side.map(lambda grey: session.run(OUTPUTS, {name: grey[None]}), greys)
            given = [np.concatenate(parts) for parts in zip(*each, strict=True)]
            alarm(0)
            send(answers, *message_of({}, [] if request["tried"] else given))
    except EOFError:
        return
    except Exception as error:  # ONNX Runtime's errors share no class of their own
        send(answers, {"reason": "memory" if "alloc" in str(error) else "failed"})


def message_of(fields: Mapping[str, Any], arrays: Sequence[NDArray[Any]]) -> Message:
    """A message with arrays."""
    kinds = [[array.dtype.name, list(array.shape)] for array in arrays]
    return {**fields, "arrays": kinds}, b"".join(array.tobytes() for array in arrays)


def arrays_of(fields: Mapping[str, Any], data: bytes | bytearray) -> list[NDArray[Any]]:
    """The arrays of a message."""
    arrays, start, data = list[NDArray[Any]](), 0, bytearray(data)  # writable arrays
    for kind, shape in fields["arrays"]:
        arrays.append(np.frombuffer(data, kind, math.prod(shape), start).reshape(shape))
        start += arrays[-1].nbytes
    return arrays


def _opened(path: str, threads: int) -> tuple[Any, dict[str, Any]]:
    import onnxruntime  # imported under the limits, like everything that the file can reach

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Data beside the file could be anyone's; hilum writes everything into the file.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # it would keep decoders from working
    source = path if spelt(path) == path else Path(path).read_bytes()  # ONNX Runtime opens only paths in UTF-8
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return session, {
        "metadata": session.get_modelmeta().custom_metadata_map,
        "inputs": [[each.name, each.type, each.shape[1:]] for each in session.get_inputs()],
        "outputs": {each.name: each.type for each in session.get_outputs()},
    }


if __name__ == "__main__":
    with memory_limited():
        main()
