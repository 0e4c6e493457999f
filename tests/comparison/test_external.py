"""What is asked of slices from elsewhere: names, folders and maps, and how their classes are read."""

import pytest
from helpers.blocks import write_blocks

from hilum.comparison.external import External, externals, parse_external, readings_of
from hilum.errors import HilumError
from hilum.slices.table import read_labelled

CLASSES = ("adenocarcinoma", "normal", "squamous_cell_carcinoma")


@pytest.fixture
def place(tmp_path):
    return write_blocks(tmp_path / "iq", 0, {"malignant": (2, 60), "normal": (2, 120), "benign": (1, 190)})


def test_folders_and_maps_belong_together_by_name(place):
    found = parse_external([f"iq={place}", f" other-1 = {place}"], ["iq:malignant=cancer", "iq:benign=Normal"])
    assert found == {"iq": (place, {"malignant": "cancer", "benign": "normal"}), "other-1": (place, {})}
    assert parse_external([], []) == {}


@pytest.mark.parametrize(
    ("folders", "maps", "said"),
    [
        (["{place}"], [], "takes NAME=FOLDER"),
        (["iq="], [], "takes NAME=FOLDER"),
        (["i q={place}"], [], "names of letters, digits, - and _"),
        (["={place}"], [], "names of letters, digits, - and _"),
        (["strict={place}"], [], "name strict, which is that of a protocol"),
        (["unseen={place}"], [], "name unseen, which is that of a protocol"),
        (["iq={place}", "iq={place}"], [], "has the name iq twice"),
        (["iq={place}/nowhere"], [], "does not exist"),
        (["iq={place}"], ["malignant=cancer"], "takes NAME:CLASS=CLASS"),
        (["iq={place}"], ["iq:malignant"], "--map takes"),
        (["other={place}"], ["othr:malignant=cancer"], "names external othr, .*Did you mean 'other'"),
        ([], ["iq:malignant=cancer"], "--external NAME=FOLDER"),
        (["iq={place}"], ["iq:malignent=cancer"], "malignent, .* external iq. Did you mean 'malignant'"),
        (["iq={place}"], ["iq:benign=normal", "iq:benign=cancer"], "benign two meanings"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_a_slice_is_read(place, folders, maps, said):
    with pytest.raises(HilumError, match=said):
        parse_external([text.format(place=place) for text in folders], maps)


def test_a_folder_is_no_table(place):
    with pytest.raises(HilumError, match=r"External needs a table; make one with hilum\.read_labelled"):
        externals({"iq": place})


def test_names_in_python_are_checked_too(place):
    table = read_labelled(place)
    assert externals({"iq": table})["iq"] == External(table)
    with pytest.raises(HilumError, match="not 'i/q'"):
        externals({"i/q": table})
    with pytest.raises(HilumError, match="Did you mean 'benign'"):
        External(table, {"bening": "normal"})


def _reading(place, mapped, negative="normal"):
    return readings_of({"iq": External(read_labelled(place), mapped)}, CLASSES, negative)["iq"]


def test_a_name_that_is_no_training_class_makes_two_classes(place):
    reading = _reading(place, {"malignant": "cancer"})
    assert (reading.classes, reading.negative) == (("cancer", "normal"), "normal")
    assert dict(reading.folder) == {"malignant": "cancer", "normal": "normal"}
    assert any("no class benign" in note and "--map iq:benign=normal" in note for note in reading.notes)


def test_otherwise_the_classes_are_the_training_ones(place):
    reading = _reading(place, {"malignant": "adenocarcinoma"}, None)
    assert (reading.classes, reading.negative) == (CLASSES, None)
    assert _reading(place, {"malignant": "adenocarcinoma"}).negative == "normal"


@pytest.mark.parametrize(
    ("mapped", "negative", "said"),
    [
        ({}, "normal", "one class only, normal.*--map"),
        ({"malignant": "normal", "benign": "normal"}, "normal", "one class only, normal"),
        ({"malignant": "cancer"}, None, "--negative names one"),
        ({"malignant": "cancer", "benign": "healthy"}, "normal", "cancer and healthy.*Use one"),
        ({"malignant": "adenocarcinom"}, "normal", "Did you mean 'adenocarcinoma'"),
    ],
)
def test_classes_that_do_not_fit(place, mapped, negative, said):
    with pytest.raises(HilumError, match=said):
        _reading(place, mapped, negative)


def test_no_class_in_common(tmp_path):
    place = write_blocks(tmp_path / "far", 0, {"ill": (1, 60), "well": (1, 120)})
    with pytest.raises(HilumError, match=r"None of the classes of external iq \(ill, well\) is a class of the"):
        _reading(place, {})
