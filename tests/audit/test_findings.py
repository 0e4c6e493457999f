"""Findings: classes with the same finding share a sentence, and the counts in it are theirs."""

import pytest

from hilum.audit.findings import findings as findings_of
from hilum.records.audit import AUDIT_SCHEMA, AuditRecord


@pytest.fixture
def record():
    """A record in which nothing is wrong."""
    return {
        "schema": AUDIT_SCHEMA, "created": "", "command": None, "notice": "", "synthetic": False, "skipped": [],
        "near_duplicates": [], "notes": [], "versions": {}, "files": 9, "distinct": 9,
        "data": {"folder": "", "digest": "", "classes": ["a", "b_c", "d"], "counts": {}},
        "leaks": [],
        "label_conflicts": [],
        "groups": {
            "given": 3, "ids": 3, "named_files": 9, "same_slice": 8, "look_alike": 5,
            "largest": {"same_slice": 2, "look_alike": 2}, "version": "1", "curve": [],
            "by_class": {name: {"files": 3, "distinct": 3, "same_slice": 2, "look_alike": 1} for name in "ad"},
        },
        "splits": {"missing": [], "shares": {}, "shift_p": None, "numbers": [], "facts": []},
        "floors": {},
        "slices": {"doubts": [], "colour_marks": [], "colour_marks_by_class": {}, "text": [], "blank": []},
    }  # fmt: skip


def findings(record):
    """The findings of the record, as it is written."""
    return [finding.as_json() for finding in findings_of(AuditRecord.made(record))]


def _leak(label, files, same_slice, identical=0, into="test"):
    return {
        "from": "train",
        "to": into,
        "label": label,
        "files": files,
        "same_slice": same_slice,
        "identical": identical,
        "look_alike": same_slice,
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
        "train_range": [0, 29],
        "other_range": [30, 49],
        "cut": 30,
        "above": True,
        "share": 0.95,
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


def _floor(value, auc, too_few):
    def span(value):
        return {"value": value, "low": value - 0.05, "high": value + 0.05}

    binary = {"negative": "a", "sensitivity": span(0.5), "specificity": span(0.5), "auc": span(auc), "too_few": too_few}
    return {"accuracy": span(value), "f1_macro": span(value), "auc_macro": span(auc), "binary": binary}


def test_scores_of_shortcuts_have_intervals(record):
    record["floors"] = {"no-copies": {"file facts": _floor(0.24, 0.95, False), "border alone": _floor(0.9, 0.8, False)}}
    assert [finding["text"] for finding in findings(record)] == [
        "Simple models of what is not the disease reach macro-F1 0.90 [0.85–0.95] "
        "(no copies: file facts 0.24 [0.19–0.29], border alone 0.90 [0.85–0.95]).",
        "Cancer is told from the negative class by file facts without looking for disease: "
        "AUC 0.950 [0.90–1.00] (no copies).",
    ]


def test_an_auc_of_too_few_groups_is_not_called_a_shortcut(record):
    record["floors"] = {"no-copies": {"file facts": _floor(0.24, 0.95, True)}}
    assert [finding["title"] for finding in findings(record)] == ["Shortcuts"]
    record["floors"]["grouped"] = {"file facts": _floor(0.3, 0.92, False)}
    assert findings(record)[0]["text"].endswith("AUC 0.920 [0.87–0.97] (grouped).")
    record["floors"]["grouped"]["file facts"]["binary"]["auc"]["value"] = 0.6
    assert [finding["title"] for finding in findings(record)] == ["Shortcuts"]


def test_a_class_of_few_slices_is_said_with_the_copies(record):
    record["distinct"] = 5
    record["groups"]["by_class"]["a"] = {"files": 7, "distinct": 3, "same_slice": 2, "look_alike": 1}
    (finding,) = findings(record)
    assert finding["text"] == (
        "4 of 9 files are exact copies of others; 5 pictures are distinct. "
        "The 7 files of a are 3 distinct pictures of 2 slices only."
    )


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (0, "No patient or series ids were given, so no chest can be shown to be unseen. At"),
        (
            1,
            "8 of 9 files have no patient or series id, so no chest of these can be shown to be unseen; they are",
        ),
        (8, "1 of 9 files has no patient or series id"),
    ],
)
def test_ids_are_missed_while_a_file_has_none(record, named, words):
    record["groups"]["named_files"] = named
    (finding,) = findings(record)
    assert (finding["severity"], finding["title"]) == ("serious", "No patient ids")
    assert finding["text"].startswith(words)


