"""What temperature, abstention and prediction sets are worth, on grouped and strict folds of real slices.

Usage: python benchmarks/trust.py FOLDER --weights FOLDER [--models a,b] [--repeats 5]

Markdown tables, a row for each backbone and protocol. Every parameter is fitted on four folds of look-alike groups and
measured on the fifth. `strict` and `grouped` are held-out predictions of that protocol over all distinct slices.
`strict > grouped` takes the parameters from strict predictions, as a trained model has them, and measures them on
grouped ones. `development` is strict over train and valid alone, what a trained model's parameters really come from.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from held_out import open_bench, options

from hilum.records.figures import Estimate
from hilum.scoring.protocols import Plan, development_rows, folds
from hilum.scoring.resamples import draw_resamples
from hilum.scoring.scoring import plans_for
from hilum.trust.calibration import BINS, with_temperature
from hilum.trust.measure import answer_figures, calibration_figures, cross_fit, set_figures

_ERROR, _ACCURACY = 0.03, 0.97  # what is aimed at on grouped: calibration error, accuracy at 90 % coverage

Figures = dict[str, Any]


def main() -> None:
    """Prints the tables."""
    parser = options(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    bench = open_bench(chosen.folder, chosen.weights)
    slices, classes = bench.slices, bench.table.classes
    plans: dict[str, Plan] = {}
    plans.update(plans_for(slices, ["strict", "grouped"], repeats=chosen.repeats, seed=0)[0])
    rows = development_rows(slices)
    development = folds("strict", slices, rows, slices.strict, repeats=chosen.repeats)
    assert development is not None
    plans["development"] = development

    found: dict[tuple[str, str], Figures] = {}
    for name in chosen.models.split(","):
        values = bench.features(name)
        logits = {protocol: bench.logits(values, plan) for protocol, plan in plans.items()}
        pairs = [("strict", "strict"), ("grouped", "grouped"), ("strict", "grouped"), ("development", "development")]
        for fitted_on, measured_on in pairs:
            scored = plans[measured_on].scored
            labels, groups = slices.labels[scored], slices.strict[scored]
            fitted = cross_fit(labels, groups, logits[fitted_on], logits[measured_on])
            weights = draw_resamples(labels, groups, refitted=True)
            found[name, measured_on if fitted_on == measured_on else f"{fitted_on} > {measured_on}"] = {
                "temperatures": fitted.temperatures,
                "reached": fitted.reached,
                "before": calibration_figures(labels, with_temperature(logits[measured_on], 1.0)),
                "after": calibration_figures(labels, fitted.probabilities),
                "answers": answer_figures(labels, fitted, weights),
                "sets": set_figures(labels, groups, fitted, weights),
            }
    _calibration(found)
    _answers(found)
    _sets(found, classes)
    _curve(found)
    _reliability(found)
    _goals(found)


def _calibration(found: Mapping[tuple[str, str], Figures]) -> None:
    _head(
        "Calibration",
        "backbone, protocol, temperature, error before, error after, band if calibrated, Brier before, Brier after, "
        "log loss before, log loss after",
    )
    for key, figures in found.items():
        before, after, temperatures = figures["before"], figures["after"], figures["temperatures"]
        low, high = after.band
        _row(
            *key,
            f"{min(temperatures):.2f}–{max(temperatures):.2f}",
            f"{before.error:.3f}",
            f"{after.error:.3f}",
            f"{low:.3f}–{high:.3f}",
            *(f"{getattr(part, what):.3f}" for what in ("brier", "loss") for part in (before, after)),
        )


def _answers(found: Mapping[tuple[str, str], Figures]) -> None:
    _head(
        "Answered slices",
        "backbone, protocol, accuracy of all, coverage at the threshold for 95 % accuracy, accuracy there, "
        "folds that reached 95 %, coverage at the threshold for 90 % coverage, accuracy there",
    )
    for key, figures in found.items():
        answers, reached = figures["answers"], figures["reached"]
        _row(
            *key,
            _share(answers.accuracy),
            _share(answers.at_threshold.coverage),
            _share(answers.at_threshold.accuracy),
            f"{sum(reached)} of {len(reached)}",
            _share(answers.at_90_coverage.coverage),
            _share(answers.at_90_coverage.accuracy),
        )


def _sets(found: Mapping[tuple[str, str], Figures], classes: Iterable[str]) -> None:
    names = ", ".join(f"in {name.replace('_', ' ')}" for name in classes)
    _head(
        "Prediction sets of 90 %",
        f"backbone, protocol, sets that hold the truth, {names}, each group once, mean size, empty, one class",
    )
    for key, figures in found.items():
        sets = figures["sets"]
        _row(
            *key,
            _share(sets.coverage),
            *(_share(one) for one in sets.coverage_by_class),
            _share(sets.coverage_by_group),
            f"{sets.mean_size:.2f}",
            *(f"{100 * one:.1f} %" for one in sets.sizes[:2]),
        )


def _curve(found: Mapping[tuple[str, str], Figures]) -> None:
    wanted = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
    _head("Risk at coverages", "backbone, protocol, " + ", ".join(f"{100 * one:.0f} %" for one in wanted))
    for key, figures in found.items():
        points = figures["answers"].risk_coverage
        nearest = [min(points, key=lambda point: abs(point.coverage - one)) for one in wanted]
        _row(*key, *(_share(point.risk) for point in nearest))


def _reliability(found: Mapping[tuple[str, str], Figures]) -> None:
    bins = ", ".join(str(number + 1) for number in range(BINS))
    _head("Reliability on grouped: mean top probability / share right, by bin", f"backbone, when, {bins}")
    for (name, protocol), figures in found.items():
        if protocol == "grouped":
            for when in ("before", "after"):
                _row(name, when, *(f"{b.confidence:.2f} / {b.accuracy:.2f}" for b in figures[when].bins))


def _goals(found: Mapping[tuple[str, str], Figures]) -> None:
    _head(
        "Aims",
        f"backbone, protocol, calibration error inside the band or at most {_ERROR}, "
        f"accuracy at least {_ACCURACY} at 90 % coverage",
    )
    for key, figures in found.items():
        after, most = figures["after"], figures["answers"].at_90_coverage
        error = after.inside or after.error <= _ERROR
        accuracy = most.accuracy.value
        _row(
            *key,
            f"{'reached' if error else 'missed'} ({after.error:.3f})",
            f"{'reached' if accuracy >= _ACCURACY else 'missed'} ({accuracy:.3f})",
        )


def _head(title: str, columns: str) -> None:
    names = [name.strip() for name in columns.split(", ")]
    print(f"\n### {title}\n\n| {' | '.join(names)} |\n|---|---|{'---:|' * (len(names) - 2)}")


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def _share(estimate: Estimate) -> str:
    """A share with its interval, in per cent."""
    parts = (estimate.value, estimate.low, estimate.high)
    value, low, high = (np.nan if part is None else 100 * part for part in parts)
    return f"{value:.1f} ({low:.1f}–{high:.1f})"


if __name__ == "__main__":
    main()
