"""A new split of a data set, and the table that it is written to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hilum.outputs import OutputFile, check_outside
from hilum.slices.layout import Skipped
from hilum.slices.table import SliceTable
from hilum.splitting import shown
from hilum.splitting.files import SplitFile, given_folder
from hilum.splitting.written import write_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NewSplit:
    """The outcome of `split`. A notebook shows the number of slices of each class in each part.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> new = hilum.split(table)
        >>> new
        NewSplit(phantom: ... slices of 4 classes; train ..., valid ..., test ...)
        >>> new.counts["test"]["normal"] > 0
        True

    Attributes:
        table: The slices in their new splits, as `compare` takes them. With folds, for which hilum has no use of its
            own, a split is drawn as for any data without one.
        files: One entry per file, by path.
        left_out: Copies and files with label conflicts that are not in the table, with the reason.
        shares: Share that was asked for, by the name of the split or the number of the fold.
        notes: Sentences on what stays together, what was left out, and how far the parts are from the shares.
        folder: Folder that the files' paths are relative to.
        folds: Whether the parts are folds.
        marked: Whether copies and label conflicts are in the table, with a mark.
    """

    table: SliceTable
    files: tuple[SplitFile, ...]
    left_out: tuple[Skipped, ...]
    shares: Mapping[str, float]
    notes: tuple[str, ...]
    folder: Path
    folds: bool
    marked: bool

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Number of slices by split or fold, and class."""
        counted = Counter[tuple[str, str]]()
        for file in self.files:
            counted[file.part, file.label] += file.slices
        return {part: {name: counted[part, name] for name in self.table.classes} for part in self.shares}

    @property
    def groups(self) -> Mapping[str, int]:
        """Number of groups by split or fold."""
        counted = Counter(part for part, _ in {(file.part, file.together) for file in self.files})
        return {part: counted[part] for part in self.shares}

    def to_frame(self) -> "pd.DataFrame":
        """The table that `save` writes.

        Its columns are `path`, `label`, `split` or `fold`, `together`, `group` if the slices came with ids, and `mark`
        if copies are kept.

        Raises:
            MissingExtra: pandas is not installed.

        Example:
            >>> list(new.to_frame().columns)
            ['path', 'label', 'split', 'together', 'group']
        """
        return shown.frame(self)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the table as CSV, which `read_table(folder, table=path)` reads.

        Args:
            path: New file outside the folder of the slices.
            overwrite: Whether to replace an existing file.

        Raises:
            HilumError: The file is inside the folder, exists, or cannot be written.

        Example:
            >>> new.save("split.csv").name
            'split.csv'
            >>> hilum.read_table("phantom", table="split.csv")
            SliceTable(phantom: ... slices of 4 classes; train ..., valid ..., test ...)
        """
        check_outside(path, given_folder(self.table), "file")
        with OutputFile(path, overwrite=overwrite, option="file") as output:
            write_table(self, output)
        return Path(path)

    def __repr__(self) -> str:
        return shown.line(self)

    def _repr_html_(self) -> str:
        return shown.page(self)
