"""Predictions in a Parquet file."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from hilum.errors import HilumError
from hilum.judging.limits import check_bytes, check_rows


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
            frame: pd.DataFrame = file.read().to_pandas()
            return frame
    except (pa.ArrowException, OSError, ValueError) as error:
        raise HilumError(f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}). Write it again.") from error
