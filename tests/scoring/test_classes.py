"""How the classes of a folder are matched with those of a model."""

import numpy as np
import pytest

from hilum.errors import HilumError
from hilum.scoring.classes import parse_map, read_classes

MODEL = ("adenocarcinoma", "normal", "squamous_cell_carcinoma")


def test_equal_classes_are_read_as_they_are():
    reading = read_classes(MODEL, MODEL, {}, None)
    assert (reading.classes, reading.notes) == (MODEL, ())
    shares = np.array([[0.2, 0.3, 0.5]])
    np.testing.assert_array_equal(reading.probabilities(shares, MODEL), shares)


def test_a_class_that_the_model_lacks_is_left_out_and_one_that_the_folder_lacks_is_said():
    reading = read_classes(("adenocarcinoma", "benign"), MODEL, {}, None)
    assert dict(reading.folder) == {"adenocarcinoma": "adenocarcinoma"}
    assert "no class benign, so these slices are left out" in reading.notes[0]
    assert "normal, squamous_cell_carcinoma, so macro means are of the other classes" in reading.notes[1]


def test_a_mapped_class():
    reading = read_classes(("LUAD", "normal"), MODEL, parse_map(["LUAD=Adenocarcinoma"]), None)
    assert dict(reading.folder) == {"LUAD": "adenocarcinoma", "normal": "normal"}


def test_two_classes_take_all_others_together():
    mapped = parse_map(["Malignant cases=cancer", "Normal cases=normal", "Bengin cases=normal"])
    reading = read_classes(("Bengin cases", "Malignant cases", "Normal cases"), MODEL, mapped, "normal")
    assert (reading.classes, reading.negative) == (("cancer", "normal"), "normal")
    assert reading.folder == {"Bengin cases": "normal", "Malignant cases": "cancer", "Normal cases": "normal"}
    shares = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    np.testing.assert_allclose(reading.probabilities(shares, MODEL), [[0.7, 0.3], [0.2, 0.8]])


def test_a_class_that_nothing_is_known_of_is_never_counted_as_cancer():
    mapped = parse_map(["Malignant cases=cancer"])
    reading = read_classes(("Bengin cases", "Malignant cases", "Normal cases"), MODEL, mapped, "Normal")
    assert reading.folder == {"Malignant cases": "cancer", "Normal cases": "normal"}
    assert any("Bengin cases" in note and "left out" in note and "--map" in note for note in reading.notes)
    with pytest.raises(HilumError, match="Say which is which, as in --map"):
        read_classes(("Bengin cases",), MODEL, {}, "normal")


def test_the_other_side_has_the_name_that_was_given_to_it():
    reading = read_classes(("ill", "normal"), MODEL, {"ill": "tumour"}, "normal")
    assert reading.classes == ("normal", "tumour")
    reading = read_classes(("adenocarcinoma",), MODEL, {}, "normal")
    assert reading.classes == ("cancer", "normal")
    assert any("no slice that is read as normal" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((("a", "b"), MODEL, {}, None), r"None of the classes of the folder \(a, b\) is a class of the model"),
        ((("a",), MODEL, {"x": "normal"}, None), "--map names x"),
        ((("a",), MODEL, {}, "healthy"), "--negative healthy is not a class of the model"),
        ((("a", "b"), MODEL, {"a": "ill", "b": "odd"}, "normal"), "--map gives ill and odd.*Use one"),
    ],
)
def test_classes_that_do_not_fit_are_said(arguments, said):
    with pytest.raises(HilumError, match=said):
        read_classes(*arguments)


@pytest.mark.parametrize("pairs", [["a"], ["a="], ["=b"], ["a=b", "a=c"], [" = "]])
def test_odd_maps_are_refused(pairs):
    with pytest.raises(HilumError, match="--map"):
        parse_map(pairs)
