import numpy as np
import pytest

from hilum.errors import HilumError
from hilum.judging.cells import Texts
from hilum.judging.classes import as_known, plain_map, predicted_classes, reading_of


def predicted(*texts, of_folder=("Benign", "normal"), mapped=None):
    return predicted_classes(Texts.of(np.arange(len(texts)), texts), of_folder, mapped or {}, "p.csv")


def test_a_text_means_a_known_class_even_in_another_case():
    assert as_known("BENIGN", ("Benign", "a")) == "Benign"
    assert as_known("A", ("A", "a")) == "A"
    assert as_known("Squamous.cell.carcinoma", ()) == "squamous_cell_carcinoma"


def test_maps_are_read_as_folders_are():
    assert plain_map({"Large.Cell.Carcinoma": " Normal "}) == {"large_cell_carcinoma": "normal"}
    assert plain_map(None) == {}


def test_a_folder_is_read_as_the_classes_of_the_predictions():
    reading = reading_of(("healthy", "normal", "tumour"), ("cancer", "normal"), {"tumour": "cancer"})
    assert reading.classes == ("cancer", "normal")
    assert reading.folder == {"normal": "normal", "tumour": "cancer"}
    assert "no class healthy, so these slices are left out" in reading.notes[0]


def test_a_map_to_no_class_of_the_predictions_is_refused():
    with pytest.raises(
        HilumError, match=r"gives cancr, which is not a class of the predictions\. Did you mean 'cancer'"
    ):
        reading_of(("tumour",), ("cancer", "normal"), {"tumour": "cancr"})


def test_a_class_that_may_be_misspelt_is_refused():
    with pytest.raises(HilumError, match=r"have the class norml, which the folder lacks, and the folder has normal\."):
        reading_of(("Benign", "normal"), ("Benign", "norml"), {})
    assert reading_of(("Benign", "normal"), ("Benign", "norml"), {"normal": "norml"}).folder["normal"] == "norml"


def test_predictions_of_no_class_of_the_folder_are_refused():
    with pytest.raises(HilumError, match=r"None of the classes of the folder .* as in --map cat=cancer\.$"):
        reading_of(("dog", "cat"), ("cancer", "normal"), {})


def test_predicted_classes_are_those_of_the_folder_whatever_their_case():
    meant, classes, notes = predicted("benign", "Normal")
    assert meant == ["Benign", "normal"]
    assert classes == ["Benign", "normal"]
    assert notes == ("p.csv: the class benign is read as Benign.",)


def test_a_class_that_is_never_predicted_counts_and_that_is_said():
    meant, classes, notes = predicted("normal")
    assert (meant, classes) == (["normal"], ["Benign", "normal"])
    assert notes == ("No slice is predicted as Benign, so all slices of it count as wrong.",)


def test_a_class_that_is_mapped_is_not_one_of_its_own():
    _, classes, notes = predicted("cancer", "normal", mapped={"Benign": "normal"}, of_folder=("Benign", "cancer"))
    assert classes == ["cancer", "normal"]
    assert not notes


def test_numbers_in_place_of_classes_are_refused_unless_they_are_mapped():
    with pytest.raises(HilumError, match=r"has numbers \(0, 1\) in place of classes\. .* --map Benign=NUMBER"):
        predicted("0", "1")
    assert predicted("0", "1", mapped={"Benign": "0", "normal": "1"})[1] == ["0", "1"]
    assert predicted("0", "1", of_folder=("0", "1"))[0] == ["0", "1"]


def test_an_empty_cell_is_refused():
    with pytest.raises(HilumError, match="has 1 row without a predicted class"):
        predicted("normal", "")
