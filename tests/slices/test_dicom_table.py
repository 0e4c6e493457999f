"""DICOM in a table: a row a frame, groups from headers as salted hashes, facts cached by file and window."""

import dataclasses
import shutil
from zlib import crc32

import numpy as np
import pytest
from helpers.dicoms import chest, dataset, png, png_levels, written
from PIL import Image

from hilum.errors import HilumError
from hilum.slices import file_info
from hilum.slices.file_info import FactsCache
from hilum.slices.frames import read_frame
from hilum.slices.levels import pixels_digest
from hilum.slices.pixels import pixels_of, square_of
from hilum.slices.resize import crop_and_resize
from hilum.slices.table import read_labelled, read_table
from hilum.storage import cache_folder


def write(root, name, *pictures, **how):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(dataset(*(pictures or [chest(crc32(name.encode()))]), **how)))
    return path


@pytest.fixture
def given(tmp_path):
    """Splits, two classes; each a patient of one slice, one patient of three frames, one PNG."""
    root = tmp_path / "given"
    for split in ("train", "valid", "test"):
        for label in ("a", "b"):
            name = f"{split}/{label}"
            write(root, f"{name}/one.dcm", patient=f"{name} 1", series=f"1.{len(name)}1")
            pictures = [chest(seed + crc32(name.encode())) for seed in (300, 400, 500)]
            write(root, f"{name}/three.dcm", *pictures, patient=f"{name} 2", series=f"1.{len(name)}2")
            (root / name / "picture.png").write_bytes(png(png_levels(chest(crc32(name.encode()) + 900), "lung")))
    return root


@pytest.fixture
def unsplit(tmp_path):
    """Two classes of ten patients with two series of two slices each."""
    root = tmp_path / "unsplit"
    for label in "ab":
        for patient in range(10):
            for number in range(4):
                seed = 1000 * "ab".index(label) + 10 * patient + number
                write(
                    root, f"{label}/{patient}-{number}.dcm", chest(seed),
                    patient=f"{label}{patient}", series=f"1.{seed // 10}.{number // 2}",
                )  # fmt: skip
    return root


def test_a_file_is_a_row_a_frame(given):
    table = read_table(given)
    assert [row.path for row in table.rows if row.split == "valid" and row.label == "a"] == [
        "valid/a/one.dcm", "valid/a/picture.png", "valid/a/three.dcm#1", "valid/a/three.dcm#2", "valid/a/three.dcm#3",
    ]  # fmt: skip
    assert table.skipped == ()
    rows = {row.path: row for row in table.rows}
    one, second, picture = (rows[f"train/b/{name}"].facts for name in ("one.dcm", "three.dcm#2", "picture.png"))
    assert (one.format, one.mode, one.width, one.height, one.frame, one.window) == (
        "DICOM", "MONOCHROME2", 64, 48, None, "auto",
    )  # fmt: skip
    assert (second.frame, second.frames, picture.frame, picture.window) == (2, 3, None, None)
    assert second.bytes == (given / "train/b/three.dcm").stat().st_size
    assert len({row.facts.content for row in table.rows}) == len(table.rows) == 30
    assert table.distinct == 30


def test_the_digest_is_of_content_and_of_the_window(given, tmp_path, monkeypatch):
    digest = read_table(given).digest
    shutil.copytree(given, tmp_path / "elsewhere")
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "another"))  # and so another salt
    assert read_table(tmp_path / "elsewhere").digest == digest
    assert read_table(given, window="bone").digest != digest


def test_the_window_is_that_which_was_asked_for(given):
    for window in ("lung", "mediastinum"):
        table = read_table(given, window=window)
        row = next(row for row in table.rows if row.path == "test/b/three.dcm#3")
        assert row.facts.window == window
        expected = read_frame(given / "test/b/three.dcm", 3, window).pixels
        assert row.facts.pixels == pixels_digest(expected)
        np.testing.assert_array_equal(pixels_of(table, row), expected)
        square = square_of(table, row, 32, "bilinear", True)
        np.testing.assert_array_equal(square, crop_and_resize(expected, row.facts.body, 32))
    with pytest.raises(HilumError, match="There is no window 'liver'"):
        read_table(given, window="liver")


