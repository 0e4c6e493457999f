"""How `hilum serve` stands many requests: are answers lost or wrong, how fast is it, does its memory grow?

    python benchmarks/serve_load.py MODEL FOLDER [FOLDER ...]

Takes 500 PNG, JPEG or DICOM files of one frame from the folders (in turn, so that each has its part), reads them with
`hilum predict`'s own function, then sends them to a server by 16 clients, one file a request, and compares. Then sends
5,000 more requests and looks at the memory of the server and its processes. Linux only (it reads /proc).
"""

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, cycle, islice, zip_longest
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit

from hilum.model.open import open_reader
from hilum.predict.inputs import Input, input_files
from hilum.predict.run import answers
from hilum.trust.abstention import Limits

SERVE = "import typer; from hilum.cli.serve import serve; typer.run(serve)"
CLIENTS, REQUESTS, SAMPLES = 16, 500, 10
BOUNDARY = "hilum-load"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3, help="how often both are timed, in turn")
    parser.add_argument("--long", type=int, default=5_000, help="requests over which the memory is looked at")
    given = parser.parse_args()
    files = _files(given.folders)
    bodies = [_body(path) for path in files]
    reader = open_reader(given.model)
    limits = Limits(reader.facts.thresholds.answer, reader.facts.thresholds.outlier)

    def predicted() -> list[dict[str, Any]]:
        return [row.as_json() for row in answers(reader, [Input(str(path)) for path in files], limits)]

    with _server(given.model) as (address, process):
        expected, sent = predicted(), _sent(address, bodies)  # once before the clock runs
        print(f"{len(files)} files, {CLIENTS} clients, one file a request")
        print(f"lost: {sum(status != 200 for status, _ in sent)}")
        print(f"other decisions than predict's: {_others(expected, sent)}")
        print(f"largest difference of a probability: {_difference(expected, sent):.1e}")

        def all_sent() -> None:
            if any(status != 200 for status, _ in _sent(address, bodies)):  # a lost request is quick
                sys.exit("A request was lost while the clock ran.")

        ratios = []
        for _ in range(given.rounds):
            alone, served = _rate(predicted, len(files)), _rate(all_sent, len(files))
            ratios.append(served / alone)
            print(f"predict {alone:.1f} slices/s, serve {served:.1f} slices/s, ratio {served / alone:.2f}")
        print(f"median ratio {sorted(ratios)[len(ratios) // 2]:.2f}")
        print(f"mean batch {_mean_batch(address):.1f}")
        count = given.long // SAMPLES
        many, rows = list(islice(cycle(bodies), count)), list(islice(cycle(expected), count))
        lost = wrong = 0
        print(f"{given.long:,} more requests; MB of the server and of all its processes:")
        for sample in range(1, SAMPLES + 1):
            answered = _sent(address, many)
            lost += sum(status != 200 for status, _ in answered)
            wrong += _others(rows, answered)
            own, below = _memory(process.pid)
            print(f"  {sample * len(many):5,}: {own:.0f}, {own + below:.0f}")
        print(f"lost: {lost}; other decisions than predict's: {wrong}")


def _files(folders: Sequence[Path]) -> list[Path]:
    found = [input_files([str(folder)], sys.stdin.buffer) for folder in folders]
    in_turn = chain.from_iterable(zip_longest(*found))
    pictures = (Path(one.path) for one in in_turn if one and re.search(r"\.(png|jpe?g|dcm)$", one.path))
    return list(islice(pictures, REQUESTS))


def _body(path: Path) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    return head.encode() + path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()


@contextmanager
def _server(model: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-c", SERVE, str(model), "--no-open", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield next(word for word in process.stdout.readline().split() if word.startswith("http")), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _sent(address: str, bodies: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Sends each body, and gives status and answer in their order; connections are kept."""
    parts, own = urlsplit(address), local()
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "X-Requested-With": "hilum"}

    def send(body: bytes) -> tuple[int, bytes]:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        try:
            own.connection.request("POST", "/api/predict", body, headers)
            response = own.connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            own.connection.close()
            return 0, b""

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(send, bodies))


def _others(expected: Sequence[dict[str, Any]], sent: Sequence[tuple[int, bytes]]) -> int:
    keys = ("decision", "class", "frame")
    return sum(
        any(json.loads(body)["rows"][0][key] != row[key] for key in keys) if status == 200 else 1
        for row, (status, body) in zip(expected, sent, strict=True)
    )


def _difference(expected: Sequence[dict[str, Any]], sent: Sequence[tuple[int, bytes]]) -> float:
    return max(
        abs(share - json.loads(body)["rows"][0]["probabilities"][name])
        for row, (status, body) in zip(expected, sent, strict=True)
        if status == 200 and row["probabilities"]
        for name, share in row["probabilities"].items()
    )


def _rate(work: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def _mean_batch(address: str) -> float:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    sums = {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("hilum_batch_slices_")}
    return sums["hilum_batch_slices_sum"] / sums["hilum_batch_slices_count"]


def _memory(number: int) -> tuple[float, float]:
    """Resident MB of a process and of its children."""
    children = [
        int(one) for task in Path(f"/proc/{number}/task").iterdir() for one in (task / "children").read_text().split()
    ]
    return _resident(number), sum(map(_resident, children))


def _resident(number: int) -> float:
    pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
    return pages * float(os.sysconf("SC_PAGE_SIZE")) / 2**20


if __name__ == "__main__":
    main()
