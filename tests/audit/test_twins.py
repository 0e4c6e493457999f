"""Copies, twins, leaks and label conflicts, in the public set and in a phantom with planted ones."""

import pytest


def _leak(record, origin, into, label):
    (found,) = [leak for leak in record["leaks"] if (leak["from"], leak["to"], leak["label"]) == (origin, into, label)]
    return found


def test_normal_slices_of_the_public_set(part_record):
    """Most are copies: some in other splits, some with colour marks; one shows a pelvis."""
    counted = {"files": 215, "distinct": 66, "same_slice": 39, "look_alike": 28}
    assert part_record["groups"]["by_class"]["normal"] == counted
    leak = _leak(part_record, "train", "test", "normal")
    assert (leak["files"], leak["identical"], leak["same_slice"]) == (54, 46, 47)
    assert _leak(part_record, "train", "valid", "normal")["identical"] == 10
    (copies,) = [finding for finding in part_record["findings"] if finding["title"] == "Copies"]
    assert copies["text"].endswith("The 215 files of normal are 66 distinct pictures of 39 slices only.")
    assert part_record["slices"]["colour_marks_by_class"]["normal"] == 32
    assert [row["path"] for row in part_record["slices"]["doubts"]] == ["valid/normal/004007_01_01_519.png"]
    assert part_record["slices"]["blank"] == []
    (pair,) = part_record["label_conflicts"]
    assert sorted(path.rsplit("/", 1)[1] for path in pair) == ["l4.png", "sq2.png"]


@pytest.mark.slow
def test_copies_and_leaks_of_the_public_set(real_record):
    assert (real_record["files"], real_record["distinct"]) == (1000, 847)
    leak = _leak(real_record, "train", "test", "normal")
    assert (leak["files"], leak["identical"]) == (54, 46)
    assert leak["same_slice"] == 47
    assert _leak(real_record, "train", "valid", "normal")["identical"] == 10
    for label in ("adenocarcinoma", "large_cell_carcinoma", "squamous_cell_carcinoma"):
        assert _leak(real_record, "train", "test", label)["identical"] == 0


@pytest.mark.slow
def test_distinct_pictures_of_each_class_of_the_public_set(real_record):
    by_class = real_record["groups"]["by_class"]
    assert by_class["normal"] == {"files": 215, "distinct": 66, "same_slice": 39, "look_alike": 28}
    assert sum(count["files"] for count in by_class.values()) == 1000
    # The label conflict is one picture, and one slice, of two classes.
    assert sum(count["distinct"] for count in by_class.values()) == 847 + 1
    assert sum(count["same_slice"] for count in by_class.values()) == real_record["groups"]["same_slice"] + 1
    (copies,) = [finding for finding in real_record["findings"] if finding["title"] == "Copies"]
    assert copies["text"].endswith("The 215 files of normal are 66 distinct pictures of 39 slices only.")


@pytest.mark.slow
def test_the_label_conflict_of_the_public_set(real_record):
    (pair,) = real_record["label_conflicts"]
    assert sorted(path.rsplit("/", 1)[1] for path in pair) == ["l4.png", "sq2.png"]


@pytest.mark.parametrize("fault", ["copy", "mirrored", "turned", "brighter", "conflict"])
def test_planted_twins_are_found(planted, planted_record, fault):
    """Every planted twin is in one same-slice group with others."""
    together = [set(row["paths"]) for row in planted_record["near_duplicates"]]
    conflicts = [set(paths) for paths in planted_record["label_conflicts"]]
    for path in planted[1][fault]:
        if fault == "copy":  # not a distinct picture: it is counted, and its twin stands for it
            continue
        assert any(path in paths for paths in together + conflicts), path
    if fault == "copy":
        assert planted_record["files"] - planted_record["distinct"] == len(planted[1]["copy"])
    if fault == "conflict":
        flat = {path for paths in conflicts for path in paths}
        assert set(planted[1]["conflict"]) <= flat
