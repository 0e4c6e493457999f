"""How a comparison shows itself: in a notebook, and as tables and figures."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from hilum import html
from hilum.errors import HilumError, extras_named
from hilum.options import check_name, check_within
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.report.judged import limits, no_figure
from hilum.report.leaderboard import columns, key, named
from hilum.report.scores import verdict, where
from hilum.report.words import not_compared, number, plural, readable, serious_notes, warnings_of, with_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

FIGURES = ("protocols", "models", "curves", "confusion", "similarity", "roc")
_OF_ALL = ("protocols", "models", "similarity")  # figures that show every model
_NOTES = 5
_WIDTH = 150  # of a picture in pixels


class Display(ABC):
    """Shows a comparison from its record, its history, its predictions and the pictures of its slices."""

    @property
    @abstractmethod
    def record(self) -> ComparisonRecord:
        """The content of metrics.json (docs/run-folder.md), except for the list of files."""

    @abstractmethod
    def history(self) -> "pd.DataFrame":
        """How the heads were trained: one row per model and epoch, or per model and strength of its head."""

    @abstractmethod
    def predictions(self) -> "pd.DataFrame":
        """The answers: one row per model and file (predictions.csv in docs/run-folder.md)."""

    @abstractmethod
    def probabilities(self) -> "pd.DataFrame":
        """What the figures are computed from: one row per model, protocol, repeat and slice.

        These are the rows of predictions.parquet (docs/run-folder.md). The repeats of a protocol have the same slices
        in the same order. Under `given`, rows of the split `valid` only choose the best model, if a model has figures
        on them (`splits.valid` of the record).
        """

    @abstractmethod
    def picture(self, path: str) -> bytes | None:
        """A small PNG of the slice with a path of `predictions`, or None if it can no longer be read."""

    def leaderboard(self) -> "pd.DataFrame":
        """The models with their scores, one row a model, the best first.

        Columns are macro-F1 under the headline protocol (`strict`, where it could be run), the highest `floor`, which
        `floor_name` names, the `lead` over it, macro-F1 under `given` and on slices from elsewhere, their AUC
        (`external:iq_auc`), and `seconds`. The limits of 95 % intervals are in columns that end in `_low` and `_high`.

        Example:
            >>> comparison.leaderboard().loc["efficientnet_lite0", "title"]
            'EfficientNet-Lite0'
        """
        from hilum.report.frames import leaderboard

        return leaderboard(self.record)

    def differences(self) -> "pd.DataFrame":
        """Paired differences from the best model, one row per protocol and model.

        Columns are the differences in `f1_macro` and `auc_macro` with the limits of their 95 % intervals; `p`,
        `p_holm`, `told_apart` and `as_good` of macro-F1 under strict, the one claim that is tested; and `first`, the
        share of resamples in which the model comes out first.

        Example:
            >>> len(comparison.differences())  # of the one model from itself there is none
            0
        """
        from hilum.report.frames import differences

        return differences(self.record)

    def plot(self, name: str = "protocols", model: str | None = None) -> "Figure":
        """Draws a figure, which a notebook shows when it is the last line of a cell.

        Args:
            name: `protocols` (the scores under each protocol, with floors), `models` (scores and seconds), `curves`
                (loss and accuracy in training), `confusion`, `similarity` (scores against the likeness of slices that
                are kept together) or `roc`.
            model: Model of `confusion` and `roc`, by default the best one; or of `curves`, by default all.

        Raises:
            HilumError: There is no such figure or model, the figure shows all models, or these slices do not have it.

        Example:
            >>> comparison.plot("confusion").savefig("confusion.pdf")
        """
        check_name("figure", name, FIGURES)
        if reason := no_figure(self.record, name):
            raise HilumError(reason)
        if model is not None:
            check_name("model", model, self.record.titles)
            if name in _OF_ALL:
                raise HilumError(f"The figure {name} shows all models. Leave out the model.")
        with extras_named():
            from hilum.report import charts, figures

        record, of = self.record, self._model(model)
        if name == "roc":
            return self._roc(of)
        if name == "curves":
            return self._curves([of] if model else record.ranked)
        if name == "confusion":
            return figures.confusion_chart(record, of)
        if name == "similarity" and not record.curve:
            raise HilumError("There is no similarity curve: it needs the protocols grouped and strict.")
        draw = {
            "protocols": charts.protocols_chart,
            "models": figures.models_chart,
            "similarity": charts.similarity_chart,
        }
        return draw[name](record)

    def top_errors(self, n: int = 12) -> html.Shown:
        """The best model's wrong answers of which it was surest, as pictures.

        They are those under strict, else on the given test.

        Args:
            n: Largest number of pictures.

        Example:
            >>> comparison.top_errors(6)
            6 mistakes that EfficientNet-Lite0 was surest of
        """
        check_within("n", n, 1)
        from hilum.report.answers import mistakes

        record = self.record
        rows = mistakes(record, self.probabilities(), n)
        figures = []
        for path, label, called, probability in zip(
            rows["path"], rows["label"], rows["called"], rows["probability"], strict=True
        ):
            sure = f" with {number(probability)}" if record.has_probabilities else ""
            lines = [f"{readable(label)}, taken for {readable(called)}{sure}", path]
            figures.append((html.thumbnail(self.picture(path), "png", f"Slice {path}", _WIDTH), lines))
        whose = f"that {record.best_model.title} was surest of"
        if not record.has_probabilities:
            whose = f"of {record.best_model.title}"
        line = f"{plural(len(rows), 'mistake')} {whose}"
        return html.Shown(line, html.gallery(figures, _WIDTH) if figures else html.paragraph(f"{line}."))

    def report(self) -> html.Shown:
        """The whole report in a frame, the same page as `report.html` in a run folder.

        Example:
            >>> comparison.report()
            Report of Comparison(1 model on phantom; ...)
        """
        with extras_named():
            from hilum.report.figures import charts
            from hilum.report.html import report_page
            from hilum.report.style import svg

        history, probabilities = self.history(), self.probabilities()
        svgs = {name: svg(figure) for name, figure in charts(self.record, history, probabilities).items()}
        page = report_page(self.record, history, probabilities, svgs, self.picture)
        return html.report_of(self, page)

    def _model(self, name: str | None) -> ComparedModel:
        return next(model for model in self.record.ranked if name in (None, model.name))

    def _curves(self, models: list[ComparedModel]) -> "Figure":
        from hilum.report.figures import curves_chart

        history = self.history()
        drawn = set(history["model"])
        if not any(model.name in drawn for model in models):
            raise HilumError(
                f"There are no curves of {models[0].title if len(models) == 1 else 'these models'}: no epochs were run "
                "and no strength was chosen."
            )
        return curves_chart(self.record, history, models)

    def _roc(self, model: ComparedModel) -> "Figure":
        from hilum.report.roc import roc_chart

        figure = roc_chart(self.record, self.probabilities(), model)
        if figure is None:
            raise HilumError(
                f"There is no ROC curve of {model.title}: all slices that it is scored on are of one class."
            )
        return figure

    def __repr__(self) -> str:
        record, best = self.record, self.record.best_model
        figures = best.protocols[record.judged_by(best)]
        who = best.title if len(record.ranked) == 1 else f"best {best.title}"
        return (
            f"{type(self).__name__}({plural(len(record.ranked), 'model')} on {record.data.folder}; {who}: macro-F1 "
            f"{with_interval(figures.f1_macro)} on {plural(figures.n, 'slice')} in {plural(figures.groups, 'group')} "
            f"{where(record, best)})"
        )

    def _repr_html_(self) -> str:
        record, figures = self.record, columns(self.record)
        headings = ["model", *(" ".join(column.heading) for column in figures)]
        rows = [[named(record, model), *(column.cell(model) for column in figures)] for model in record.ranked]
        notes = [*limits(record), *not_compared(record), *record.data.notes]
        more = len(notes) - _NOTES
        return html.block(
            *(html.paragraph(f"{line}.", strong=True) for line in warnings_of(record)),
            *(html.paragraph(note, strong=True) for note in serious_notes(record)),
            html.paragraph(verdict(record)),
            html.table(headings, rows, strong=0),
            html.paragraph(key(record)),
            html.bullets(notes[:_NOTES]),
            html.paragraph(f"And {plural(more, 'note')} more, in .report().") if more > 0 else "",
        )
