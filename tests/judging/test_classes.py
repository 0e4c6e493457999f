import numpy as np
import pytest

from hilum.errors import HilumError
from hilum.judging import classes as classes_of
from hilum.judging.cells import Texts
from hilum.judging.classes import as_known, plain_map, predicted_classes


def predicted(*texts, of_folder=("Benign", "normal"), mapped=None):
    return predicted_classes(Texts.of(np.arange(len(texts)), texts), of_folder, mapped or {}, "p.csv", "normal")


def reading_of(of_folder, classes, mapped, negative="normal"):
    return classes_of.reading_of(of_folder, classes, mapped, negative)


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
        HilumError, match=r"gives cancr, which is not a class of the table of predictions\. Did you mean 'cancer'"
    ):
        reading_of(("tumour",), ("cancer", "normal"), {"tumour": "cancr"})


@pytest.mark.parametrize(
    ("of_folder", "classes", "mapped", "pairs"),
    [
        (("Benign", "normal"), ("Benign", "norml"), {}, "--map normal=norml"),
        (
            ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma"),
            ("adeno", "large", "normal", "squamous"),
            {},
            "--map adenocarcinoma=adeno --map large_cell_carcinoma=large --map squamous_cell_carcinoma=squamous",
        ),
        (("a", "b", "normal"), ("cancer", "normal"), {}, "--map a=cancer --map b=cancer"),
        (("a", "b", "normal"), ("cancer", "normal", "other"), {"a": "cancer"}, "--map b=other"),
        (("cat", "dog"), ("1", "0"), {}, "--map cat=0 --map dog=1"),
    ],
)
def test_classes_of_both_sides_that_match_nothing_are_refused(of_folder, classes, mapped, pairs):
    with pytest.raises(HilumError) as error:
        reading_of(of_folder, classes, mapped)
    assert f"Say which is which, as in {pairs}; or" in str(error.value)
    said = dict(pair.split("=") for pair in pairs.split()[1::2])
    assert set(reading_of(of_folder, classes, mapped | said).folder) == set(of_folder)


def test_a_name_of_ones_own_makes_two_classes():
    classes, mapped = ("a", "b", "normal"), {"malignant": "cancer", "benign": "normal"}
    reading = reading_of(("benign", "malignant"), classes, mapped)
    assert (reading.classes, reading.negative) == (("cancer", "normal"), "normal")
    assert reading.folder == {"malignant": "cancer", "benign": "normal"}
    assert reading.probabilities(np.array([[0.2, 0.5, 0.3]]), classes)[0] == pytest.approx([0.7, 0.3])
    with pytest.raises(HilumError, match="--negative names one"):
        reading_of(("benign", "malignant"), ("a", "b"), {"malignant": "cancer"})


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


def test_predicted_classes_that_nothing_stands_for_are_refused_or_read_as_two():
    folder = ("benign", "malignant")
    with pytest.raises(HilumError, match="--map malignant=adeno"):
        predicted("adeno", "normal", of_folder=folder, mapped={"benign": "normal"})
    for texts in (("adeno", "normal"), ("adeno", "large")):
        meant, classes, _ = predicted(*texts, of_folder=folder, mapped={"malignant": "cancer", "benign": "normal"})
        assert (meant, classes) == ([*texts], sorted({*texts, "normal"}))
    # A name that is never predicted is a class of the predictions if all others are accounted for.
    assert predicted("normal", of_folder=folder, mapped={"malignant": "cancer", "benign": "normal"})[1] == [
        "cancer",
        "normal",
    ]
