"""Findings: classes with the same finding share a sentence, and the counts in it are theirs."""

import pytest

from hilum.audit.findings import findings


@pytest.fixture
def record():
    """A record in which nothing is wrong."""
    return {
        "files": 9,
        "distinct": 9,
        "data": {"classes": ["a", "b_c", "d"]},
        "leaks": [],
        "label_conflicts": [],
        "groups": {"given": 3},
        "splits": {"missing": [], "numbers": [], "facts": []},
        "floors": {},
        "slices": {"doubts": [], "colour_marks": [], "colour_marks_by_class": {}, "text": [], "blank": []},
    }


def _leak(label, files, same_slice, identical=0, into="test"):
    return {
        "from": "train",
        "to": into,
        "label": label,
        "files": files,
        "same_slice": same_slice,
        "identical": identical,
    }


def _numbers(label, own, train):
    return {
        "label": label,
        "other": "test",
        "apart": True,
        "other_side": own,
        "others": 20,
        "train_side": train,
        "train": 30,
        "sentence": f"{label} alone.",
    }


def test_nothing_wrong_nothing_found(record):
    assert findings(record) == []


def test_leaks_of_several_classes_are_one_finding_a_way(record):
    record["leaks"] = [_leak("a", 10, 3, 2), _leak("b_c", 20, 1), _leak("d", 5, 0), _leak("d", 40, 2, 2, "valid")]
    leaks = {finding["title"]: (finding["severity"], finding["text"]) for finding in findings(record)}
    assert leaks == {
        "Leak from train to test": (
            "serious",
            "In test, 3 of 10 files of a and 1 of 20 files of b c show a slice that is also in train "
            "(2 identical, 2 nearly so).",
        ),
        "Leak from train to valid": (
            "notice",
            "In valid, 2 of 40 files of d show a slice that is also in train (2 identical).",
        ),
    }


def test_missing_classes_are_listed_by_split(record):
    record["splits"]["missing"] = [
        {"split": split, "label": label}
        for split, label in (("valid", "a"), ("valid", "b_c"), ("valid", "d"), ("test", "a"))
    ]
    assert [finding["text"] for finding in findings(record)] == ["valid has no a, b c and d.", "test has no a."]


def test_numbers_of_one_class_keep_their_sentence_and_those_of_several_are_summed(record):
    record["splits"]["numbers"] = [_numbers("a", 19, 28)]
    assert [finding["text"] for finding in findings(record)] == ["a alone."]
    record["splits"]["numbers"].append(_numbers("d", 20, 29))
    (finding,) = findings(record)
    assert finding["text"] == (
        "In each of a and d one file number divides train from test: 39 of 40 numbered test files and 57 of 60 train "
        "files lie on their own side of it."
    )
