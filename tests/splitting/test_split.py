"""A new split of slices with planted leaks, and of the public set: auditing it finds none."""

from collections import defaultdict

import numpy as np
import pytest
from helpers.blocks import blocks
from helpers.dicoms import dataset, written

import hilum
from hilum.audit.audit import first_look
from hilum.audit.groups import find_groups
from hilum.errors import HilumError

KINDS = ("identical", "same_slice", "look_alike", "group")


def _leaks(audited):
    return {kind: sum(getattr(leak, kind) or 0 for leak in audited.record.leaks) for kind in KINDS}


def test_there_are_leaks_to_begin_with(table):
    leaks = _leaks(first_look(table))
    assert leaks["identical"] == leaks["same_slice"] == 1
    assert leaks["look_alike"] >= 6


@pytest.mark.parametrize("copies", ["drop", "keep"])
@pytest.mark.parametrize("seed", [0, 1])
def test_an_audit_of_what_was_written_finds_no_leak(table, planted, tmp_path, copies, seed):
    place = hilum.split(table, copies=copies, seed=seed).save(tmp_path / "new.csv")
    audited = first_look(hilum.read_table(planted, table=place))
    assert _leaks(audited) == dict.fromkeys(KINDS, 0)
    record = audited.record
    assert (record.copies_in_all, len(record.label_conflicts)) == ((0, 0) if copies == "drop" else (4, 1))


def test_look_alikes_are_not_taken_for_patients(table, planted, tmp_path):
    new = hilum.split(table, copies="keep")
    audited = first_look(hilum.read_table(planted, table=new.save(tmp_path / "new.csv")))
    assert audited.record.groups.given is None
    assert audited.record.title("strict") == "strict (0.87)"
    together = {file.path: file.together for file in new.files}
    pairs = {(together[row.path], group) for row, group in zip(audited.table.rows, audited.groups.strict, strict=True)}
    assert len(pairs) == len({number for number, _ in pairs}) == len({group for _, group in pairs})


def test_what_is_together_is_numbered_as_it_appears(table):
    for how in ({}, {"folds": 3}, {"copies": "keep"}):
        seen = dict.fromkeys(file.together for file in hilum.split(table, **how).files)
        assert [*seen] == [*range(len(seen))]


def test_no_group_is_in_two_folds(table):
    new = hilum.split(table, folds=4, copies="keep")
    fold_of = {file.path: file.part for file in new.files}
    groups = find_groups(table)
    for of in (groups.picture, groups.same_slice, groups.strict):
        found = defaultdict(set)
        for row, group in zip(table.rows, of.tolist(), strict=True):
            found[group].add(fold_of[row.path])
        assert all(len(folds) == 1 for folds in found.values())


def test_copies_and_conflicts_are_left_out_or_marked(table):
    dropped, kept = hilum.split(table), hilum.split(table, copies="keep")
    left_out = {one.path: one.reason for one in dropped.left_out}
    assert left_out == {
        "test/normal/0 - Copy.png": "copy of test/normal/0.png",
        "test/normal/5.png": "label conflict",
        "train/dark/0 - Copy.png": "copy of train/dark/0.png",
        "train/dark/two.png": "label conflict",
        "valid/bright/0 - Copy.png": "copy of valid/bright/0.png",
    }
    assert {file.path: file.mark for file in kept.files if file.mark} == left_out
    assert {file.path for file in dropped.files} == {file.path for file in kept.files} - {*left_out}
    assert kept.left_out == ()


def test_earlier_splits_play_no_part(table, planted):
    new = hilum.split(table)
    assert hilum.split(hilum.read_labelled(planted)).files == new.files
    assert hilum.split(new.table).counts == new.counts
    assert "The splits that the slices came in are ignored." in new.notes
    assert new.table.notes == ("Split 70/10/20 by hilum split with seed 0; groups and copies stay together.",)
    assert not any("ignored" in note for note in hilum.split(hilum.read_labelled(planted)).notes)


def test_the_seed_decides(table):
    assert hilum.split(table).files == hilum.split(table).files != hilum.split(table, seed=1).files


def test_given_ids_are_on_one_side_and_stay_as_they_were(phantom_table, use_shared_cache):
    new = hilum.split(phantom_table)
    id_of, parts, numbers = {row.path: row.group for row in phantom_table.rows}, defaultdict(set), defaultdict(set)
    for file in new.files:
        parts[file.group].add(file.part)
        numbers[file.group].add(file.together)
    assert all(len(found) == 1 for found in (*parts.values(), *numbers.values()))
    assert {file.path: file.group for file in new.files} == {file.path: id_of[file.path] for file in new.files}
    assert new.table.counts.keys() == {"train", "valid", "test"}
    assert any("of ids (patient or series)" in note for note in new.notes)


def test_frames_of_a_file_are_one_row(tmp_path, use_shared_cache):
    random = np.random.default_rng(0)
    for label in "ab":
        (tmp_path / "slices" / label).mkdir(parents=True)
        for number in range(4):
            frames = [10 * blocks(random, 100).astype(np.int32) - 1000 for _ in range(2)]
            scan = dataset(*frames, patient=f"{label}{number}", series=f"1.{ord(label)}.{number}")
            (tmp_path / "slices" / label / f"{number}.dcm").write_bytes(written(scan))
    table = hilum.read_table(tmp_path / "slices")
    assert len(table.rows) == 16
    new = hilum.split(table)
    assert [file.path for file in new.files] == [f"{label}/{number}.dcm" for label in "ab" for number in range(4)]
    assert {file.slices for file in new.files} == {2}
    assert hilum.read_table(tmp_path / "slices", table=new.save(tmp_path / "new.csv")).rows == new.table.rows


def test_too_few_groups_are_told_and_what_would_help(phantom, use_shared_cache):
    with pytest.raises(HilumError, match=r"3 are needed.*look-alikes \(above 0\.87\); ids .*--groups"):
        hilum.split(hilum.read_table(phantom))


def test_bad_options_are_refused_before_any_work(table):
    for how, said in (
        ({"copies": "dorp"}, "Did you mean 'drop'"),
        ({"folds": 1}, "folds must be 2 or more"),
        ({"look_alike": 0.2}, "look_alike must be from 0.5 to 1"),
        ({"seed": -1}, "seed must be from 0"),
        ({"shares": (1, 2)}, "shares must be three numbers"),
    ):
        with pytest.raises(HilumError, match=said):
            hilum.split(table, **how)


@pytest.mark.slow
def test_the_public_set_is_split_without_leaks(chest_ctscan, tmp_path, use_shared_cache):
    new = hilum.split(hilum.read_table(chest_ctscan))
    assert len(new.files) == 1000 - len(new.left_out) == 846
    audited = first_look(hilum.read_table(chest_ctscan, table=new.save(tmp_path / "new.csv")))
    assert _leaks(audited) == dict.fromkeys(KINDS, 0)
