"""The probabilities that the figures are computed from: one row per model, protocol, repeat and slice."""

import io
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow import Table, parquet  # rather than through pandas: where it is missing, that is said before the work

from hilum.comparison.outside import Outside
from hilum.comparison.result import Compared, ModelResult
from hilum.scoring.protocols import Protocol
from hilum.slices.table import SliceTable
from hilum.text import plain_path

PROBABILITIES = "predictions.parquet"


def probabilities_of(comparison: Compared) -> pd.DataFrame:
    """The probabilities of every model under every protocol, in the order of models, protocols, repeats and rows."""
    table, there = comparison.table, places_outside(comparison.outside)
    here = places(table, comparison.audit.slices.strict)
    return pd.concat(
        [frame for result in comparison.results for frame in frames_of(result, here, there, table.classes)],
        ignore_index=True,
    )


def places(table: SliceTable, groups: NDArray[np.intp], split: str | None = None) -> pd.DataFrame:
    """The columns `path`, `split`, `label` and `group` of every row of a table.

    Args:
        table: The slices.
        groups: Numbers of the groups that are resampled as a whole, `[rows]`.
        split: Split to write for all rows, instead of their own.
    """
    rows = [(plain_path(row.path), split or row.split, row.label) for row in table.rows]
    return pd.DataFrame(rows, columns=["path", "split", "label"]).assign(group=groups.astype(np.int64))


def places_outside(outside: Outside) -> dict[Protocol, pd.DataFrame]:
    """The `places` of slices from elsewhere that are scored, by the name of their protocol."""
    return {of.plan.name: places(of.table, of.slices.strict, of.plan.name) for of in outside.sets}


def frames_of(
    result: ModelResult, here: pd.DataFrame, there: Mapping[Protocol, pd.DataFrame], classes: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """One model's probabilities under each protocol; under `given`, of valid too.

    Args:
        result: The model's result.
        here: The `places` of the table.
        there: The `places` of slices from elsewhere by the name of their protocol.
        classes: Names of the classes.
    """
    for name, of in result.predictions.items():
        if name == "given":
            rows = np.flatnonzero(here["split"] != "train")
            yield long_frame(result.name, name, here.iloc[rows], result.probabilities[None, rows], None, classes)
        else:
            of_rows = there[name] if name in there else here.iloc[of.plan.scored]
            yield long_frame(result.name, name, of_rows, of.probabilities, of.plan.folds, classes)


def long_frame(
    model: str,
    protocol: Protocol,
    places: pd.DataFrame,
    probabilities: NDArray[np.float64],
    folds: NDArray[np.intp] | None,
    classes: Sequence[str],
) -> pd.DataFrame:
    """The rows of one model under one protocol (docs/run-folder.md), one repeat after the other.

    Args:
        model: Name of the model.
        protocol: Name of the protocol.
        places: Columns `path`, `split`, `label` and `group` of the m slices.
        probabilities: Probabilities of the classes, `[repeats, m, classes]`.
        folds: Fold (0-based) that held out each slice, `[repeats, m]`; None if there are no folds.
        classes: Names of the classes.
    """
    repeats, count, _ = probabilities.shape
    numbers = pd.array([None] * (repeats * count) if folds is None else folds.ravel(), dtype="Int64")
    whole = {"model": model, "protocol": protocol, "repeat": np.arange(repeats).repeat(count), "fold": numbers}
    shares = {f"p_{name}": probabilities[:, :, number].ravel() for number, name in enumerate(classes)}
    facts = {name: np.tile(places[name].to_numpy(), repeats) for name in ("path", "split", "label", "group")}
    return pd.DataFrame({**whole, **facts, **shares})


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """The rows as a Parquet file. The same rows give the same bytes."""
    file = io.BytesIO()
    # Texts and numbers repeat and are kept once each; probabilities do not.
    repeated = [name for name in frame.columns if not name.startswith("p_")]
    whole = Table.from_pandas(frame, preserve_index=False)
    parquet.write_table(whole, file, compression="zstd", use_dictionary=repeated)
    return file.getvalue()
