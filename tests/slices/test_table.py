import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from hilum.errors import HilumError
from hilum.slices.labels import CLASSES, SPLITS
from hilum.slices.layout import Skipped
from hilum.slices.table import read_labelled, read_table

GIVEN = [f"{split}/{label}/{number}.png" for split in SPLITS for label in "ab" for number in range(2)]


def draw(root, *names, seed=None):
    """Pictures that differ, or that are the same where a seed is given."""
    for name in names:
        rng = np.random.default_rng([*name.encode()] if seed is None else seed)
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8), np.uint8)).save(root / name)
    return root


def damage(root, *names):
    for name in names:
        (root / name).write_bytes((root / name).read_bytes()[:60])


@pytest.fixture
def root(tmp_path):
    return draw(tmp_path / "root", *GIVEN)


@pytest.fixture
def real(chest_ctscan, shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))
    return read_table(chest_ctscan)


def test_the_real_set_is_what_its_readme_says(real):
    counts = {"train": (195, 115, 148, 155), "valid": (23, 21, 13, 15), "test": (120, 51, 54, 90)}
    assert real.classes == CLASSES
    assert real.counts == {split: dict(zip(CLASSES, numbers, strict=True)) for split, numbers in counts.items()}
    assert [int(real.in_split(split).sum()) for split in SPLITS] == [613, 72, 315]
    assert real.distinct == len({row.facts.content for row in real.rows}) == 847
    assert real.skipped == ()
    (note,) = real.notes
    assert note.startswith("46 of 315 test slices (46 normal) share their picture with train or valid")


def test_the_real_files_are_what_the_readme_says(real):
    cancer = [row for row in real.rows if row.label != "normal"]
    normal = [row for row in real.rows if row.label == "normal"]
    assert Counter(row.facts.mode for row in cancer) == {"RGBA": 769, "RGB": 15, "L": 1}
    assert Counter(row.facts.mode for row in normal) == {"RGBA": 154, "RGB": 59, "L": 2}
    assert Counter((row.split, row.label) for row in real.rows if row.facts.format == "JPEG") == {
        ("train", "normal"): 16
    }
    misnamed = [row.path for row in real.rows if row.facts.format == "JPEG" and row.path.endswith(".png")]
    assert len(misnamed) == 4
    sizes = [(row.facts.width, row.facts.height) for row in real.rows]
    assert (np.min(sizes, axis=0).tolist(), np.max(sizes, axis=0).tolist()) == ([168, 110], [1200, 874])
    assert not {(row.facts.width, row.facts.height) for row in cancer} & {
        (row.facts.width, row.facts.height) for row in normal
    }
    assert sum(row.facts.bytes for row in real.rows) == pytest.approx(124.96e6, abs=5e3)


def test_every_real_slice_has_a_body_inside_it(real):
    for row in real.rows:
        assert row.facts.body is not None, row.path
        left, top, right, bottom = row.facts.body
        assert 0 <= left < right <= row.facts.width, row.path
        assert 0 <= top < bottom <= row.facts.height, row.path


def test_rows_come_in_the_order_of_splits_and_paths(root):
    table = read_table(root)
    assert [row.path for row in table.rows] == GIVEN
    assert table.classes == ("a", "b")
    assert table.labels.tolist() == [0, 0, 1, 1] * 3
    assert {split: np.flatnonzero(table.in_split(split)).tolist() for split in SPLITS} == {
        "train": [0, 1, 2, 3], "valid": [4, 5, 6, 7], "test": [8, 9, 10, 11]
    }  # fmt: skip
    assert table.counts == {split: {"a": 2, "b": 2} for split in SPLITS}
    assert table.distinct == 12
    assert not table.synthetic
    assert replace(table, rows=(replace(table.rows[0], path="train/a/synthetic-1.png"),)).synthetic
    assert table.notes == table.skipped == ()


def test_a_class_that_test_lacks_counts_none(root):
    shutil.rmtree(root / "test" / "b")
    assert read_table(root).counts["test"] == {"a": 2, "b": 0}


