"""Slices from elsewhere: what is scored there, by whom, and that it chooses nothing."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.blocks import write_blocks, write_training
from PIL import Image
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

import hilum
from hilum.audit.audit import first_look
from hilum.audit.groups import find_groups
from hilum.comparison.external import External
from hilum.comparison.outside import outside_of
from hilum.comparison.record import predictions_of, record_of
from hilum.errors import HilumError
from hilum.heads.hierarchical import HierarchicalHead
from hilum.scoring.options import ScoringOptions
from hilum.scoring.protocols import distinct_rows
from hilum.slices.table import read_labelled, read_table
from hilum.trust.calibration import calibration_error

LITE0 = "efficientnet_lite0"
REPEATS = 2
pytestmark = pytest.mark.usefixtures("use_shared_cache")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A training folder, and slices from elsewhere of which six may not be scored."""
    root = tmp_path_factory.mktemp("outside")
    training = write_training(root / "training")
    there = write_blocks(root / "iq", 1, {"ill": (7, 90), "normal": (6, 145), "benign": (2, 190)})
    (there / "ill" / "copy.png").write_bytes((training / "test" / "dark" / "1.png").read_bytes())
    turned = Image.open(training / "valid" / "normal" / "0.png").transpose(Image.Transpose.ROTATE_90)
    turned.save(there / "normal" / "turned.png")
    picture = np.asarray(Image.open(training / "train" / "dark" / "2.png")).astype(float)
    noise = np.random.default_rng(0).normal(0, 4, (6, 6)).repeat(12, 0).repeat(12, 1)
    Image.fromarray((picture + noise).clip(0, 255).astype(np.uint8)).save(there / "ill" / "alike.png")
    (there / "ill" / "twice.png").write_bytes((there / "ill" / "0.png").read_bytes())
    (there / "normal" / "both.png").write_bytes((there / "ill" / "1.png").read_bytes())
    (there / "ill" / "broken.png").write_bytes(b"no picture")
    return training, there


