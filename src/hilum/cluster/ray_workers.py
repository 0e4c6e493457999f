"""The workers of a job on a Ray cluster: some on each machine, also on those that join later.

Import it only in the block of `hilum.cluster.ray_cluster.cluster`: Ray reads its environment when it is imported.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import ray
from ray.exceptions import RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from hilum.cluster.engine import differences
from hilum.cluster.listing import listed
from hilum.cluster.parts import Answered, Listed, Part, PartSettings
from hilum.cluster.ray_machines import Machines
from hilum.cluster.ray_results import got, ready
from hilum.cluster.ray_work import LISTED, READ, WORKER, Opened
from hilum.errors import HilumError
from hilum.predict.inputs import readable_once
from hilum.records.job import JobRecord

MOST_LOST = 5  # times that a part may be lost
_MOST_STARTS = 3  # of workers on a machine that end before they have opened the model
_PARTS = 3  # of a worker: some are read while others wait or are answered
_LOOK = 1.0  # seconds between two looks at the machines
_PATIENCE = 60.0  # seconds in which a first worker has to start
_SLOW = 10.0  # seconds after which a note says that none has


def list_inputs(
    arguments: Sequence[str], stdin: BinaryIO, *, folder: str, salt: bytes | None = None
) -> Iterator[Listed]:
    """The inputs that arguments name, listed by a task on the machine of this process.

    The arguments are those of `hilum.cluster.listing.listed`.

    Raises:
        HilumError: The inputs cannot be listed.
    """
    if readable_once(arguments):  # what only this process can read
        yield from listed(arguments, stdin, folder=folder, salt=salt)
        return
    here = ray.get_runtime_context().get_node_id()
    for some in LISTED.options(scheduling_strategy=_on(here)).remote(arguments, folder, salt):
        try:
            yield from got(some)
        except RayError as error:
            raise HilumError(
                f"The process that lists the inputs was lost ({type(error).__name__}). The same command begins again."
            ) from error


@dataclass(eq=False)
class _Worker:
    """A worker.

    Attributes:
        node: Ray's name of its machine.
        actor: The worker itself.
        started: What it says when it has a process.
        opening: What it says when it has opened the model.
        ready: Whether it has.
        parts: Number of parts that it has.
    """

    node: str
    actor: Any
    started: Any
    opening: Any
    ready: bool = False
    parts: int = 0


class RayWorkers:
    """Workers on all machines of a cluster, each with a network of its own.

    A machine of C cores has C // T workers of T threads, at least one. A machine that cannot open the model, or that
    has another model or engine, is left out.

    Args:
        model: A model folder or an exported file, at the same path on all machines.
        weights: Folder of weights, for a model folder without bundled ones.
        record: Settings of the job.
        settings: How slices are read and answered.
        say: Function that is given notes, one line at a time.
        patience: Seconds in which a worker has to start where there is none.
    """

    def __init__(
        self,
        model: Path,
        weights: Path | None,
        record: JobRecord,
        settings: PartSettings,
        say: Callable[[str], None],
        patience: float = _PATIENCE,
    ) -> None:
        places = (None if path is None else str(path.absolute()) for path in (model, weights))
        self._arguments = (*places, record.engine.threads)
        self._record, self._settings, self._say, self._patience = record, settings, say, patience
        self._machines, self._workers = Machines(), list[_Worker]()
        self._names = dict[str, str]()  # of machines, by Ray's names for them
        self._left_out = dict[str, str]()  # why a machine is
        self._failed = Counter[str]()  # workers of a machine that ended before they had opened the model
        self._waiting, self._begun = deque[Part](), dict[Any, tuple[Part, _Worker]]()
        self._lost = Counter[Part]()
        self._looked = 0.0  # when the machines were looked at
        self._without: float | None = None  # since when there is no worker
        self._noted = False  # whether a note says so

    @property
    def room(self) -> int:
        """Number of parts that may be handed in now."""
        return max(0, sum(_PARTS - one.parts for one in self._workers if one.ready) - len(self._waiting))

    def hand_in(self, part: Part) -> None:
        """Begins a part."""
        self._waiting.append(part)
        self._begin()

    def collect(self) -> list[tuple[Part, Answered]]:
        """Waits a little, and gives the parts that are done, in any order.

        A part whose machine was lost is begun again elsewhere and is not seen here.

        Raises:
            HilumError: No machine is left that answers, the head is lost, or a part was lost again and again.
        """
        if time.monotonic() - self._looked >= _LOOK:
            self._look()
        opening = {one.opening: one for one in self._workers if not one.ready}
        done = list[tuple[Part, Answered]]()
        for ref in ready([*self._begun, *opening]):
            if ref in opening:
                self._open(opening[ref])
                continue
            part, worker = self._begun.pop(ref)
            worker.parts -= 1
            try:
                done.append((part, got(ref)))
                del self._lost[part]
            except RayError as error:
                self._lose(part, worker, error)
        self._begin()
        return done

    def _begin(self) -> None:
        """Begins waiting parts where there is room."""
        while self._waiting:
            worker = min((one for one in self._workers if one.ready), key=lambda one: one.parts, default=None)
            if worker is None or worker.parts >= _PARTS:
                return
            part = self._waiting.popleft()
            # Where its worker is: what was read does not travel, and a machine that was left out reads nothing.
            read = READ.options(scheduling_strategy=_on(worker.node)).remote(part, self._settings)
            self._begun[worker.actor.answer.remote(read, self._settings.limits)] = part, worker
            worker.parts += 1

    def _lose(self, part: Part, worker: _Worker, error: RayError) -> None:
        self._lost[part] += 1
        if self._lost[part] >= MOST_LOST:
            raise HilumError(
                f"{part.inputs[0].name} and the files that follow it were lost {MOST_LOST} times with the process that "
                f"had them ({type(error).__name__}). What was answered is kept, and the same command goes on."
            ) from error
        self._waiting.appendleft(part)
        if isinstance(error, RayActorError):
            self._end(worker)

    def _end(self, worker: _Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
            ray.kill(worker.actor)

    def _look(self) -> None:
        """Looks which machines there are, and starts workers on those that have too few.

        Raises:
            HilumError: There is none that can answer, or the head of the cluster is lost.
        """
        self._looked = time.monotonic()
        threads = self._record.engine.threads
        for machine in self._machines.now():
            node, cores = machine["NodeID"], machine["Resources"].get("CPU", 0.0)
            if not machine["Alive"] or cores < 1 or node in self._left_out:
                continue
            self._names[node] = f"{machine['NodeManagerHostname']} ({machine['NodeManagerAddress']})"
            has = sum(one.node == node for one in self._workers)
            for _ in range(max(1, int(cores // threads)) - has):
                actor = WORKER.options(num_cpus=int(min(threads, cores)), scheduling_strategy=_on(node)).remote()
                self._workers.append(
                    _Worker(node, actor, actor.__ray_ready__.remote(), actor.open.remote(*self._arguments))
                )
        if not self._workers and self._left_out:
            raise HilumError(
                "No machine is left that can answer. What was answered is kept, and the same command goes on. "
                + self._reasons()
            )
        self._wait()

    def _wait(self) -> None:
        """Has patience until a worker starts.

        Raises:
            HilumError: None has in all that time.
        """
        if self._workers and ray.wait([one.started for one in self._workers], timeout=0)[0]:
            self._without, self._noted = None, False
            return
        if self._without is None:
            self._without = self._looked
        waited = self._looked - self._without
        if waited >= self._patience:
            raise HilumError(
                "The Ray cluster has no core to spare. Start another machine with ray start, or wait until other jobs "
                f"have ended: the same command goes on. {self._reasons()}".rstrip()
            )
        if waited >= min(_SLOW, self._patience / 2) and not self._noted:
            self._noted = True
            self._say(f"The cluster has no core to spare; waiting {self._patience:.0f} seconds for one.")

    def _reasons(self) -> str:
        """Why machines are left out."""
        return " ".join(f"{self._names[node]}: {why}." for node, why in self._left_out.items())

    def _open(self, worker: _Worker) -> None:
        """Takes what a worker says of the model that it has opened."""
        try:
            found = got(worker.opening)
        except HilumError as error:
            self._leave_out(worker.node, str(error))
            return
        except Exception as error:  # another version of hilum may fail in any way
            self._end(worker)
            self._failed[worker.node] += 1
            if self._failed[worker.node] >= _MOST_STARTS:
                self._leave_out(worker.node, f"no worker starts there ({type(error).__name__})")
            return
        if why := self._why_not(found):
            self._leave_out(worker.node, why)
        else:
            worker.ready = True
            self._failed[worker.node] = 0

    def _why_not(self, found: Opened | str) -> str | None:
        if isinstance(found, str):
            return found
        if found.model != self._record.model:
            return "it has another model at that path"
        if found.engine != self._record.engine:
            return f"it has {differences(found.engine, self._record.engine)}"
        return None

    def _leave_out(self, node: str, why: str) -> None:
        if node not in self._left_out:
            self._left_out[node] = why = why.rstrip(".")
            self._say(f"{self._names[node]} is left out: {why}.")
        for worker in [one for one in self._workers if one.node == node]:
            self._end(worker)


def _on(node: str) -> NodeAffinitySchedulingStrategy:
    return NodeAffinitySchedulingStrategy(node, soft=False)