def _training(**classes):
    """Rows of `training` from files, pictures and blank ones a class; all classes together first."""
    rows = [dict(zip(("files", "pictures", "blank"), numbers, strict=True)) for numbers in classes.values()]
    whole = {key: sum(row[key] for row in rows) for key in rows[0]}
    return [{"label": None, **whole}, *({"label": name, **row} for name, row in zip(classes, rows, strict=True))]


@pytest.mark.parametrize(
    ("training", "titles", "words"),
    [
        (_training(a=(8, 1, 0), b_c=(8, 4, 2)), ["A class without content"], "8 training slices of a show the same"),
        (_training(a=(8, 8, 0), b_c=(8, 3, 8)), ["A class without content"], "8 training slices of b c are blank"),
        (_training(a=(8, 3, 8), b_c=(8, 2, 8)), ["Nothing to learn from"], "All 16 training slices are blank"),
        (_training(a=(1, 1, 0), b_c=(8, 8, 1)), [], ""),
    ],
)
def test_training_slices_that_are_all_the_same(record, training, titles, words):
    record["training"] = training
    found = findings(record)
    assert [finding["title"] for finding in found] == titles
    assert all(finding["severity"] == "serious" and words in finding["text"] for finding in found)


def test_one_picture_for_all_is_said_once(record):
    record["training"] = _training(a=(8, 1, 0), b_c=(8, 1, 0))
    record["training"][0]["pictures"] = 1
    (finding,) = findings(record)
    assert finding["text"] == "All 16 training slices show the same picture: no model can learn anything from them."


def test_leaked_files_are_named_behind_those_that_they_repeat_the_most_leaked_class_first(record):
    few, most = _leak("a", 10, 1), _leak("b_c", 10, 5, 5)
    few["pairs"], most["pairs"] = [["train/a/1.png", "test/a/2.png"]], [["train/b/1.png", "test/b/2.png"]]
    record["leaks"] = [few, most]
    (finding,) = findings(record)
    assert finding["paths"] == ["train/b/1.png", "test/b/2.png", "train/a/1.png", "test/a/2.png"]


def test_files_of_ids_on_both_sides_are_named_for_these_sides_only(record):
    record["leaks"] = [_leak("a", 10, 0) | {"group": 1}]
    record["shared_ids"] = [
        {"paths": ["train/a/1.png", "test/a/2.png"], "labels": ["a", "a"], "splits": ["train", "test"]},
        {"paths": ["train/a/3.png", "valid/a/4.png"], "labels": ["a", "a"], "splits": ["train", "valid"]},
    ]
    (finding,) = findings(record)
    assert (finding["severity"], finding["paths"]) == ("serious", ["train/a/1.png", "test/a/2.png"])


def test_a_mark_that_tells_a_class_is_serious_and_others_are_not(record):
    record["slices"].update(text=["train/a/1.png"], colour_marks=["train/d/1.png"], colour_marks_by_class={"d": 1})
    record["slices"]["marked_classes"] = [
        {"kind": "text", "label": "b_c", "marked": 9, "pictures": 30, "marked_elsewhere": 1, "pictures_elsewhere": 60,
         "p": 0.001}
    ]  # fmt: skip
    told, other = findings(record)
    assert (told["severity"], told["title"]) == ("serious", "Text or rulers tell a class")
    assert told["text"] == (
        "1 file seems to carry burnt-in text or rulers. In train, 9 of 30 pictures of b c do, and 1 of 60 of the other "
        "classes. A model may learn the mark instead of the disease."
    )
    assert (other["severity"], other["title"]) == ("notice", "Colour marks")