def test_a_scan_is_prepared_as_its_png_is(given):
    hu = chest(7)
    write(given, "train/a/x.dcm", hu)
    (given / "train/a/y.png").write_bytes(png(png_levels(hu, "lung")))
    table = read_table(given)
    one, other = (next(row for row in table.rows if row.path == f"train/a/{name}") for name in ("x.dcm", "y.png"))
    assert one.facts.body == other.facts.body is not None
    pixels = [square_of(table, row, 32, "bicubic", True) for row in (one, other)]
    np.testing.assert_allclose(*pixels, atol=1 / 255)


def test_a_changed_or_missing_scan_is_told(given):
    table = read_table(given)
    row = next(row for row in table.rows if row.path == "test/b/three.dcm#3")
    write(given, "test/b/three.dcm", *map(chest, (1, 2, 3)))
    with pytest.raises(HilumError, match=r"three.dcm#3 changed while it was being used"):
        square_of(table, row, 32, "bilinear", True)
    (given / "test/b/three.dcm").unlink()
    with pytest.raises(HilumError, match=r"three.dcm can no longer be read .*Run the command again"):
        square_of(table, row, 32, "bilinear", True)


# Groups


def test_groups_are_those_of_the_headers_and_said_to_be(given):
    table = read_table(given)
    groups = {row.path: row.group for row in table.rows}
    assert groups["test/b/three.dcm#1"] == groups["test/b/three.dcm#3"] is not None
    assert groups["test/b/three.dcm#1"] != groups["test/b/one.dcm"]
    assert groups["test/b/picture.png"] is None
    assert len(set(groups.values())) == 13
    (note,) = table.notes
    assert note == "DICOM slices are grouped by what their headers say: 12 patients, known by salted hashes only."
    assert read_labelled(given).notes[-1] == note
    assert {row.path: row.group for row in read_labelled(given).rows} == groups


@pytest.mark.parametrize("seed", range(3))
def test_a_patient_s_slices_are_split_together(unsplit, seed):
    table = read_table(unsplit, seed=seed)
    splits = {}
    for row in table.rows:
        splits.setdefault(row.path.partition("-")[0], set()).add(row.split)
    assert all(len(found) == 1 for found in splits.values())
    assert set().union(*splits.values()) == {"train", "valid", "test"}
    assert table.notes[0].startswith("DICOM slices are grouped by what their headers say: 20 patients")
    assert "share their patient or series" not in " ".join(table.notes)


def test_one_patient_for_all_says_nothing_and_series_are_groups(unsplit):
    for path in unsplit.rglob("*.dcm"):
        label, number = path.parent.name, path.stem
        write(unsplit, f"{label}/{path.name}", chest(crc32(str(path).encode())), patient="ANONYMOUS",
              series=f"1.{ord(label)}.{number.partition('-')[0]}")  # fmt: skip
    table = read_table(unsplit)
    assert "20 series, since all name the same patient" in table.notes[0]
    splits = {}
    for row in table.rows:
        splits.setdefault(row.group, set()).add(row.split)
    assert len(splits) == 20
    assert all(len(found) == 1 for found in splits.values())


def test_frames_of_a_file_are_split_together_even_without_a_group(tmp_path):
    for label in "ab":
        for number in range(8):
            pictures = [chest(100 * number + seed + 10_000 * "ab".index(label)) for seed in range(3)]
            write(tmp_path, f"{label}/{number}.dcm", *pictures, patient="", SeriesInstanceUID=None)
    table = read_table(tmp_path)
    assert {row.group for row in table.rows} == {None}
    splits = {}
    for row in table.rows:
        splits.setdefault(row.path.partition("#")[0], set()).add(row.split)
    assert len(splits) == 16
    assert all(len(found) == 1 for found in splits.values())


