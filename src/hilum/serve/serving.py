"""The parts that all routes share: the model, the decoding processes and the upload budget."""

from contextlib import suppress

from hilum.model.reader import Reader
from hilum.serve.decoders import Decoders
from hilum.serve.forms import UploadBudget
from hilum.serve.meters import Meters
from hilum.serve.problems import Problem
from hilum.serve.served import Served
from hilum.serve.settings import Settings
from hilum.slices.read import UnreadableSlice


class Serving:
    """The parts of a server.

    Args:
        reader: Model to serve, or None to serve runs only.
        settings: Settings of the server.
        meters: Metrics of the server.
    """

    def __init__(self, reader: Reader | None, settings: Settings, meters: Meters) -> None:
        self.settings = settings
        self.budget = UploadBudget(settings.caps.total_bytes)
        self.decoders = Decoders(
            settings.workers, settings.caps.chunk_seconds, settings.caps.file_seconds, meters.replaced.inc
        )
        self._served = None if reader is None else Served(reader, settings, meters, self.decoders)

    @property
    def served(self) -> Served:
        """The model.

        Raises:
            Problem: The server has no model (404).
        """
        if self._served is None:
            raise Problem(404, "This server was started without a model.")
        return self._served

    async def start(self) -> None:
        """Starts the processes and the queue, in the running event loop."""
        if self._served is not None:
            self._served.reader.start()
        with suppress(UnreadableSlice):  # no memory for processes yet; requests report it
            await self.decoders.start()

    async def close(self) -> None:
        """Stops the queue and the processes."""
        if self._served is not None:
            await self._served.close()
        await self.decoders.close()
