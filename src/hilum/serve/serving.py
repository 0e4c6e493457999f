"""What the routes share: the model, the processes that decode, the meters, and their beginning and end."""

from contextlib import suppress
from dataclasses import dataclass

from hilum.model.reader import Reader
from hilum.records.model import ModelRecord
from hilum.serve.batches import BatchedReader
from hilum.serve.decoders import Decoders
from hilum.serve.explaining import Explainer
from hilum.serve.forms import Held
from hilum.serve.meters import Meters
from hilum.serve.problems import Problem
from hilum.serve.settings import Settings
from hilum.slices.read import UnreadableSlice


@dataclass(frozen=True)
class Served:
    """A model at work: what it says of itself, the queue before it, and what explains its answers."""

    facts: ModelRecord
    reader: BatchedReader
    explainer: Explainer


class Serving:
    """A server's parts.

    Args:
        reader: The model, or None where runs alone are served.
        settings: Of the server.
        meters: What is counted.
    """

    def __init__(self, reader: Reader | None, settings: Settings, meters: Meters) -> None:
        self.settings, self.meters = settings, meters
        self.held = Held(settings.caps.held)
        self.decoders = Decoders(settings.workers, settings.caps.seconds, settings.caps.whole, meters.replaced.inc)
        self._served: Served | None = None
        if reader is not None:
            batched = BatchedReader(reader, settings.wait, seen=meters.batches.observe)
            explainer = Explainer(settings, reader.facts, batched, self.decoders)
            self._served = Served(reader.facts, batched, explainer)

    @property
    def served(self) -> Served:
        """The model.

        Raises:
            Problem: There is none (404).
        """
        if self._served is None:
            raise Problem(404, "This server has no model: it was started for runs alone.")
        return self._served

    def counted(self, decision: str) -> None:
        """Counts a slice that was answered."""
        self.meters.slices.labels(decision).inc()

    async def start(self) -> None:
        """Starts the processes and the queue, in the loop that runs."""
        if self._served is not None:
            self._served.reader.start()
        with suppress(UnreadableSlice):  # no room for processes yet; whoever sends a file is told
            await self.decoders.start()

    async def close(self) -> None:
        """Ends them."""
        if self._served is not None:
            await self._served.reader.close()
            self._served.explainer.close()
        await self.decoders.close()
