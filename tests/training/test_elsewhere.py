"""A model's temperature and thresholds on slices of another hospital."""

import io

import numpy as np
import pytest
from helpers.blocks import write_blocks, write_training
from helpers.model_records import NAME
from helpers.recomputed import check_model
from helpers.training import saved, trained_on

from hilum.comparison.external import External
from hilum.errors import HilumError
from hilum.model.open import open_reader
from hilum.predict.session import predict_files
from hilum.slices.table import read_labelled, read_table
from hilum.trust.abstention import Limits
from hilum.trust.calibration import calibration_error

pytestmark = pytest.mark.usefixtures("use_shared_cache")


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Slices of two classes, one of which is a name of its own."""
    counts = {"ill": (8, 90), "well": (7, 145), "other": (2, 190)}
    return write_blocks(tmp_path_factory.mktemp("there") / "iq", 1, counts)


@pytest.fixture(scope="module")
def table(tmp_path_factory, shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return read_table(write_training(tmp_path_factory.mktemp("here") / "training"))


@pytest.fixture(scope="module")
def model(table, there, shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        asked = {
            "two": External(read_labelled(there), {"ill": "cancer", "well": "normal"}),
            "own": External(read_labelled(there), {"ill": "dark", "well": "normal"}),
        }
        return trained_on(table, NAME, external=asked, floor="cheap", size=64)


@pytest.fixture(scope="module")
def answers(model, there, tmp_path_factory, shared_cache):
    """Rows of `hilum predict` on the slices, by the saved model, and the true labels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        reader = open_reader(saved(model, tmp_path_factory.mktemp("saved") / "model"))
        rows = []
        paths = [str(there / "ill"), str(there / "well")]
        predict_files(reader, paths, rows.append, limits=Limits.of(reader.facts), stdin=io.BytesIO())
    return reader.facts, rows, np.array([("/ill/" in row.path) for row in rows])


def test_the_figures_follow_from_the_probabilities_in_the_folder(model, tmp_path):
    ran = check_model(saved(model, tmp_path / "model"))
    assert {"external:two", "external:own"} < set(ran)


def test_the_figures_are_those_of_the_saved_model(model, answers):
    facts, rows, ill = answers
    found = model.record.trust.elsewhere["two"]
    assert found.slices.read_as == {"ill": "cancer", "well": "normal"}
    assert found.slices.classes == ("cancer", "normal")
    assert found.slices.left_out == {"of a class that is neither known nor mapped": 2}
    shares = np.array([[row.probabilities[name] for name in facts.classes] for row in rows])
    cancer = 1 - shares[:, facts.classes.index("normal")]
    two = np.stack([cancer, 1 - cancer], 1)
    assert found.figures.n == len(rows) == 15
    assert found.figures.accuracy.value == pytest.approx(((cancer > 0.5) == ill).mean())
    assert found.figures.calibration.error == pytest.approx(calibration_error((~ill).astype(int), two), abs=1e-4)
    top, called = shares.max(1), np.array(facts.classes)[shares.argmax(1)]
    right = (called != "normal") == ill
    answered = top >= facts.thresholds.answer
    at = found.answers.at_threshold
    assert at.coverage.value == pytest.approx(answered.mean())
    assert at.accuracy.value == (pytest.approx(right[answered].mean()) if answered.any() else None)
    mostly = top >= facts.threshold_for(coverage=0.9)
    assert found.answers.at_90_coverage.accuracy.value == (
        pytest.approx(right[mostly].mean()) if mostly.any() else None
    )
    far = np.array([row.outlier_score for row in rows]) > facts.thresholds.outlier
    assert found.outliers.refused.value == pytest.approx(far.mean())


def test_a_set_holds_the_truth_if_it_holds_any_class_that_reads_as_it(model, answers):
    facts, rows, ill = answers
    found = model.record.trust.elsewhere["two"].conformal
    sets = [facts.prediction_set(row.probabilities.values()) for row in rows]
    pairs = zip(sets, ill, strict=True)
    held = np.array([bool(set(one) - {"normal"} if sick else "normal" in one) for one, sick in pairs])
    assert found.coverage.value == pytest.approx(held.mean())
    assert [of.value for of in found.coverage_by_class] == pytest.approx([held[ill].mean(), held[~ill].mean()])
    assert found.mean_size == pytest.approx(np.mean([len(one) for one in sets]))
    assert len(found.sizes) == len(facts.classes) + 1


def test_slices_of_training_classes_are_read_as_these(model, answers):
    facts, rows, ill = answers
    found = model.record.trust.elsewhere["own"]
    assert found.slices.classes == facts.classes
    called = np.array([max(row.probabilities, key=row.probabilities.get) for row in rows])
    right = called == np.where(ill, "dark", "normal")
    assert found.answers.accuracy.value == found.figures.accuracy.value == pytest.approx(right.mean())
    sets = [facts.prediction_set(row.probabilities.values()) for row in rows]
    held = [("dark" if sick else "normal") in one for one, sick in zip(sets, ill, strict=True)]
    assert found.conformal.coverage.value == pytest.approx(np.mean(held))


def test_slices_from_elsewhere_choose_nothing(model, table):
    alone = trained_on(table, NAME, floor="cheap", size=64).record
    assert alone.thresholds == model.record.thresholds
    assert alone.trust.elsewhere == {}
    assert any(note.startswith("external two: 2 slices were left out") for note in model.record.data.notes)


def test_classes_that_do_not_fit_are_refused_before_any_work(table, there):
    with pytest.raises(HilumError, match="external iq"):
        trained_on(table, NAME, external={"iq": read_labelled(there)})
