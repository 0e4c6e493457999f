"""What temperature, answer threshold, prediction sets and outlier limit are worth, under strict and elsewhere.

Usage: OMP_NUM_THREADS=1 python benchmarks/trust.py FOLDER --weights FOLDER [--models a,b] [--head HEAD]
       [--scales SCALES] [--on development] [--external NAME=FOLDER] [--map NAME:CLASS=CLASS]

Trains each model as `hilum train` does, and prints what its model.json says as Markdown tables: a row for each model
under strict, cross-fitted over look-alike groups, and one for each set of slices from elsewhere, on which the model's
own parameters are used as they are. The last table says which goals are reached.
"""

from collections.abc import Sequence

from held_out import head_options, options

from hilum.backbones.zoo import backbone
from hilum.comparison.external import External, parse_external, readings_of
from hilum.progress import silent
from hilum.records.calibration import MeasuredCalibration
from hilum.records.figures import Estimate
from hilum.records.model import TrustElsewhere
from hilum.records.trained import TrainedRecord, Trust
from hilum.records.trust import CalibrationFigures
from hilum.scoring.options import protocols_of
from hilum.slices.table import read_labelled, read_table
from hilum.training.options import TrainOptions
from hilum.training.train import train

_ACCURACY, _ERROR = 0.90, 0.10  # goals: accuracy with nine in ten strict slices answered, calibration error elsewhere

Row = tuple[str, str, TrainedRecord, Trust | TrustElsewhere]


def main() -> None:
    """Trains the models and prints the tables."""
    parser = head_options(options(__doc__))
    parser.add_argument("--on", default="development")
    parser.add_argument("--external", action="append", default=[])
    parser.add_argument("--map", action="append", default=[])
    chosen = parser.parse_args()
    folders, table = parse_external(chosen.external, chosen.map), read_table(chosen.folder)
    external = {name: External(read_labelled(folder), meant) for name, (folder, meant) in folders.items()}
    readings_of(external, table.classes, "normal")
    records = []
    for name in chosen.models.split(","):
        how = TrainOptions(
            backbone=name,
            head=chosen.head,
            scales=chosen.scales,
            on=chosen.on,
            floor="cheap",
            protocols=protocols_of(["given"]),
        )
        weights = how.weights_of(backbone(name), chosen.weights, silent)
        records.append(train(table, how, weights, external=external).record)
    rows: list[Row] = []
    for record in records:
        rows.append((record.backbone.name, record.title("strict"), record, record.trust))
        rows += [(record.backbone.name, name, record, of) for name, of in record.trust.elsewhere.items()]
    _promises(records)
    _calibration(rows)
    _answers(rows)
    _sets(rows)
    _goals(rows)


def _promises(records: Sequence[TrainedRecord]) -> None:
    _head("Promises", "model, groups, limit, 95 % right promised")
    for record in records:
        promise = record.thresholds.promise
        assert promise is not None
        _row(record.backbone.name, promise.groups, f"{record.thresholds.answer:.3f}", "yes" if promise.shown else "no")


def _calibration(rows: Sequence[Row]) -> None:
    _head("Calibration", "model, slices, temperature, error without it, error, band if calibrated, Brier")
    for name, where, record, of in rows:
        found, low, high = _calibrated(of)
        before = f"{of.calibration.before.error:.3f}" if isinstance(of, Trust) and of.calibration else ""
        band = f"{low:.3f}–{high:.3f}"
        _row(name, where, f"{record.temperature:.2f}", before, f"{found.error:.3f}", band, f"{found.brier:.3f}")


def _answers(rows: Sequence[Row]) -> None:
    _head(
        "Answers, in per cent",
        "model, slices, right of all, answered at the model's limit, right of those, each group once, "
        "answered at the limit for 90 %, right of those, refused as outliers",
    )
    for name, where, _, of in rows:
        assert of.answers is not None
        assert of.outliers is not None
        at, most = of.answers.at_threshold, of.answers.at_90_coverage
        shares = (at.coverage, at.accuracy, at.accuracy_by_group, most.coverage, most.accuracy, of.outliers.refused)
        _row(name, where, *map(_share, (of.answers.accuracy, *shares)))


def _sets(rows: Sequence[Row]) -> None:
    _head("Prediction sets of 90 %, in per cent", "model, slices, hold the truth, each group once, by class, mean size")
    for name, where, record, of in rows:
        assert of.conformal is not None
        classes = of.slices.classes if isinstance(of, TrustElsewhere) else record.classes
        by_class = zip(classes, of.conformal.coverage_by_class, strict=True)
        words = "; ".join(f"{label.replace('_', ' ')} {_share(share)}" for label, share in by_class)
        held = map(_share, (of.conformal.coverage, of.conformal.coverage_by_group))
        _row(name, where, *held, words, f"{of.conformal.mean_size:.2f}")


def _goals(rows: Sequence[Row]) -> None:
    _head("Goals", "model, slices, goal, reached")
    for name, where, _, of in rows:
        if isinstance(of, TrustElsewhere):
            error = _calibrated(of)[0].error
            _row(name, where, f"calibration error at most {_ERROR:.2f}", _reached(error <= _ERROR, error))
        elif of.answers is not None:
            right = of.answers.at_90_coverage.accuracy.value or 0.0
            goal = f"{100 * _ACCURACY:.0f} % right with 90 % answered"
            _row(name, where, goal, _reached(right >= _ACCURACY, right))


def _calibrated(of: Trust | TrustElsewhere) -> tuple[CalibrationFigures | MeasuredCalibration, float, float]:
    """The calibration as the model is used, and the limits of its band."""
    own = of.calibration and of.calibration.after if isinstance(of, Trust) else of.figures.calibration
    assert own is not None
    return own, *own.band


def _reached(yes: bool, value: float) -> str:
    return f"{'yes' if yes else 'no'} ({value:.3f})"


def _head(title: str, columns: str) -> None:
    names = [name.strip() for name in columns.split(", ")]
    print(f"\n### {title}\n\n| {' | '.join(names)} |\n|---|---|{'---:|' * (len(names) - 2)}")


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def _share(found: Estimate | None) -> str:
    """A share with its interval, in per cent."""
    if found is None or found.value is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{100 * found.value:.1f}"
    return f"{100 * found.value:.1f} ({100 * found.low:.1f}–{100 * found.high:.1f})"


if __name__ == "__main__":
    main()