def test_the_digest_is_of_content_and_not_of_place(root, tmp_path):
    digest = read_table(root).digest
    shutil.copytree(root, tmp_path / "elsewhere" / "Data")
    assert read_table(tmp_path / "elsewhere").digest == digest
    assert read_table(str(root)).digest == digest
    (root / "table.csv").write_text(
        "path,label,split\n" + "".join(f"{name},{name.split('/')[1]},{name.split('/')[0]}\n" for name in GIVEN)
    )
    assert read_table(table=root / "table.csv").digest == digest


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "train/a/0.png").rename(root / "train/a/9.png"),
        lambda root: (root / "train/a/0.png").rename(root / "train/b/9.png"),
        lambda root: (root / "train/a/0.png").rename(root / "valid/a/9.png"),
        lambda root: (root / "train/a/0.png").unlink(),
        lambda root: draw(root, "train/a/0.png", seed=7),
    ],
    ids=["path", "label", "split", "gone", "content"],
)
def test_the_digest_tells_every_change(root, change):
    digest = read_table(root).digest
    change(root)
    assert read_table(root).digest != digest


def test_files_that_cannot_be_read_are_left_out_by_name(root):
    damage(root, "train/a/0.png")
    (root / "valid/b/empty.png").touch()
    (root / "test/b/notes.txt").write_text("mine")
    (root / "test/a/link.png").symlink_to("/etc/hostname")
    table = read_table(root)
    reasons = {one.path: one.reason for one in table.skipped}
    assert reasons.keys() == {"train/a/0.png", "valid/b/empty.png", "test/b/notes.txt", "test/a/link.png"}
    assert reasons["train/a/0.png"].startswith("truncated or damaged")
    assert reasons["valid/b/empty.png"] == "the file is empty"
    assert reasons["test/b/notes.txt"] == "not a PNG, JPEG or DICOM file"
    assert "not followed" in reasons["test/a/link.png"]
    assert [row.path for row in table.rows] == [name for name in GIVEN if name != "train/a/0.png"]


def test_strict_makes_them_an_error(root):
    assert len(read_table(root, strict=True).rows) == 12
    (root / "test/b/notes.txt").write_text("mine")
    with pytest.raises(HilumError, match=r"1 file\(s\) .*--strict.*test/b/notes.txt: not a PNG, JPEG or DICOM file"):
        read_table(root, strict=True)
    for number in range(7):
        (root / f"train/a/{number}.txt").touch()
    with pytest.raises(HilumError, match=r"8 file\(s\).* and 3 more"):
        read_table(root, strict=True)


# What is done to a good set, and what is then said.
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (shutil.rmtree, "does not exist. Give the folder"),
        (lambda root: shutil.rmtree(root / "valid"), "split valid .*no readable file.*--table"),
        (lambda root: shutil.rmtree(root / "valid/a") or shutil.rmtree(root / "valid/b"), "split valid .*no readable"),
        (lambda root: damage(root, *GIVEN[8:]), "The split test of .* has no readable file"),
        (lambda root: damage(root, *GIVEN), "has no readable slice: .*truncated"),
        (lambda root: damage(root, *(name for name in GIVEN if "/b/" in name)), "The class b .*no readable file"),
        (lambda root: draw(root, "test/c/1.png"), "class c is in test but not in train"),
        (lambda root: draw(root, "valid/c/1.png"), "class c is in valid but not in train"),
        (lambda root: damage(root, "train/b/0.png", "train/b/1.png"), "class b is in valid but not in train"),
        (lambda root: [shutil.rmtree(root / split / "b") for split in SPLITS], "one class only, a"),
    ],
    ids=[
        "no folder", "split missing", "split empty", "split damaged", "all damaged", "class damaged",
        "class in test only", "class in valid only", "class damaged in train", "one class",
    ],
)  # fmt: skip
def test_a_set_that_no_comparison_can_be_made_of_is_told(root, spoil, message):
    spoil(root)
    with pytest.raises(HilumError, match=message) as caught:
        read_table(root)
    assert str(caught.value).endswith(".")


def test_nothing_given_is_told():
    with pytest.raises(HilumError, match="Give a folder with slices, or --table"):
        read_table()


def test_a_bad_table_is_told(root):
    (root / "table.csv").write_text("file,class\ntrain/a/0.png,a\n")
    with pytest.raises(HilumError, match="lacks the column label and path"):
        read_table(root, table=root / "table.csv")


def test_a_table_may_name_missing_files(root):
    rows = "".join(f"{name},{name.split('/')[1]},{name.split('/')[0]}\n" for name in [*GIVEN, "train/a/gone.png"])
    (root.parent / "table.csv").write_text("path,label,split\n" + rows)
    table = read_table(root, table=root.parent / "table.csv")
    assert (table.root, len(table.rows)) == (root, 12)
    assert table.skipped == (Skipped("train/a/gone.png", "the file cannot be opened (No such file or directory)"),)


