"""Judging: a run's own predictions give the run's figures, and others the figures that scikit-learn gives them."""

import shutil

import numpy as np
import pandas as pd
import pytest
from helpers.judged import chance_predictions
from helpers.recomputed import check_run
from judging import made, predictions  # the benchmark
from sklearn.metrics import accuracy_score, f1_score
from sklearn.neighbors import KNeighborsClassifier

import hilum
from hilum.audit.audit import first_look
from hilum.errors import HilumError
from hilum.judging.left_out import TRAINED
from hilum.progress import silent
from hilum.report.words import serious_notes
from hilum.slices.pixels import squares_of

pytestmark = pytest.mark.usefixtures("use_shared_cache")


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")


def _close(found, expected, place=""):
    """Two parts of records whose numbers agree within 1e-6; what only one of them measures is left out."""
    if isinstance(expected, dict):
        for name in expected:
            if name not in ("calibration", "over_floor"):
                _close(found[name], expected[name], f"{place}.{name}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            _close(one, other, f"{place}[{number}]")
    else:
        assert found == (pytest.approx(expected, abs=1e-6) if isinstance(expected, float) else expected), place


@pytest.fixture(scope="module")
def own(compared, phantom_table, phantom_audit, tmp_path_factory):
    """A run's own predictions.parquet, judged."""
    file = compared.save(tmp_path_factory.mktemp("own") / "run") / "predictions.parquet"
    return hilum.judge(file, phantom_table, floor="cheap", audited=phantom_audit)


def test_a_runs_own_predictions_are_judged_to_its_figures(own, compared):
    ours, its = own.record.as_json(), compared.record.as_json()
    models = {model["name"]: model for model in its["models"] if model["status"] == "ok"}
    assert len(models) == 2
    for model in ours["models"]:
        _close(model["protocols"], models[model["name"]]["protocols"])
        _close(model["splits"], models[model["name"]]["splits"])
    _close(ours["differences"], its["differences"])
    assert ours["best"] == its["best"]
    assert own.chosen_on_valid
    assert own.record.headline == "strict"
    assert not any("Serious" in note for note in own.notes)


def test_its_figures_follow_from_its_rows(own, tmp_path):
    ran = check_run(own.save(tmp_path / "run"))
    assert ran["cnn"] == ["given", "no-copies", "no-look-alikes"]
    assert ran["efficientnet_lite0"] == [*ran["cnn"], "grouped", "strict"]


def test_floors_of_folds_are_those_of_the_audit(own, phantom_audit):
    for name in ("grouped", "strict"):
        _close(own.record.as_json()["audit"]["floors"][name], phantom_audit.record.as_json()["floors"][name])


def test_its_own_probabilities_are_judged_to_the_same_figures(own, phantom_table, phantom_audit):
    again = hilum.judge(own.probabilities(), phantom_table, floor="cheap", audited=phantom_audit)
    _close(again.record.as_json()["models"], own.record.as_json()["models"])


def test_shuffled_labels_score_chance():
    table, audit = made(1000)
    frame, classes = predictions(table, sure=2), list(table.classes)
    shuffled = frame.assign(**frame[classes].sample(frac=1, random_state=1).reset_index(drop=True))
    for rows, chance in ((frame, False), (shuffled, True)):
        judged = hilum.judge(rows, table, audited=audit)
        assert judged.record.protocol_names == ["given", "no-copies", "no-look-alikes"]
        for figures in judged.record.best_model.protocols.values():
            for figure, value in ((figures.accuracy, 1 / 4), (figures.auc_macro, 1 / 2)):
                assert (figure.low < value < figure.high) == chance


@pytest.fixture
def copied(phantom, tmp_path):
    """The phantom with copies of training files in test."""
    folder = shutil.copytree(phantom, tmp_path / "copied")
    for path in sorted(folder.glob("train/*/*.png"))[::3]:
        shutil.copy(path, folder / "test" / path.parent.name / f"again-{path.name}")
    return hilum.read_table(folder)


def test_nearest_neighbours_have_the_figures_of_scikit_learn(copied):
    """With copies and without them, on the very rows that each protocol scores."""
    table, classes, audit = copied, list(copied.classes), first_look(copied)
    pictures = squares_of(table, 32, False, "", silent).reshape(len(table.rows), -1)
    train, test = (np.flatnonzero(table.in_split(split)) for split in ("train", "test"))
    model = KNeighborsClassifier(1).fit(pictures[train], table.labels[train])
    frame = pd.DataFrame(model.predict_proba(pictures[test]), columns=classes)
    frame["path"] = [table.rows[row].path for row in test]
    judged = hilum.judge(frame, table, floor="cheap", audited=audit)
    figures, groups, known = judged.record.best_model.protocols, audit.slices.same_slice, audit.slices.split < 2
    rows = [row for row in test if groups[row] not in groups[known]]
    for name, scored in (("given", test), ("no-copies", rows)):
        called = frame[classes].to_numpy()[np.searchsorted(test, scored)].argmax(1)
        assert figures[name].n == len(scored)
        assert figures[name].f1_macro.value == pytest.approx(f1_score(table.labels[scored], called, average="macro"))
        assert figures[name].accuracy.value == pytest.approx(accuracy_score(table.labels[scored], called))
    left = judged.predictions().set_index("path")["left_out"]
    assert left.index[left == TRAINED].str.contains("again-").sum() == len(test) - len(rows) > 2
    assert sum(judged.record.judged.left_out.values()) == left.notna().sum()
    assert judged.record.judged.trained_on == "train and valid of copied"
    floors = judged.record.audit.floors
    assert {*floors["given"]} == {*floors["no-copies"]} == {"file facts", "32x32 pixels", "border alone"}


def test_the_best_of_two_without_valid_is_the_highest_and_nothing_is_claimed():
    table, audit = made(300)
    two = [predictions(table, sure=sure).assign(model=f"sure {sure}") for sure in (0.5, 2)]
    record = hilum.judge(pd.concat(two), table, audited=audit).record
    assert record.best == "sure 2"
    assert not record.judged.chosen_on_valid
    (gap,) = [row.f1_macro for row in record.differences["no-look-alikes"] if row.model != record.best]
    assert gap.difference.high < 0
    assert gap.p is gap.told_apart is None


def test_the_best_of_two_is_chosen_on_valid_which_is_not_scored():
    table, audit = made(300)
    two = [predictions(table, seed, sure=1).assign(model=f"model {seed}", split="test") for seed in (0, 1)]
    valid = two[0]["path"].str.contains("adenocarcinoma")  # of one class, so that no floor can be trained
    worse = predictions(table, 2, sure=-2)
    two[0].loc[valid, list(table.classes)] = worse.loc[valid, list(table.classes)]
    for frame in two:
        frame.loc[valid, "split"] = "valid"
    judged = hilum.judge(pd.concat(two), table, audited=audit)
    record = judged.record
    assert record.best == "model 1"
    assert record.judged.chosen_on_valid
    assert {model.protocols["given"].n for model in record.ranked} == {300 - valid.sum()}
    (gap,) = [row.f1_macro for row in record.differences[record.headline] if row.model != record.best]
    assert gap.told_apart is not None
    again = hilum.judge(judged.probabilities(), table, audited=audit).record
    _close(again.as_json()["models"], record.as_json()["models"])


def test_classes_alone_are_scored_without_probabilities(phantom_table, phantom_audit):
    frame = chance_predictions(phantom_table)
    called = frame.drop(columns="path").idxmax(axis=1)
    judged = hilum.judge(
        pd.DataFrame({"path": frame["path"], "predicted": called}), phantom_table, floor="cheap", audited=phantom_audit
    )
    whole = hilum.judge(frame, phantom_table, floor="cheap", audited=phantom_audit)
    for name, of in judged.record.best_model.protocols.items():
        its = whole.record.best_model.protocols[name]
        assert (of.f1_macro, of.accuracy, of.confusion) == (its.f1_macro, its.accuracy, its.confusion)
        assert of.auc_macro.value is of.loss.value is of.calibration is None
        assert its.calibration is not None
    assert judged.record.judged.classes_only
    assert not [name for name in judged.predictions() if name.startswith("p_")]


def test_what_was_trained_on_can_be_listed(phantom_table, phantom_audit):
    test = [row.path for row in phantom_table.rows if row.split == "test"]
    frame = chance_predictions(phantom_table)
    judged = hilum.judge(frame, phantom_table, trained_on=test[:3], floor="cheap", audited=phantom_audit)
    assert judged.record.judged.trained == 3
    left = judged.predictions().set_index("path")["left_out"]
    assert left[test[:3]].notna().all()
    assert "There are no floors" in " ".join(judged.record.data.notes) or judged.record.audit.floors["given"]


def test_without_splits_nothing_is_known_of_the_training(phantom, tmp_path):
    flat = tmp_path / "flat"
    for path in sorted(phantom.glob("*/*/*.png")):
        place = flat / path.parent.name / f"{path.parent.parent.name}-{path.name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    table = hilum.read_table(flat, complete=False)
    judged = hilum.judge(chance_predictions(table, every=True), table, audited=first_look(table))
    record = judged.record
    assert record.judged.trained_on is None
    assert record.judged.trained == 0
    assert record.protocol_names == ["given", "no-copies"]
    assert not any(record.audit.floors.values())
    assert any("not known what the models were trained on" in note for note in record.data.notes)
    assert not any("split" in note for note in record.data.notes)


def test_a_likeness_other_than_that_of_the_audit_is_refused(phantom_table, phantom_audit):
    with pytest.raises(HilumError, match="look_alike"):
        hilum.judge(chance_predictions(phantom_table), phantom_table, look_alike=0.6, audited=phantom_audit)


def test_predictions_on_another_split_than_the_folders_are_said_before_the_figures(phantom, tmp_path):
    """As README runs it: a split is written, a model trained on it, and its predictions of test are judged."""
    table = hilum.read_table(phantom, groups=phantom / "table.csv")
    file = hilum.split(table).save(tmp_path / "split.csv")
    new = hilum.read_table(phantom, table=file)
    frame = chance_predictions(new)
    forgotten, told, listed = (
        hilum.judge(frame, slices, trained_on=of, floor="cheap")
        for slices, of in ((table, None), (new, None), (table, file))
    )
    (note,) = serious_notes(forgotten.record)
    own = sum(row.split != "test" for row in table.rows if row.path in set(frame["path"]))
    assert note.startswith(f"Serious: {own} of the {len(frame)} scored slices are in train and valid of phantom, which")
    assert note in forgotten._repr_html_()
    page = (forgotten.save(tmp_path / "run") / "report.html").read_text()
    assert page.index(note) < page.index('class="answer"')
    assert not serious_notes(told.record) + serious_notes(listed.record)
    for judged in (told, listed):
        assert judged.record.judged.trained_on == "train and valid of split.csv"
        assert judged.record.judged.trained == sum(row.split != "test" for row in new.rows)


def test_another_hospital_is_judged_as_two_classes(phantom, tmp_path):
    for path in sorted(phantom.glob("test/*/*.png")):
        place = tmp_path / "far" / ("benign" if path.parent.name == "normal" else "malignant") / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    table = hilum.read_table(tmp_path / "far", complete=False)
    names = [*hilum.read_table(phantom).classes]
    shares = np.random.default_rng(0).dirichlet(np.ones(len(names)), len(table.rows))
    frame = pd.DataFrame(shares, columns=[f"p_{name}" for name in names]).assign(path=[row.path for row in table.rows])
    mapped = {"malignant": "cancer", "benign": "normal"}
    judged = hilum.judge(frame, table, mapped=mapped, floor="cheap", audited=first_look(table))
    assert judged.record.data.classes == ("cancer", "normal")
    called = np.where(shares[:, names.index("normal")] > 0.5, "normal", "cancer")
    truth = [mapped[row.label] for row in table.rows]
    figures = judged.record.best_model.protocols["given"]
    assert figures.f1_macro.value == pytest.approx(f1_score(truth, called, average="macro"))
    assert figures.binary.negative == "normal"
    assert (judged.save(tmp_path / "run") / "report.html").exists()


def test_a_judgement_is_not_written_into_the_folder_of_the_slices(own, phantom):
    with pytest.raises(HilumError, match="into which nothing is written"):
        own.save(phantom / "judged")
    assert not (phantom / "judged").exists()
