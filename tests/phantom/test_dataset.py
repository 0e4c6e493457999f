import csv
import errno
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hilum.errors import HilumError
from hilum.phantom.dataset import FEWEST, PhantomSet, write_phantom
from hilum.slices.body import body_box
from hilum.slices.labels import CLASSES, SPLITS


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "table.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return write_phantom(tmp_path_factory.mktemp("phantom") / "set", 161, seed=7)


def test_there_are_exactly_as_many_files_as_asked_for(drawn):
    pictures = sorted(path.relative_to(drawn.folder).as_posix() for path in drawn.folder.rglob("*.png"))

    assert pictures == sorted(row["path"] for row in rows_of(drawn.folder))
    assert len(pictures) == drawn.n_slices == 161


def test_the_table_agrees_with_the_folders(drawn):
    for row in rows_of(drawn.folder):
        split, label, name = row["path"].split("/")
        assert (split, label) == (row["split"], row["label"])
        assert name.startswith(f"synthetic-{row['group']}-s")


def test_every_class_is_in_every_split_in_about_equal_shares(drawn):
    rows = rows_of(drawn.folder)
    classes = Counter(row["label"] for row in rows)

    assert {(row["split"], row["label"]) for row in rows} == set(product(SPLITS, CLASSES))
    assert max(classes.values()) - min(classes.values()) <= 1


def test_a_patient_has_three_to_six_slices_of_one_class_on_one_side_of_the_split(drawn):
    patients = defaultdict(list)
    for row in rows_of(drawn.folder):
        patients[row["group"]].append((row["split"], row["label"]))

    assert len(patients) == drawn.patients
    assert all(3 <= len(shown) <= 6 and len(set(shown)) == 1 for shown in patients.values())


def test_about_seven_tenths_of_the_patients_are_for_training(drawn):
    splits = Counter({row["group"]: row["split"] for row in rows_of(drawn.folder)}.values())

    assert splits["train"] / drawn.patients == pytest.approx(0.7, abs=0.05)
    assert splits["valid"] / drawn.patients == pytest.approx(0.1, abs=0.05)
    assert splits["test"] / drawn.patients == pytest.approx(0.2, abs=0.05)


def test_the_smallest_sets_have_every_class_in_every_split_too(tmp_path):
    (tmp_path / "empty").mkdir()
    assert write_phantom(tmp_path / "empty", FEWEST, 0) == PhantomSet(tmp_path / "empty", FEWEST, 12)
    calls = []
    write_phantom(tmp_path / "set", FEWEST + 1, 0, lambda: calls.append(1))

    assert len(calls) == FEWEST + 1  # once a file
    for name, slices in (("empty", FEWEST), ("set", FEWEST + 1)):
        rows = rows_of(tmp_path / name)
        assert len(rows) == slices
        assert {(row["split"], row["label"]) for row in rows} == set(product(SPLITS, CLASSES))


def test_pictures_are_grey_squares_with_a_body_in_them(drawn):
    for path in drawn.folder.rglob("*.png"):
        with Image.open(path) as image:
            assert image.mode == "L"
            assert image.width == image.height
            assert 220 <= image.width <= 280
            box = body_box(np.asarray(image, np.float32) / 255)
            assert box is not None
            assert box.right - box.left > 0.7 * image.width


def test_every_file_says_that_it_is_synthetic(drawn):
    for path in drawn.folder.rglob("*.png"):
        with Image.open(path) as image:
            assert image.info == {"Synthetic": "hilum phantom"}
    text = (drawn.folder / "SYNTHETIC.txt").read_text()
    assert "161" in text
    assert "seed 7" in text
    assert "not patients" in text


def test_same_arguments_same_bytes_and_another_seed_other_pictures(tmp_path, phantom, drawn):
    again = write_phantom(tmp_path / "again", 48, 0).folder

    assert contents(phantom) == contents(again)
    pictures = [
        {content for name, content in contents(folder).items() if name.endswith(".png")}
        for folder in (again, drawn.folder)
    ]
    assert len(pictures[0]) == 48
    assert not pictures[0] & pictures[1]


def test_what_a_user_made_is_not_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(HilumError, match="not an empty folder"):
        write_phantom(tmp_path, FEWEST, 0)
    with pytest.raises(HilumError, match="not an empty folder"):
        write_phantom(tmp_path / "notes.txt", FEWEST, 0)
    assert contents(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("slices", "seed", "message"), [(FEWEST - 1, 0, "Ask for 36"), (0, 0, "too few"), (100, -1, "seed")]
)
def test_what_cannot_be_is_refused(tmp_path, slices, seed, message):
    with pytest.raises(HilumError, match=message):
        write_phantom(tmp_path / "set", slices, seed)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_nothing(tmp_path, error):
    def interrupt():
        raise error

    with pytest.raises(error):
        write_phantom(tmp_path / "set", FEWEST, 0, interrupt)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_and_nothing_is_left(tmp_path):
    calls = []

    def fill():
        calls.append(1)
        if len(calls) == 5:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(HilumError, match=r"No space left on device\)\. Give another folder, or make room there\."):
        write_phantom(tmp_path / "set", FEWEST, 0, fill)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(HilumError, match="cannot be written"):
        write_phantom(tmp_path / "file" / "set", FEWEST, 0)
