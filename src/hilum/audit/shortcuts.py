"""Shortcuts: how well simple models tell the label without the lungs. Their scores are the floors of every table."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hilum.audit.blanked import blanked_features
from hilum.audit.picture_checks import Look
from hilum.backbones.weights import NoWeights, obtain_weights
from hilum.backbones.zoo import backbone
from hilum.errors import MissingExtra, extras_named
from hilum.heads.logistic import LogisticHead
from hilum.heads.side_by_side import side_by_side
from hilum.heads.variation import varies
from hilum.options import FeatureOptions
from hilum.progress import Advance, Tracker, silent
from hilum.records.figures import BLANKED, BORDER, Floor
from hilum.scoring.protocols import Fit, Plan, Protocol, Slices
from hilum.scoring.scoring import Predictions, figures_of, known, resamples_of, run_plan
from hilum.slices.pixels import squares_of
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable

FILE_FACTS, PIXELS = "file facts", "32x32 pixels"
BACKBONE = "efficientnet_lite0"  # its weights come with a package, so every machine has this floor
SIDE = 32
_RING = 4  # width of the border in pixels


def shortcut_features(
    table: SliceTable, looks: Sequence[Look], floor: str, track: Tracker = silent
) -> tuple[dict[str, NDArray[np.floating]], list[str]]:
    """Features of each row that do not come from its lungs.

    Args:
        table: Table from `read_table`.
        looks: Result of the picture checks of each row.
        floor: `full`, or `cheap` for the features that need no network.
        track: Reports progress.

    Returns:
        Features `[rows, width]` by the shortcut's name, and a sentence for each shortcut that is not available. The
        shortcuts are facts of the file with mean and edge grey; the whole picture at 32 x 32 pixels; the outer four
        pixels of that; and, for a full floor, features of a frozen EfficientNet-Lite0 with the lungs painted over.
    """
    features = cheap_features([(table, looks)], track)
    if floor == "cheap":
        return features, []
    network = backbone(BACKBONE)

    def within(title: str, total: int | None) -> AbstractContextManager[Advance]:
        return track(f"shortcuts, {title}", total)

    try:
        with extras_named():
            weights = obtain_weights(network, None, within)
            blanked = blanked_features(table, looks, network, weights, FeatureOptions(), within)
    except (NoWeights, MissingExtra) as error:
        return features, [f"The floor of blanked lungs is left out: {error}"]
    return {**features, BLANKED: blanked}, []


def cheap_features(
    parts: Sequence[tuple[SliceTable, Sequence[Look]]], track: Tracker = silent
) -> dict[str, NDArray[np.floating]]:
    """The features of `shortcut_features` that need no network, of the rows of some tables one after the other.

    Args:
        parts: Tables, each with the result of the picture checks of its rows.
        track: Reports progress.
    """
    title = "shortcuts, shrinking slices"
    pictures = np.concatenate([squares_of(table, SIDE, False, title, track) for table, _ in parts])
    rows, looks = [row for table, _ in parts for row in table.rows], [look for _, its in parts for look in its]
    return {
        FILE_FACTS: _file_facts(rows, looks),
        PIXELS: pictures.reshape(len(pictures), -1),
        BORDER: border(pictures),
    }


def floors(
    features: Mapping[str, NDArray[np.floating]],
    plans: Mapping[Protocol, Plan],
    slices: Slices,
    classes: tuple[str, ...],
    negative: str | None,
    seed: int = 0,
    track: Tracker = silent,
) -> tuple[dict[str, dict[str, Floor]], dict[str, dict[str, NDArray[np.float64]]]]:
    """The figures of every shortcut under every protocol, with intervals, and their macro-F1 on the resamples.

    A random forest reads the facts, a logistic regression the pixels; neither is tuned. Features of blanked pictures
    get the head that features of whole pictures get in a comparison. Only the first repeat of a plan is run, and plans
    with the same trainings share them. A protocol lacks the floor of a shortcut in which its training slices do not
    differ.
    """
    scores: dict[str, dict[str, Floor]] = {name: {} for name in plans}
    draws: dict[str, dict[str, NDArray[np.float64]]] = {name: {} for name in plans}
    shared: list[dict[Protocol, Plan]] = []
    for name, plan in ((name, plan.once()) for name, plan in plans.items()):
        same = next((group for group in shared if plan.begins(next(iter(group.values())))), None)
        if same is None:
            shared.append({name: plan})
        else:
            same[name] = plan
    jobs = [(shortcut, group) for shortcut in features for group in shared]  # the slowest, forests, come first
    with track("shortcuts, scoring", len(jobs)) as advance:

        def score(job: tuple[str, dict[Protocol, Plan]]) -> dict[Protocol, tuple[Floor, NDArray[np.float64]]]:
            shortcut, group = job
            first = predicted(
                shortcut, features[shortcut], next(iter(group.values())), slices.labels, len(classes), seed
            )
            ran = [first] if first else []
            found = {name: known(plan, ran) for name, plan in group.items()}
            advance()
            return {name: floor_of(of, slices, classes, negative, seed) for name, of in found.items() if of}

        for (shortcut, _), found in zip(jobs, side_by_side(score, jobs), strict=True):
            for name, (figures, drawn) in found.items():
                scores[name][shortcut], draws[name][shortcut] = figures, drawn
    return scores, draws


def predicted(
    shortcut: str, values: NDArray[np.floating], plan: Plan, labels: NDArray[np.intp], classes: int, seed: int
) -> Predictions | None:
    """The predictions of a shortcut's model under the first repeat of a plan.

    Args:
        shortcut: Name of the shortcut.
        values: Its features of all rows, `[rows, width]`.
        plan: The plan.
        labels: Numbers of the classes of all rows that the plan trains on, `[rows]`.
        classes: Number of classes.
        seed: Random seed.

    Returns:
        The predictions; None if some training slices do not differ in the features.
    """
    once = plan.once()
    if not all(varies(values[fit.whole]) for fit in once.repeats[0]):
        return None

    def predict(fit: Fit, seed: int) -> NDArray[np.float64]:
        return _predict(_classifier(shortcut, seed % 2**32), values, labels, classes, fit, plan.inner)

    return run_plan(once, classes, predict, seed)


def floor_of(
    predictions: Predictions, slices: Slices, classes: Sequence[str], negative: str | None, seed: int
) -> tuple[Floor, NDArray[np.float64]]:
    """The figures of a floor's predictions with intervals, and its macro-F1 on the resamples, `[1 + count]`."""
    weights = resamples_of(predictions.plan, slices, seed)
    figures, drawn = figures_of(predictions, slices, classes, negative, weights)
    return Floor.made({name: getattr(figures, name) for name in Floor.model_fields}), drawn["f1_macro"]


