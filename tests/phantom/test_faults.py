"""Planted faults: what is in the files, by faults.csv."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hilum.phantom.dataset import FEWEST, write_phantom
from hilum.phantom.faults import CONFLICT, COPY, LEAKED, MARK, NO_SLICE
from hilum.slices.labels import CLASSES
from hilum.slices.table import read_table

KINDS = {LEAKED, COPY, CONFLICT, MARK, NO_SLICE}


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def of_kind(folder, kind):
    return [row for row in rows_of(folder / "faults.csv") if row["fault"] == kind]


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_phantom(tmp_path_factory.mktemp("faults") / "set", 96, 5, faults=True)


@pytest.fixture(scope="module")
def folder(made):
    return made.folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return write_phantom(tmp_path_factory.mktemp("clean") / "set", 96, 5).folder


@pytest.fixture(scope="module")
def group(folder):
    """The group of each file."""
    return {row["path"]: row["group"] for row in rows_of(folder / "table.csv")}


def test_every_kind_is_listed_with_a_sentence(made):
    rows = rows_of(made.folder / "faults.csv")

    assert {row["fault"] for row in rows} == KINDS
    assert made.faults == len(rows) == len({row["path"] for row in rows})
    assert all(row["sentence"].endswith(".") for row in rows)
    for path in {row[key] for row in rows for key in ("path", "other")} - {""}:
        assert (made.folder / path).is_file()


def test_the_table_and_the_folders_hold_the_slices_and_what_was_added(made, clean):
    rows = rows_of(made.folder / "table.csv")
    added = {row["path"] for row in rows} - {row["path"] for row in rows_of(clean / "table.csv")}

    assert sorted(row["path"] for row in rows) == sorted(name for name in contents(made.folder) if name.endswith("png"))
    assert added == {row["path"] for row in rows_of(made.folder / "faults.csv") if row["fault"] != MARK}
    assert len(rows) == made.n_slices + len(added)
    for row in rows:
        split, label, name = row["path"].split("/")
        assert (split, label) == (row["split"], row["label"])
        assert name.startswith(f"synthetic-{row['group']}-s")


def test_all_other_slices_are_those_of_the_clean_set(folder, clean):
    planted = {row["path"] for row in rows_of(folder / "faults.csv")}
    kept = {name: content for name, content in contents(folder).items() if name.endswith("png") and name not in planted}
    before = contents(clean)

    assert not (clean / "faults.csv").exists()
    assert kept == {name: before[name] for name in kept}


def test_the_leaked_patient_is_on_both_sides_with_other_pictures(folder, group):
    rows = of_kind(folder, LEAKED)
    patient = {group[row["path"]] for row in rows}
    train = [name for name, its in group.items() if name.startswith("train/") and {its} == patient]

    assert len(patient) == 1
    assert len(rows) >= 2
    for row in rows:
        assert row["path"].startswith("test/")
        assert row["other"] in train
        assert Path(row["path"]).parent.name == Path(row["other"]).parent.name
        for other in train:
            assert not np.array_equal(pixels(folder / row["path"]), pixels(folder / other))
            assert np.corrcoef(pixels(folder / row["path"]).ravel(), pixels(folder / other).ravel())[0, 1] > 0.9


def test_copies_are_training_files_in_test_under_other_names_and_ids(folder, group):
    rows = of_kind(folder, COPY)

    assert len(rows) == 4
    for row in rows:
        assert row["path"].startswith("test/")
        assert row["other"].startswith("train/")
        assert (folder / row["path"]).read_bytes() == (folder / row["other"]).read_bytes()
        assert Path(row["path"]).name != Path(row["other"]).name
        assert group[row["path"]] != group[row["other"]]


def test_one_training_picture_has_two_classes(folder):
    (row,) = of_kind(folder, CONFLICT)

    assert (folder / row["path"]).read_bytes() == (folder / row["other"]).read_bytes()
    (split, label, _), (other_split, other_label, _) = (row[key].split("/") for key in ("path", "other"))
    assert split == other_split == "train"
    assert label != other_label


def test_writing_is_burnt_into_a_corner_of_training_slices_of_one_class(folder, clean):
    rows = of_kind(folder, MARK)
    (of_class,) = {row["path"].rsplit("/", 1)[0] for row in rows}

    assert 3 < len(rows) <= min(12, len(list((folder / of_class).iterdir())) / 3)
    for row in rows:
        assert row["path"].startswith("train/")
        marked, before = (pixels(place / row["path"]).astype(int) for place in (folder, clean))
        lines, columns = np.nonzero(marked != before)
        assert len(lines) > 50
        assert marked.max() == 255
        assert np.ptp(lines) < 20
        assert np.ptp(columns) < 90
        assert min(lines.min(), len(marked) - 1 - lines.max()) < 10
        assert min(columns.min(), len(marked) - 1 - columns.max()) < 10


def test_two_files_among_the_training_slices_are_no_slices(folder):
    rows = of_kind(folder, NO_SLICE)

    assert len(rows) == 2
    assert len({row["path"].split("/")[1] for row in rows}) == 2
    assert all(row["path"].startswith("train/") for row in rows)
    photograph, page = (pixels(folder / row["path"]) for row in rows)
    assert photograph[:20].mean() > 2 * photograph[-20:].mean()
    assert np.median(page) > 240


def test_every_file_says_that_it_is_synthetic(folder):
    for path in folder.rglob("*.png"):
        with Image.open(path) as image:
            assert image.info == {"Synthetic": "hilum phantom"}
            assert image.mode == "L"
        assert path.name.startswith("synthetic-")
    text = (folder / "SYNTHETIC.txt").read_text()
    assert str(len(list(folder.rglob("*.png")))) in text
    assert "faults.csv" in text


def test_the_smallest_set_has_every_kind_and_the_arguments_decide_its_bytes(tmp_path):
    first, again, other = (
        write_phantom(tmp_path / name, FEWEST, seed, faults=True).folder
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )

    assert {row["fault"] for row in rows_of(first / "faults.csv")} == KINDS
    assert {row["fault"] for row in rows_of(other / "faults.csv")} == KINDS
    assert contents(first) == contents(again)
    places, others = ({row["path"] for row in rows_of(folder / "faults.csv")} for folder in (first, other))
    assert places != others


def test_neither_list_is_read_as_data(folder, group):
    said = []
    table = read_table(folder, say=said.append)

    assert {row.path for row in table.rows} == group.keys()
    assert table.classes == CLASSES
    assert table.skipped == ()
    assert "faults.csv" not in " ".join([*said, *table.notes])
