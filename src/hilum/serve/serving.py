"""What the routes share: the model, the processes that decode, the meters, and their beginning and end."""

from contextlib import suppress

from hilum.model.reader import Reader
from hilum.serve.decoders import Decoders
from hilum.serve.forms import Held
from hilum.serve.meters import Meters
from hilum.serve.problems import Problem
from hilum.serve.served import Served
from hilum.serve.settings import Settings
from hilum.slices.read import UnreadableSlice


class Serving:
    """A server's parts.

    Args:
        reader: The model, or None where runs alone are served.
        settings: Of the server.
        meters: What is counted.
    """

    def __init__(self, reader: Reader | None, settings: Settings, meters: Meters) -> None:
        self.settings = settings
        self.held = Held(settings.caps.held)
        self.decoders = Decoders(settings.workers, settings.caps.seconds, settings.caps.whole, meters.replaced.inc)
        self._served = None if reader is None else Served(reader, settings, meters, self.decoders)

    @property
    def served(self) -> Served:
        """The model.

        Raises:
            Problem: There is none (404).
        """
        if self._served is None:
            raise Problem(404, "This server has no model: it was started for runs alone.")
        return self._served

    async def start(self) -> None:
        """Starts the processes and the queue, in the loop that runs."""
        if self._served is not None:
            self._served.reader.start()
        with suppress(UnreadableSlice):  # no room for processes yet; whoever sends a file is told
            await self.decoders.start()

    async def close(self) -> None:
        """Ends them."""
        if self._served is not None:
            await self._served.close()
        await self.decoders.close()