def border(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outer ring, four pixels wide, of pictures `[n, 32, 32]`: `[n, pixels]`."""
    ring = np.ones(pictures.shape[1:], np.bool_)
    ring[_RING:-_RING, _RING:-_RING] = False
    return pictures[:, ring]


def _file_facts(rows: Sequence[SliceRow], looks: Sequence[Look]) -> NDArray[np.float64]:
    facts = [row.facts for row in rows]
    formats, modes = sorted({of.format for of in facts}), sorted({of.mode for of in facts})
    values = [
        (formats.index(of.format), modes.index(of.mode), of.width, of.height, of.bytes, look.mean_grey, look.edge_grey)
        for of, look in zip(facts, looks, strict=True)
    ]
    return np.array(values, np.float64)


def _classifier(shortcut: str, seed: int) -> ClassifierMixin:
    if shortcut == FILE_FACTS:
        return RandomForestClassifier(200, min_samples_leaf=2, random_state=seed)
    if shortcut == BLANKED:
        return LogisticHead(seed=seed)
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))


def _predict(
    classifier: ClassifierMixin,
    values: NDArray[np.floating],
    labels: NDArray[np.intp],
    classes: int,
    fit: Fit,
    inner: NDArray[np.intp],
) -> NDArray[np.float64]:
    grouped = (inner[fit.whole],) if isinstance(classifier, LogisticHead) else ()
    classifier.fit(values[fit.whole], labels[fit.whole], *grouped)
    probabilities = np.zeros((len(fit.score), classes))
    probabilities[:, classifier.classes_] = classifier.predict_proba(values[fit.score])
    return probabilities
