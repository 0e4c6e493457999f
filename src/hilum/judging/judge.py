"""Judges predictions that were made elsewhere. `hilum judge` starts here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from hilum.audit.audit import Audit, first_look
from hilum.brief import Many
from hilum.comparison.run import Run
from hilum.comparison.scores import score_models
from hilum.heads.history import Epoch
from hilum.judging.config import judged_config
from hilum.judging.doubts import about_trained
from hilum.judging.floors import with_judged_floors
from hilum.judging.models import as_read, best_model, calibrated, models_of
from hilum.judging.options import JudgeOptions
from hilum.judging.plans import judged_protocols, reported_of
from hilum.judging.reading import read_given
from hilum.judging.record import judged_predictions, judged_probabilities, judged_record
from hilum.judging.result import JudgedOutcome
from hilum.judging.titles import title_of
from hilum.judging.trained import Trained, read_trained_on
from hilum.notebook import automatic
from hilum.outputs import check_outside
from hilum.progress import Tracker, silent
from hilum.records.comparison import ComparisonRecord
from hilum.records.config import Config
from hilum.slices.table import SliceTable, check_table
from hilum.splitting.files import given_folder


class Judgement(Run, JudgedOutcome):
    """The outcome of `judge`. A notebook shows the verdict and the leaderboard.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> hilum.judge("predictions.csv", table, floor="cheap")
        Judgement(1 model on phantom; predictions: macro-F1 ...)
    """

    def recorded(self, command: str | None) -> ComparisonRecord:
        """The content of metrics.json (docs/run-folder.md), except for the list of files.

        Args:
            command: Command that made the judgement.

        Example:
            >>> judgement.recorded("hilum judge predictions.csv phantom").judged.trained_on
            'train and valid of phantom'
        """
        return judged_record(self, command)

    @property
    def config(self) -> Config:
        """The content of config.json, with which `hilum judge` repeats the judgement."""
        return judged_config(self)

    def predictions(self) -> pd.DataFrame:
        """One row per model and reported slice, and why it is not in the headline figure (predictions.csv).

        Example:
            >>> judgement.predictions()["left_out"].notna().any()
            np.True_
        """
        return judged_predictions(self)

    def probabilities(self) -> pd.DataFrame:
        """What the figures are computed from: one row per model, protocol, repeat and slice.

        These are the rows of predictions.parquet (docs/run-folder.md).

        Example:
            >>> judgement.probabilities()["protocol"].unique().tolist()
            ['given', 'no-copies', 'no-look-alikes']
        """
        return judged_probabilities(self)

    def save(self, folder: str | Path, *, overwrite: bool = False, command: str | None = None) -> Path:
        """Writes the run folder: metrics, predictions, figures and report.

        Args:
            folder: New or empty folder outside that of the slices; with `overwrite`, also the folder of an earlier run
                without other files.
            overwrite: Whether to replace an earlier run.
            command: Command that made the judgement, for the record.

        Raises:
            HilumError: The folder is inside that of the slices, holds something that must not be overwritten, or cannot
                be written.

        Example:
            >>> (judgement.save("judged", overwrite=True) / "report.html").exists()
            True
        """
        check_outside(folder, given_folder(self.table), "folder")
        return super().save(folder, overwrite=overwrite, command=command)

    def history(self) -> pd.DataFrame:
        """No rows: how the models were trained is not known.

        Example:
            >>> len(judgement.history())
            0
        """
        return pd.DataFrame(columns=["model", *Epoch.__dataclass_fields__])


def judge(
    predictions: str | Path | pd.DataFrame,
    table: SliceTable,
    *,
    trained_on: str | Path | Sequence[str] | None = None,
    mapped: Mapping[str, str] | None = None,
    negative: str | None = "normal",
    look_alike: float | None = None,
    floor: str = "full",
    audited: Audit | None = None,
    seed: int = 0,
    track: Tracker = automatic,
) -> Judgement:
    """Scores predictions that were made elsewhere: as reported, and without what their models were trained on.

    Args:
        predictions: CSV, Parquet or `.npz` file, or a DataFrame, with a row a slice (docs/judge.md).
        table: The slices, from `read_table`. Its train and valid count as trained on, unless hilum drew them.
        trained_on: List of what the models were trained on, in place of train and valid: CSV file with a column `path`
            (rows that a column `split` calls test are not), text file with a path a line, or the paths.
        mapped: Class of the predictions for each class of the folder that has another name there; or a name of one's
            own for every class but the negative one, as in `{"malignant": "cancer"}`: all classes are then read as two.
        negative: Name of the non-cancer class in the predictions; ignored if they have no class `normal`.
        look_alike: Correlation above which slices are look-alikes, as `run_audit` takes it.
        floor: `full` adds the floor of EfficientNet-Lite0 on blanked pictures to the `cheap` ones.
        audited: The audit of this table, if it was made already.
        seed: Random seed of the resamples and floors.
        track: Progress display.

    Raises:
        HilumError: The predictions or the list cannot be read or do not fit the table, or an option makes no sense.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> judgement = hilum.judge("predictions.csv", table, floor="cheap")
        >>> judgement.record.headline
        'no-look-alikes'
    """
    check_table(table, "judge")
    options = JudgeOptions(
        mapped=mapped or {},
        negative=negative,
        look_alike=look_alike,
        floor=floor,
        seed=seed,
        predictions=_file(predictions),
        trained_on=_file(trained_on),
    )
    return run_judgement(predictions, table, options, trained_on=trained_on, audited=audited, track=track)


def _file(given: object) -> Path | None:
    return Path(given) if isinstance(given, str | Path) else None


def run_judgement(
    predictions: str | Path | pd.DataFrame,
    table: SliceTable,
    options: JudgeOptions,
    *,
    trained_on: str | Path | Sequence[str] | None = None,
    audited: Audit | None = None,
    track: Tracker = silent,
) -> Judgement:
    """Does what `judge` says, with checked options.

    Raises:
        HilumError: The predictions or the list cannot be read or do not fit, or a file changed since it was read.
    """
    given = read_given(predictions, table, mapped=options.mapped, negative=options.negative, track=track)
    listed = None if trained_on is None else read_trained_on(trained_on, table)
    reading = given.reading
    reported = reported_of(given)  # refused before the slow work
    options = replace(options, negative=options.negative_among(reading.classes))
    of_folder = next((name for name, meant in reading.folder.items() if meant == options.negative), options.negative)
    if table.split_drawn:
        table = _without_splits(table)
    looked = audited or first_look(
        table, negative=of_folder, look_alike=options.look_alike, seed=options.seed, track=track
    )
    looked.check_likeness_of(options.look_alike)
    slices = as_read(looked.slices, table, given)
    trained = Trained.of(table, given, listed)
    protocols = judged_protocols(given, slices, trained)
    audit = with_judged_floors(looked, protocols.plans, slices, options.negative, options.floor, options.seed, track)
    fallbacks = [f"{title_of(name, slices)}: {note}" for name, of in protocols.plans.items() for note in of.notes]
    results = models_of(given, protocols, slices, options.negative)
    best, on_valid = best_model(results, protocols.headline, slices, options.negative)
    scores = score_models(
        results,
        best,
        protocols.plans,
        slices,
        options,
        audit.floor_draws,
        track,
        primary=protocols.headline if on_valid else None,
    )
    return Judgement(
        table=table,
        settings=options,
        results=results,
        audit=audit,
        plans=protocols.plans,
        scores=calibrated(scores, results, slices, options.seed),
        notes=(
            *about_trained(reported, trained),
            *protocols.notes,
            *fallbacks,
            *given.notes,
            *(listed.notes if listed else ()),
            *trained.notes,
        ),
        given=given,
        trained=trained,
        trained_on=listed.source if listed else None,
        slices=slices,
        protocols=protocols,
        best=best,
        chosen_on_valid=on_valid,
    )


def _without_splits(table: SliceTable) -> SliceTable:
    """The table without the split that hilum drew, which would be audited as if it had been trained on."""
    rows = Many(replace(row, split="train") for row in table.rows)
    return replace(table, rows=rows, notes=tuple(note for note in table.notes if note not in table.split_notes))
