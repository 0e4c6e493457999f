"""Shortcuts: how well simple models tell the label without the lungs. Their scores are the floors of every table."""

from collections.abc import Mapping, Sequence

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
from hilum.heads.logistic import LogisticHead
from hilum.heads.side_by_side import side_by_side
from hilum.heads.variation import varies
from hilum.options import FeatureOptions
from hilum.progress import Tracker, silent
from hilum.records.figures import BLANKED, Floor
from hilum.scoring.protocols import Fit, Plan, Protocol, Slices
from hilum.scoring.scoring import figures_of, resamples_of, run_plan
from hilum.slices.pixels import squares_of
from hilum.slices.table import SliceTable

FILE_FACTS, PIXELS, BORDER = "file facts", "32x32 pixels", "border alone"
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
    pictures = squares_of(table, SIDE, False, "shrinking slices", track)
    features: dict[str, NDArray[np.floating]] = {
        FILE_FACTS: _file_facts(table, looks),
        PIXELS: pictures.reshape(len(pictures), -1),
        BORDER: border(pictures),
    }
    if floor == "cheap":
        return features, []
    network = backbone(BACKBONE)
    try:
        weights = obtain_weights(network, None, track)
    except NoWeights as error:
        return features, [f"The floor of blanked lungs is left out: {error}"]
    features[BLANKED] = blanked_features(table, looks, network, weights, FeatureOptions(), track)
    return features, []


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
    get the head that features of whole pictures get in a comparison. Only the first repeat of a plan is run. A protocol
    lacks the floor of a shortcut in which its training slices do not differ.
    """
    scores: dict[str, dict[str, Floor]] = {name: {} for name in plans}
    draws: dict[str, dict[str, NDArray[np.float64]]] = {name: {} for name in plans}
    jobs = [(name, shortcut) for shortcut in features for name in plans]  # the slowest, forests, come first
    with track("scoring shortcuts", len(jobs)) as advance:

        def score(job: tuple[Protocol, str]) -> tuple[Floor, NDArray[np.float64]] | None:
            name, shortcut = job
            plan, values = plans[name].once(), features[shortcut]

            def predict(fit: Fit, seed: int) -> NDArray[np.float64]:
                classifier = _classifier(shortcut, seed % 2**32)
                return _predict(classifier, values, slices.labels, len(classes), fit, plan.inner)

            try:
                if not all(varies(values[fit.whole]) for fit in plan.repeats[0]):
                    return None
                predictions = run_plan(plan, len(classes), predict, seed)
                resamples = resamples_of(plan, slices, seed)
                figures, drawn = figures_of(predictions, slices, classes, negative, resamples)
                floor = Floor.made({name: getattr(figures, name) for name in Floor.model_fields})
                return floor, drawn["f1_macro"]
            finally:
                advance()

        for (name, shortcut), found in zip(jobs, side_by_side(score, jobs), strict=True):
            if found:
                scores[name][shortcut], draws[name][shortcut] = found
    return scores, draws


def border(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outer ring, four pixels wide, of pictures `[n, 32, 32]`: `[n, pixels]`."""
    ring = np.ones(pictures.shape[1:], np.bool_)
    ring[_RING:-_RING, _RING:-_RING] = False
    return pictures[:, ring]


def _file_facts(table: SliceTable, looks: Sequence[Look]) -> NDArray[np.float64]:
    formats = sorted({row.facts.format for row in table.rows})
    modes = sorted({row.facts.mode for row in table.rows})
    facts = [row.facts for row in table.rows]
    rows = [
        (formats.index(of.format), modes.index(of.mode), of.width, of.height, of.bytes, look.mean_grey, look.edge_grey)
        for of, look in zip(facts, looks, strict=True)
    ]
    return np.array(rows, np.float64)


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