def test_given_groups_go_before_headers_and_name_the_file_once(given):
    names = [path.relative_to(given).as_posix() for path in given.rglob("*.*")]
    (given / "groups.csv").write_text("path,group\n" + "".join(f"{name},g{name[-12:]}\n" for name in names))
    table = read_table(given, groups=given / "groups.csv")
    assert all(row.group == f"g{row.path.partition('#')[0][-12:]}" for row in table.rows)
    assert not any("headers" in note for note in table.notes)


def test_a_patient_in_train_and_test_is_told(given):
    write(given, "test/b/one.dcm", patient="train/a 1")
    assert "1 of 10 test slices (1 b) share their patient or series with train or valid" in " ".join(
        read_table(given).notes
    )


# What cannot be read


def test_a_file_with_one_bad_frame_is_left_out_whole(given):
    path = given / "train/a/three.dcm"
    path.write_bytes(path.read_bytes()[:-100])
    (given / "train/a/notes.dcm").write_text("no scan")
    table = read_table(given)
    assert {one.path: one.reason for one in table.skipped} == {
        "train/a/three.dcm": "truncated: it holds fewer pixels than its header says",
        "train/a/notes.dcm": "not a PNG, JPEG or DICOM file",
    }
    assert "train/a/three.dcm#1" not in [row.path for row in table.rows]
    with pytest.raises(HilumError, match="2 file"):
        read_table(given, strict=True)


def test_scans_outside_every_class_folder_are_named(given):
    write(given, "train/stray.dcm")
    (skipped,) = read_table(given).skipped
    assert (skipped.path, skipped.reason) == ("train/stray.dcm", "a picture outside every class folder")


# The cache


def kept(path, window="auto"):
    cache = FactsCache()
    found = cache.dicom_facts(path, window)
    for facts in found:
        cache.keep(facts)
    cache.flush()
    return found


# The seconds of a decoding are a float of a clock with nanoseconds: two facts that agree in it come from one decoding.


def test_a_known_file_is_not_decoded_again(tmp_path):
    path = write(tmp_path, "three.dcm", *map(chest, range(3)), window=(40, 400))
    first = kept(path)
    assert [facts.frame for facts in first] == [1, 2, 3]
    assert kept(path.rename(path.with_name("other"))) == first
    lung = kept(path.with_name("other"), "lung")
    assert not {facts.content for facts in lung} & {facts.content for facts in first}
    assert not {facts.pixels for facts in lung} & {facts.pixels for facts in first}
    assert kept(path.with_name("other")) == first


def test_facts_that_are_there_in_part_are_made_anew(tmp_path):
    path = write(tmp_path, "three.dcm", *map(chest, range(3)))
    first = file_info.dicom_facts(path, file_info.sha256_of_file(path), "auto")
    cache = FactsCache()
    cache.keep(first[0])  # a run that was killed here
    cache.flush()
    second = kept(path)
    assert [dataclasses.replace(facts, seconds=0) for facts in second] == [
        dataclasses.replace(facts, seconds=0) for facts in first
    ]
    assert kept(path) == [first[0], *second[1:]]


def test_hashes_of_another_salt_are_not_used(tmp_path, monkeypatch):
    path = write(tmp_path, "one.dcm")
    (first,) = kept(path)
    assert kept(path) == [first]
    moved = tmp_path / "moved"
    shutil.copytree(cache_folder(), moved)
    (moved / "salt").unlink()
    monkeypatch.setenv("HILUM_CACHE", str(moved))
    (second,) = kept(path)
    assert (second.content, second.pixels) == (first.content, first.pixels)
    assert second.patient != first.patient
    assert kept(path) == [second]


def test_no_header_value_is_kept(tmp_path):
    path = write(tmp_path, "one.dcm", patient="Geheim 4711", series="1.2.840.4711")
    kept(path)
    stored = b"".join(each.read_bytes() for each in cache_folder().rglob("*") if each.is_file())
    assert not [secret for secret in (b"Geheim", b"4711", b"Rosalinde") if secret in stored]


def test_pictures_are_known_as_before(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(png_levels(chest(), "lung")).save(path)
    facts = FactsCache().facts(path)
    assert (facts.window, facts.frame, facts.frames, facts.doubt, facts.patient, facts.series) == (
        None, None, 1, None, None, None,
    )  # fmt: skip
