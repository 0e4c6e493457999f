"""What a comparison and a judgement have in common: a record, pictures of the slices, and a folder."""

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from hilum.comparison.run_folder import RUN, write_run
from hilum.comparison.shown import Display
from hilum.outputs import OutputFolder
from hilum.records.comparison import ComparisonRecord
from hilum.records.config import Config
from hilum.slices.pixels import thumbnails_of
from hilum.slices.table import SliceTable
from hilum.text import plain_path

_THUMBNAIL = 256


class Run(Display):
    """Models that were scored on the slices of a table."""

    table: SliceTable

    @abstractmethod
    def recorded(self, command: str | None) -> ComparisonRecord:
        """The content of metrics.json, except for the list of files, as a command made it."""

    @property
    @abstractmethod
    def config(self) -> Config:
        """The content of config.json, with which a command repeats the run."""

    @cached_property
    def record(self) -> ComparisonRecord:
        """The content of metrics.json (docs/run-folder.md), except for the list of files."""
        return self.recorded(None)

    def picture(self, path: str) -> bytes | None:
        """A small PNG of the slice with a path of `predictions`, or None if it can no longer be read.

        Example:
            >>> comparison.picture(table.rows[0].path)[1:4]
            b'PNG'
        """
        return self._thumbnails(path)

    @cached_property
    def _thumbnails(self) -> Callable[[str], bytes | None]:
        return thumbnails_of(self.table, _THUMBNAIL, "PNG", plain_path)

    def save(self, folder: str | Path, *, overwrite: bool = False, command: str | None = None) -> Path:
        """Writes the run folder: metrics, predictions, history, figures and report.

        Args:
            folder: New or empty folder; with `overwrite`, also the folder of an earlier run without other files.
            overwrite: Whether to replace an earlier run.
            command: Command that made the run, for the record.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.

        Example:
            >>> (comparison.save("run", overwrite=True) / "report.html").exists()
            True
        """
        with OutputFolder(folder, RUN, overwrite=overwrite) as out:
            write_run(out, self, command)
        return out.place
