from contextlib import suppress
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest
from helpers.tables import CHESTS, table_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hilum.errors import HilumError
from hilum.judging.reading import read_given

TABLE = table_of()
PATHS = CHESTS[3:]


def frame(paths=PATHS, cancer=(0.75, 0.5, 0.25), **columns):
    return pd.DataFrame({"path": paths, "p_cancer": cancer, "p_normal": 1 - np.array(cancer), **columns})


def same(one, other):
    """Whether two values are equal, arrays and what holds them included."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return one == other


def test_probabilities_are_matched_with_the_slices():
    given = read_given(frame(PATHS[::-1]), TABLE)
    (answers,) = given.scored
    assert (answers.model, answers.protocol, answers.folds) == ("model", "given", None)
    assert list(answers.rows) == [3, 4, 5]
    assert answers.probabilities.tolist() == [[[0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]]
    assert given.reading.classes == ("cancer", "normal")
    assert (given.count, given.classes_only, given.valid, given.notes) == (3, False, (), ())
    assert not given.trained.any()


def test_classes_alone_are_probabilities_of_one():
    given = read_given(pd.DataFrame({"path": PATHS, "predicted": ["cancer", "Normal", "cancer"]}), TABLE)
    assert given.classes_only
    assert given.scored[0].probabilities.tolist() == [[[1, 0], [0, 1], [1, 0]]]


def test_splits_say_what_is_scored_and_what_was_trained_on():
    given = read_given(
        frame(CHESTS, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], split=["train"] * 2 + ["val"] + ["Test"] * 3), TABLE
    )
    assert list(given.scored[0].rows) == [3, 4, 5]
    assert list(given.valid[0].rows) == [2]
    assert given.valid[0].probabilities[0, 0, 0] == 0.3
    assert list(given.trained.nonzero()[0]) == [0, 1, 2]
    assert given.notes == ("Not scored: 2 rows that the DataFrame calls train.",)


def test_under_protocols_with_folds_all_rows_are_scored():
    every = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    split = ["train"] * 2 + ["valid"] + ["test"] * 3
    strict = frame(CHESTS, every, protocol="strict", split=split, repeat=0, fold=[0, 0, 1, 1, 2, 2])
    as_given = frame(CHESTS[2:], every[2:], protocol="given", split=split[2:], repeat=0)
    given = read_given(pd.concat([as_given, strict]), TABLE)
    assert [(one.protocol, list(one.rows)) for one in given.scored] == [("given", [3, 4, 5]), ("strict", [*range(6)])]
    assert given.scored[0].folds is None
    assert given.scored[1].folds.tolist() == [[0, 0, 1, 1, 2, 2]]
    assert list(given.trained.nonzero()[0]) == [2]


def test_models_without_valid_are_named():
    both = pd.concat([frame(CHESTS[2:], [0.3, 0.4, 0.5, 0.6], model="m"), frame(model="n")])
    split = ["valid", *["test"] * 6]
    given = read_given(both.assign(split=split), TABLE)
    assert [one.model for one in given.valid] == ["m"]
    assert given.notes == ("n has no predictions on valid, so the best model cannot be chosen there.",)


def test_classes_of_the_folder_may_have_other_names():
    renamed = frame().rename(columns={"p_cancer": "p_malign", "p_normal": "p_benign"})
    given = read_given(renamed, TABLE, mapped={"cancer": "malign", "normal": "benign"})
    assert given.reading.classes == ("benign", "malign")
    assert given.reading.folder == {"cancer": "malign", "normal": "benign"}
    assert given.scored[0].probabilities[0].tolist() == [[0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]


def test_what_may_not_be_meant_is_said():
    given = read_given(frame(PATHS[:2], [1.0, 1.0], label=["cancer", "normal"], age=7), TABLE)
    notes = "\n".join(given.notes)
    assert "Columns of the DataFrame that were not read: age" in notes
    assert f"The column label of the DataFrame contradicts the folder in 1 of 2 rows: {PATHS[1]} (normal)" in notes
    assert "Every answer is right" in notes
    assert "All probabilities are 0 or 1" in notes
    assert f"Without a prediction, and not scored: 1 slice, {PATHS[2]}" in notes


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"split": ["test", "other", ""]}, r"The column split of the DataFrame has 'other', empty cells\. Use train"),
        ({"split": ["train"] * 3}, "calls no row test in its column split"),
        ({"model": ["a", "a", None]}, "has 1 row without a model"),
        ({"path": [PATHS[0]] * 3}, "Predicted twice: 1 slice of model"),
        ({"p_normal": [25.0, 50, 75]}, "do not sum to 1"),
    ],
)
def test_what_cannot_be_scored_is_refused(columns, message):
    with pytest.raises(HilumError, match=message):
        read_given(frame().assign(**columns), TABLE)


def test_the_digest_of_a_frame_tells_frames_apart():
    digests = {read_given(of, TABLE).digest for of in (frame(), frame(cancer=(0.75, 0.5, 0.26)), frame(model="m"))}
    assert len(digests) == 3
    assert read_given(frame().set_index("path"), TABLE).digest in digests


shares = st.lists(st.floats(0.01, 1), min_size=2, max_size=2).map(lambda row: (np.array(row) / sum(row)).tolist())


@st.composite
def frames(draw):
    """Frames of several models, with splits or folds or neither."""
    paths = draw(st.lists(st.sampled_from(CHESTS), min_size=1, unique=True))
    models = draw(st.lists(st.sampled_from(["a", "b-1", "0"]), min_size=1, max_size=2, unique=True))
    repeats = draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["plain", "split", "fold"]))
    rows = []
    folds = {(path, repeat): draw(st.integers(1, 3)) for path in paths for repeat in range(repeats)}
    splits = {path: draw(st.sampled_from(["test", "valid", "train"])) for path in paths} | {paths[0]: "test"}
    for model in models:
        for repeat in range(repeats):
            for path in paths:
                cancer, normal = draw(shares)
                row = {"path": path, "p_cancer": cancer, "p_normal": normal, "model": model, "repeat": repeat}
                marks = {"split": {"split": splits[path]}, "fold": {"fold": folds[path, repeat]}, "plain": {}}
                rows.append(row | marks[kind])
    return pd.DataFrame(rows)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(of=frames())
def test_a_frame_is_read_alike_from_every_kind_of_file(of, tmp_path):
    arrays = {name: of[name].to_numpy() for name in ("model", "repeat", "split", "fold") if name in of}
    arrays["model"] = arrays["model"].astype(str)
    if "split" in arrays:
        arrays["split"] = arrays["split"].astype(str)
    of.to_csv(tmp_path / "p.csv", index=False)
    of.to_csv(tmp_path / "p.txt", index=False, sep=";", decimal=",")
    of.to_parquet(tmp_path / "p.parquet")
    np.savez(
        tmp_path / "p.npz",
        filenames=of["path"].to_numpy(str),
        probabilities=of[["p_normal", "p_cancer"]],
        class_names=["normal", "cancer"],
        **arrays,
    )
    expected = read_given(of, TABLE)
    for name in ("p.csv", "p.parquet", "p.npz", "p.txt"):
        found = read_given(tmp_path / name, TABLE)
        commas = tuple(note for note in found.notes if "decimal commas" in note)
        assert bool(commas) == (name == "p.txt")
        notes = tuple(note.replace(name, "the DataFrame") for note in found.notes if note not in commas)
        assert same(replace(found, source="the DataFrame", digest=expected.digest, notes=notes), expected)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["csv", "parquet", "npz"]), changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3)))
)
def test_a_damaged_file_is_read_or_refused_in_words(kind, changes, tmp_path):
    path = tmp_path / f"p.{kind}"
    if kind == "csv":
        frame().to_csv(path, index=False)
    elif kind == "parquet":
        frame().to_parquet(path)
    else:
        shares = frame()[["p_cancer", "p_normal"]]
        np.savez(path, filenames=PATHS, probabilities=shares, class_names=["cancer", "normal"])
    content = bytearray(path.read_bytes())
    for place, part in changes:
        start = int(place * len(content))
        content[start : start + 2] = part
    path.write_bytes(content)
    with suppress(HilumError):
        assert read_given(path, TABLE).count


def test_another_hospital_is_read_as_two_classes():
    """As `hilum evaluate --map malignant=cancer --map benign=normal --negative normal` reads it."""
    table = table_of(("test/benign/1.png", "test/malignant/2.png"))
    shares = {"p_a": [0.2, 0.3], "p_b": [0.1, 0.3], "p_normal": [0.7, 0.4]}
    path, mapped = ["1.png", "2.png"], {"malignant": "cancer", "benign": "normal"}
    called = ["normal", "b"]
    whole = read_given(
        pd.DataFrame({"path": path, "predicted": called, **shares}), table, mapped=mapped, negative="normal"
    )
    assert whole.reading.classes == ("cancer", "normal")
    assert whole.scored[0].probabilities[0] == pytest.approx(np.array([[0.3, 0.7], [0.6, 0.4]]))
    assert not any("column predicted" in note for note in whole.notes)
    classes = read_given(pd.DataFrame({"path": path, "predicted": called}), table, mapped=mapped, negative="normal")
    assert classes.reading.classes == ("cancer", "normal")
    assert classes.scored[0].probabilities[0].tolist() == [[0, 1], [1, 0]]
