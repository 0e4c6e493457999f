"""Whole processes, timed: seconds by the clock and of the processor, peak memory of the process and its children."""

import json
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_OFTEN, _AT_MOST = 0.05, 0.02  # seconds between looks at memory, and share of a core that looking may take
_TICK = os.sysconf("SC_CLK_TCK")
_BUSY = (0, 1, 2, 5, 6, 7)  # fields of /proc/stat: user, nice, system, interrupts, and what the host took away


@dataclass(frozen=True)
class Ran:
    """One process from its start to its end.

    Attributes:
        seconds: By the clock.
        processor: Seconds of the processor, of children too.
        peak: Largest memory in MB that the process and its children were seen to hold, what they share counted once.
        others: Share of all cores that other processes used meanwhile, from 0 to 1.
        first: Seconds to the first line of output; `seconds` if there was none.
        output: What it printed.
    """

    seconds: float
    processor: float
    peak: float
    others: float
    first: float
    output: str

    @property
    def facts(self) -> dict[str, Any]:
        """The JSON object in the last line of the output, which workers print."""
        found: dict[str, Any] = json.loads(self.output.strip().splitlines()[-1])
        return found


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Runs a command to its end and measures it; one that fails ends everything with what it said."""
    variables = {**os.environ, "HILUM_OFFLINE": "1", "PYTHONPATH": _places(), **(environment or {})}
    busy, start = _busy_seconds(), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables) as process:
        assert process.stdout
        assert process.stderr
        said: list[bytes] = []
        listener = threading.Thread(target=lambda: said.append(process.stderr.read()))  # type: ignore[union-attr]
        memory = _Memory(process.pid)
        listener.start()
        memory.start()
        line = process.stdout.readline()
        first = time.perf_counter() - start
        output = line + process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        memory.end()
        listener.join()
    if process.returncode:
        complaint = b"".join(said).decode(errors="replace")[-3000:]
        sys.exit(f"{shown(command)} ended with {process.returncode}:\n{complaint}")
    processor = usage.ru_utime + usage.ru_stime
    others = max(0.0, (_busy_seconds() - busy - processor) / seconds / (os.cpu_count() or 1))
    text = output.decode(errors="replace")
    return Ran(seconds, processor, memory.peak, others, first if line else seconds, text)


def interleaved(steps: Mapping[str, Callable[[], Ran]], rounds: int) -> dict[str, list[Ran]]:
    """Runs every step in turn, several rounds, so that a slow minute of the machine falls on all of them."""
    ran: dict[str, list[Ran]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            ran[name].append(step())
    return ran


def python(*words: object) -> list[str]:
    """A command of this Python."""
    return [sys.executable, *map(str, words)]


def hilum(*words: object) -> list[str]:
    """A command of hilum."""
    return python("-m", "hilum", *words)


def worker(name: str, *words: object) -> list[str]:
    """The command that runs a script of `speed/workers`."""
    return python(Path(__file__).parent / "workers" / f"{name}.py", *words)


def shown(command: Sequence[str]) -> str:
    """A command as it is written in a table: paths as seen from the checkout, and `python` for any Python."""
    words = ["python" if Path(command[0]).name.startswith("python") else command[0], *command[1:]]
    text = shlex.join(os.path.relpath(word, ROOT) if Path(word).is_absolute() else word for word in words)
    return text.replace("python -m hilum", "hilum", 1)


def _places() -> str:
    """PYTHONPATH without the folder of benchmarks, whose names are not for the processes that are measured."""
    places = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(place for place in places if place and Path(place).resolve() != ROOT / "benchmarks")


def others_use(seconds: float) -> float:
    """The share of all cores that is in use, measured over some seconds in which this process sleeps."""
    busy = _busy_seconds()
    time.sleep(seconds)
    return (_busy_seconds() - busy) / seconds / (os.cpu_count() or 1)


def _busy_seconds() -> float:
    """Seconds of processor that the whole machine has spent."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(int(fields[place]) for place in _BUSY) / _TICK


class _Memory(threading.Thread):
    """Looks at the memory of a process and its children until it is ended."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._over, self.peak = pid, threading.Event(), 0.0

    def run(self) -> None:
        pause = _OFTEN
        while not self._over.wait(pause):
            start = time.thread_time()
            self.peak = max(self.peak, sum(map(_held, _family(self._pid))))
            pause = max(_OFTEN, (time.thread_time() - start) / _AT_MOST)

    def end(self) -> None:
        self._over.set()
        self.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:  # it ended in the meantime
            continue
        for child in found:
            yield from _family(int(child))


def _held(pid: int) -> float:
    """Memory of a process in MB; what several share is divided among them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return 0.0
