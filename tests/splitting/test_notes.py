"""Sentences on a new split."""

from hilum.splitting.notes import about_marks, about_parts

USUAL = {"train": 0.7, "valid": 0.1, "test": 0.2}


def _parts(train, valid, test):
    return ["train"] * train + ["valid"] * valid + ["test"] * test


def test_shares_that_are_met_are_said_to_be():
    said = list(about_parts(["a"] * 10, _parts(7, 1, 2), range(10), USUAL, "a"))
    assert said == ["Every class is within half a percentage point of the shares."]


def test_the_farthest_class_is_named_with_its_largest_group():
    labels, groups = ["a"] * 10 + ["b_c"] * 10, [*range(10), *[10] * 5, 11, 12, 13, 14, 14]
    (said,) = about_parts(labels, [*_parts(7, 1, 2), *_parts(5, 2, 3)], groups, USUAL, ("a", "b_c"))
    assert said == (
        "Farthest from the shares is b c in train: 50.0 % of its slices, not 70 %. Its largest group has 5 of 10."
    )


def test_classes_in_fewer_groups_than_folds_are_named():
    labels, groups = ["a"] * 6 + ["b"] * 3, [0, 1, 2, 3, 4, 5, 6, 6, 7]
    far, missing = about_parts(labels, [*"012012", *"001"], groups, dict.fromkeys("012", 1 / 3), "ab")
    assert far.startswith("Farthest from the shares is b in fold ")
    assert missing == "Not in every fold: b (2 groups)."


def test_a_class_that_is_left_out_whole_is_named():
    lost, _ = about_parts(["a"] * 10, _parts(7, 1, 2), range(10), USUAL, ("a", "b_c"))
    assert lost == "No slice of b c is left."


def test_what_is_left_out_is_counted_and_the_first_few_are_named():
    marks = {f"{number}.png": "copy of x.png" for number in range(5)} | {"y.png": "label conflict"}
    copies, conflicts = about_marks(marks, dropped=True)
    assert copies == (
        "5 files left out as copies: 0.png (copy of x.png), 1.png (copy of x.png), 2.png (copy of x.png) and 2 more."
    )
    assert conflicts == "1 file left out since the same slice carries another label too: y.png."
    (kept,) = about_marks(marks, dropped=False)
    assert kept.startswith("In the column mark: 5 files that are copies and 1 with label conflicts")
    assert list(about_marks({}, dropped=True)) == list(about_marks({}, dropped=False)) == []
