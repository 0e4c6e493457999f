"""Sets of slices on which hilum's defaults were chosen, so that figures on them may be a little too high."""

from pathlib import Path

from hilum.slices.kaggle import manifest
from hilum.slices.table import SliceTable

# SHA-256 of the 300 slices of the IQ-OTH/NCCD lung cancer data set (Alyasriy and Al-Huseiny; Mendeley Data, CC BY 4.0)
# that choices were looked at on, as `sha256sum` prints them.
_OUTSIDE = Path(__file__).with_name("iq-othnccd-dev.sha256")
_ON_PUBLIC = (
    "hilum's default head and scales and the settings of the CNN were chosen on train and valid of this public set. "
    "Grouped and strict score these slices too and may be a little too high. Cropping to the body was decided with the "
    "given test split in view; on train and valid alone it makes no difference."
)


def chosen_on(table: SliceTable) -> list[str]:
    """Notes for a table with slices that hilum's defaults were chosen on: most of the public set's, or any others."""
    contents, public = [row.facts.content for row in table.rows], set(manifest().values())
    notes = [_ON_PUBLIC] if 2 * sum(content in public for content in contents) > len(contents) else []
    known = {line.partition(" ")[0] for line in _OUTSIDE.read_text(encoding="utf-8").splitlines()}
    if seen := sum(content in known for content in contents):
        notes.append(
            f"hilum's defaults were chosen on these slices: {seen} of {len(contents)} are among the 300 of IQ-OTH/NCCD "
            "on which the default head and scales had to hold too. Figures on them may be a little too high."
        )
    return notes