def test_pictures_on_both_sides_of_test_are_told(root):
    draw(root, "train/a/x.png", "test/a/x.png", "test/b/x.png", seed=1)
    draw(root, "valid/b/y.png", "test/b/y.png", "test/b/y2.png", seed=2)
    draw(root, "train/b/z.png", "valid/b/z.png", seed=3)  # no matter: neither is in test
    (note,) = read_table(root).notes
    assert note.startswith("4 of 8 test slices (1 a, 3 b) share their picture with train or valid")


def test_groups_on_both_sides_of_test_are_told(root):
    groups = {"train/a/0.png": "p1", "test/a/0.png": "p1", "test/b/1.png": "p1", "test/b/0.png": "p2"}
    rows = (f"{name},{name.split('/')[1]},{name.split('/')[0]},{groups.get(name, '')},1\n" for name in GIVEN)
    (root / "table.csv").write_text("path,label,split,group,scanner\n" + "".join(rows))
    table = read_table(table=root / "table.csv")
    assert {row.path: row.group for row in table.rows if row.group} == groups
    unread, note = table.notes
    assert "scanner" in unread
    assert table.split_notes == (note,)
    assert note.startswith("2 of 4 test slices (1 a, 1 b) share their patient or series with train or valid")


@pytest.fixture
def unsplit(tmp_path):
    return draw(tmp_path / "unsplit", *(f"{label}/{number}.png" for label in "ab" for number in range(20)))


def test_a_set_without_splits_is_split_and_said_to_be(unsplit):
    table = read_table(unsplit, seed=3)
    assert table.counts == {"train": {"a": 14, "b": 14}, "valid": {"a": 2, "b": 2}, "test": {"a": 4, "b": 4}}
    (note,) = table.notes
    assert "split 70/10/20 with seed 3" in note
    assert table.split_notes == (note,)
    assert read_table(unsplit, seed=3).digest == table.digest
    assert read_table(unsplit, seed=4).digest != table.digest


@pytest.mark.parametrize("seed", range(3))
def test_identical_pictures_and_groups_are_split_together(unsplit, seed):
    same = [f"a/same{number}.png" for number in range(6)]
    draw(unsplit, *same, seed=1)
    names = sorted(path.relative_to(unsplit).as_posix() for path in unsplit.rglob("*.png"))
    patient = dict.fromkeys(("b/0.png", "b/1.png", "b/2.png", "a/same0.png"), "p1")
    rows = "".join(f"{name},{name[0]},{patient.get(name, '')}\n" for name in names)
    (unsplit / "table.csv").write_text("path,label,group\n" + rows)
    table = read_table(table=unsplit / "table.csv", seed=seed)
    assert len({row.split for row in table.rows if row.path in same or row.path in patient}) == 1
    assert not any("share their" in note for note in table.notes)


def test_too_few_slices_to_split_are_told(unsplit):
    damage(unsplit, *(f"b/{number}.png" for number in range(2, 20)))
    with pytest.raises(HilumError, match="The 2 slices of the class b form 2 groups of their own, and 3 are needed"):
        read_table(unsplit)


def test_a_file_name_that_is_no_unicode_has_a_digest_too(root):
    before = read_table(root).digest
    draw(root, "train/a/\udcff.png", seed=99)
    table = read_table(root)
    assert any("\udcff" in row.path for row in table.rows)
    assert len(table.digest) == 64
    assert table.digest != before


def test_what_the_data_are_read_as_is_said_before_a_file_is_opened(root):
    (root / "test/b/notes.txt").write_text("mine")
    draw(root, "loose.png")
    said = []

    @contextmanager
    def track(title, total):
        said.append(title)
        yield lambda: None

    table = read_table(root, say=said.append, track=track)
    assert said == [
        "Read as 3 splits, train (4 files), valid (4 files), test (5 files), of 2 classes: a, b.",
        "Left out: loose.png: a picture outside every class folder.",
        "reading slices",
        "Left out: test/b/notes.txt: not a PNG, JPEG or DICOM file.",
    ]
    assert table.reading == said[0]
    said.clear()
    assert read_labelled(root, say=said.append, track=track).reading == table.reading
    assert said.index(table.reading) < said.index("reading slices")