@pytest.fixture(scope="module")
def tables(folders, shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return read_table(folders[0]), External(read_labelled(folders[1]), {"ill": "cancer"})


@pytest.fixture(scope="module")
def audit(tables, shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return first_look(tables[0])


def _compared(tables, audit, **options):
    names = [LITE0, "cnn"]
    return hilum.compare(
        tables[0], names, audited=audit, protocols=["given"], repeats=REPEATS, cnn_epochs=2, size=64, **options
    )


@pytest.fixture(scope="module")
def compared(tables, audit, shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        patch.setenv("HILUM_OFFLINE", "1")
        return _compared(tables, audit, external={"iq": tables[1]})


@pytest.fixture(scope="module")
def record(compared):
    return record_of(compared, None)


def test_what_models_have_seen_and_what_nothing_is_known_of_is_left_out(record):
    protocol = record.protocols[-1]
    assert (protocol.name, protocol.title) == ("external:iq", "external iq")
    facts = protocol.external
    assert facts.left_out == {
        "of a class that is neither known nor mapped": 2,
        "a picture that carries two labels": 2,
        "a copy of a training slice": 2,
        f"a look-alike of a training slice (above {protocol.likeness:.2f})": 1,
        "a copy of another slice": 1,
        "that cannot be read": 1,
    }
    assert protocol.scored + sum(facts.left_out.values()) == facts.files == 21
    assert facts.read_as == {"ill": "cancer", "normal": "normal"}
    assert any("no class benign" in note for note in record.data.notes)
    assert [dict(one) for one in record.settings.external] == [
        {"name": "iq", "folder": "iq", "mapped": {"ill": "cancer"}}
    ]


def test_figures_are_those_of_heads_trained_on_all_distinct_slices(tables, audit, compared, record):
    table, there = tables[0], compared.outside.sets[0].table
    features = _features(table), _features(there)
    rows = distinct_rows(audit.slices)
    assert len(rows) == 45 == record.protocols[-1].trained
    negative = table.classes.index("normal")
    heads = [
        HierarchicalHead(negative, seed=seed).fit(features[0][rows], table.labels[rows], audit.slices.strict[rows])
        for seed in range(REPEATS)
    ]
    shares = np.mean([head.predict_proba(features[1]) for head in heads], axis=0)
    cancer = shares[:, [0, 1]].sum(1)  # bright and dark, beside normal
    labels = np.array([row.label for row in there.rows]) == "ill"
    figures = record.models[0].protocols["external:iq"]
    assert figures.n == len(labels) == 12
    assert figures.auc_macro.value == pytest.approx(roc_auc_score(labels, cancer))
    assert figures.accuracy.value == accuracy_score(labels, cancer > 0.5)
    assert figures.f1_macro.value == pytest.approx(f1_score(labels, cancer > 0.5, average="macro"))
    assert figures.binary.negative == "normal"
    assert figures.groups == len(np.unique(find_groups(there).strict))
    two = np.stack([cancer, 1 - cancer], 1)
    assert figures.calibration.error == pytest.approx(calibration_error((~labels).astype(int), two))


def _features(table):
    from hilum.backbones.weights import obtain_weights
    from hilum.backbones.zoo import backbone
    from hilum.features.extract import extract
    from hilum.options import FeatureOptions

    known = backbone(LITE0)
    return extract(table, known, obtain_weights(known, None), FeatureOptions(size=64)).values


def test_floors_and_differences_are_there_too(record):
    floors = record.audit.floors["external:iq"]
    assert list(floors) == ["file facts", "32x32 pixels", "border alone"]
    assert all(0 <= floor.accuracy.value <= 1 for floor in floors.values())
    assert [one.model for one in record.differences["external:iq"]] == [LITE0, "cnn"]
    assert record.models[0].protocols["external:iq"].over_floor.floor in {*floors, "lungs blanked"}


def test_predictions_of_scored_slices_are_in_the_training_classes(compared):
    rows = predictions_of(compared)
    there = rows[rows["split"] == "external:iq"]
    assert there["model"].value_counts().to_dict() == {LITE0: 12, "cnn": 12}
    assert set(there["label"]) == {"ill", "normal"}
    assert set(there["predicted"]) <= {"bright", "dark", "normal"}
    np.testing.assert_allclose(there.filter(regex="^p_").sum(axis=1), 1)


def test_it_chooses_nothing(tables, audit, compared, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    without = _compared(tables, audit)
    assert without.best.name == compared.best.name
    for name, figures in without.scores.figures.items():
        assert compared.scores.figures[name] == figures


def test_an_ensemble_is_the_mean_of_its_members_there(tables, audit, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    names = [LITE0, "timm:resnet10t.c3_in1k"]
    compared = hilum.compare(
        tables[0], names, ensemble=names, audited=audit, protocols=["given"], repeats=1, size=32, random_weights=True,
        external={"iq": tables[1], "again": tables[1]},
    )  # fmt: skip
    one, other, both = (result.predictions["external:iq"].probabilities for result in compared.results)
    np.testing.assert_allclose(both, (one + other) / 2)
    for result in compared.results:  # one training scores all sets
        np.testing.assert_allclose(
            result.predictions["external:iq"].probabilities, result.predictions["external:again"].probabilities
        )


def _of_patient(row, name):
    return replace(row, group=name, facts=replace(row.facts, patient=name))


def test_slices_of_a_dicom_patient_of_training_are_left_out_but_ids_of_a_user_prove_nothing(tables, audit):
    table, there = tables[0], tables[1].table
    known = replace(audit, table=replace(table, rows=(_of_patient(table.rows[0], "p1"), *table.rows[1:])))
    place = next(number for number, row in enumerate(there.rows) if row.path == "ill/4.png")
    for row, count in ((_of_patient(there.rows[place], "p1"), 1), (replace(there.rows[place], group="p2"), 0)):
        rows = (*there.rows[:place], row, *there.rows[place + 1 :])
        asked = {"iq": External(replace(there, rows=rows), {"ill": "cancer"})}
        (made,) = outside_of(known, asked, ScoringOptions(repeats=1)).sets
        assert made.left_out.get("of a patient or series that was trained on", 0) == count
        assert len(made.table.rows) == 12 - count


def test_slices_of_the_training_folder_alone_are_refused(tables, folders, audit):
    with pytest.raises(HilumError, match=r"classes are left to score\. 45 slices were left out \(a copy of a training"):
        outside_of(audit, {"iq": External(read_labelled(folders[0]))}, ScoringOptions())
