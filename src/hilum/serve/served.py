"""The served model: its record, its queue, and uploads as its input."""

from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any

import numpy as np

from hilum.explain.explanation import Mapper
from hilum.model.reader import Reader
from hilum.predict.rows import Square
from hilum.serve.batches import BatchedReader
from hilum.serve.decoders import Decoders
from hilum.serve.forms import Upload
from hilum.serve.meters import Meters
from hilum.serve.settings import Settings


class Served:
    """A model that answers requests.

    Args:
        reader: Model to serve.
        settings: Settings of the server.
        meters: Metrics of the server.
        decoders: Processes that decode.
    """

    def __init__(self, reader: Reader, settings: Settings, meters: Meters, decoders: Decoders) -> None:
        self.facts, self.settings, self.meters = reader.facts, settings, meters
        self.reader = BatchedReader(reader, settings.wait, seen=meters.batches.observe)
        self.gradients = ThreadPoolExecutor(1, "gradients")  # one at a time: the methods hook into the network
        self.mappers = dict[str, Mapper]()
        self._decoders = decoders

    async def close(self) -> None:
        """Stops the queue and the thread for maps."""
        await self.reader.close()
        self.gradients.shutdown(wait=False, cancel_futures=True)

    async def squares(
        self, job: str, upload: Upload, window: str, **more: object
    ) -> AsyncGenerator[tuple[dict[str, Any], list[Square]], None]:
        """Slices of an upload, with the other fields of each answer. They have to be passed to `reader` right away.

        Args:
            job: Name of a job of `hilum.serve.jobs` that yields inputs of the model.
            upload: File to read.
            window: Window for DICOM, one of `hilum.slices.windows.WINDOWS`.
            **more: Further fields of the job.

        Raises:
            UnreadableSlice: The file, or its next frame, cannot be read.
        """
        how = self.facts.preparation
        asked = {"job": job, "window": window, "size": how.size, "interpolation": how.interpolation, "crop": how.crop}
        async with aclosing(self._decoders.messages({**asked, **more}, upload.data)) as messages:
            while True:
                with self.reader.coming():
                    message = await anext(messages, None)
                if message is None:
                    return
                fields, blob = message
                greys = np.frombuffer(blob, np.float32).reshape(-1, how.size, how.size)
                frames = zip(greys, fields["frames"], strict=True)
                yield fields, [Square(upload.name, grey, **facts) for grey, facts in frames]