def test_notes_are_said_once_each_and_kept(unsplit):
    draw(unsplit, "a/deep/x.png")
    said = []
    table = read_table(unsplit, say=said.append)
    assert said == [table.reading, *table.notes]
    assert [note.split()[0] for note in table.notes] == ["Folders", "The"]


def test_what_was_read_is_said_even_where_it_ends_in_an_error(root):
    shutil.rmtree(root / "valid")
    (root / "train").rename(root / "Training")
    said = []
    with pytest.raises(HilumError, match="split valid"):
        read_table(root, say=said.append)
    assert said == ["Read as 2 splits, train (Training, 4 files), test (4 files), of 2 classes: a, b."]


def test_a_class_of_which_nothing_can_be_read_is_told_with_reasons_and_counts(root):
    for split in SPLITS:
        for number in range(3):
            (root / split / "c").mkdir(exist_ok=True)
            (root / split / "c" / f"{number}.tif").write_bytes(b"II*\0")
    reason = "9 .tif: not a PNG, JPEG or DICOM file"
    with pytest.raises(HilumError, match=rf"The class c of .* has no readable file \({reason}\)\. Add slices"):
        read_table(root)
    notes = read_table(root, complete=False).notes
    assert [note.partition(" can")[0] for note in notes] == [f"No file of the class c in {split}" for split in SPLITS]
    assert read_labelled(root).notes == notes


def test_a_class_that_cannot_be_read_in_one_split_is_noted(root):
    for number in range(2):
        (root / f"test/b/{number}.png").rename(root / f"test/b/{number}.nii")
        (root / f"test/b/{number}.nii").write_bytes(b"no picture")
    table = read_table(root)
    assert table.counts["test"] == {"a": 2, "b": 0}
    (note,) = table.notes
    assert note.startswith(
        "No file of the class b in test can be read (2 .nii: not a PNG, JPEG or DICOM file). Convert"
    )


def test_one_class_may_be_alone_where_slices_are_only_scored(tmp_path):
    draw(tmp_path / "one", *(f"malignant/p{number % 2}/{number}.png" for number in range(6)))
    assert read_labelled(tmp_path / "one").classes == ("malignant",)
    draw(tmp_path / "around", *(f"x/{label}/{number}.png" for label in ("normal", "benign") for number in range(2)))
    assert read_labelled(tmp_path / "around").classes == ("benign", "normal")


@pytest.mark.parametrize("path", ["C:\\data\\a\\1.png", "elsewhere/1.png", "/etc/hostname"])
def test_a_table_of_files_that_are_elsewhere_is_refused_with_what_to_do(tmp_path, path):
    (tmp_path / "table.csv").write_text(f"path,label\n{path},a\n")
    with pytest.raises(
        HilumError,
        match=r"None of the files that .*table.csv names is in .*; the first is .*Give the folder that its paths",
    ):
        read_table(table=tmp_path / "table.csv")


def test_every_sentence_can_be_written_whatever_the_names(root):
    draw(root, "train/\udcff/deep\udcfe/1.png", "train/\udcfc/1.png", "beside\udcfd/1.png", seed=5)
    (root / "train/\udcfc/1.png").write_bytes(b"no picture")
    for part in ("", "/x/\udcfb"):
        shutil.copytree(root, f"{root}-{len(part)}{part}")
        table = read_table(f"{root}-{len(part)}", complete=False)
        said = "\n".join([table.reading, *table.notes])
        assert all(rf"\xf{letter}" in said for letter in "cdef" + "b" * bool(part))
        assert said.encode()


@pytest.mark.parametrize("seed", [7, None])
def test_slices_too_few_to_split_can_be_audited_all_the_same(tmp_path, seed):
    """Two equal pictures in each class, or two that differ: no class can be in train, valid and test."""
    root = draw(tmp_path / "few", *(f"{label}/{number}.png" for label in "ab" for number in range(2)), seed=seed)
    with pytest.raises(HilumError, match="of their own, and 3 are needed"):
        read_table(root)
    table = read_table(root, complete=False)
    assert table.counts == {"train": {"a": 2, "b": 2}, "valid": {"a": 0, "b": 0}, "test": {"a": 0, "b": 0}}
    (note,) = table.notes
    assert note.startswith("No split could be drawn, so every slice is in train. ")
