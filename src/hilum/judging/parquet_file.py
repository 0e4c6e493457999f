"""Predictions in a Parquet file."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from hilum.errors import HilumError
from hilum.judging.limits import check_bytes, check_rows
from hilum.text import first_sentence

_INDEX = "__index_level_0__"  # how pandas calls an index without a name


def read_parquet(path: Path) -> pd.DataFrame:
    """Reads a Parquet file.

    Raises:
        HilumError: The file cannot be read, or is too large.
    """
    try:
        with parquet.ParquetFile(path) as file:
            facts = file.metadata
            check_rows(facts.num_rows, path.name)
            check_bytes(sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)), path.name)
            table = file.read()
            table.validate(full=True)
            # What pandas wrote about itself is not needed, and may be anything; its index is a column too.
            frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
            return frame.rename(columns={_INDEX: ""})
    except (pa.ArrowException, OSError, ValueError) as error:
        raise HilumError(f"{path} cannot be read as Parquet ({first_sentence(error)}). Write it again.") from error
