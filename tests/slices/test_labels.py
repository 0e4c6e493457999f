import pytest

from hilum.slices.labels import CLASSES, class_name, split_name


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        ("train", "train"), ("Train", "train"), ("TEST", "test"), ("test", "test"),
        ("valid", "valid"), ("val", "valid"), ("Validation", "valid"),
        ("training", None), ("normal", None), ("Data", None), ("", None),
    ],
)  # fmt: skip
def test_split_names(folder, split):
    assert split_name(folder) == split


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        # The Kaggle set: test, then train and valid
        ("adenocarcinoma", "adenocarcinoma"),
        ("large.cell.carcinoma", "large_cell_carcinoma"),
        ("normal", "normal"),
        ("squamous.cell.carcinoma", "squamous_cell_carcinoma"),
        ("adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib", "adenocarcinoma"),
        ("large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa", "large_cell_carcinoma"),
        ("squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa", "squamous_cell_carcinoma"),
        # The same written in other ways
        ("Large Cell Carcinoma", "large_cell_carcinoma"),
        ("squamous-cell-carcinoma", "squamous_cell_carcinoma"),
        (" NORMAL ", "normal"),
        ("large_cell_carcinoma_left.hilum_T2_N2_M0_IIIa", "large_cell_carcinoma"),
        ("Squamous_Cell_Carcinoma_T1a_N2_M1b", "squamous_cell_carcinoma"),
        # Other data sets keep their names
        ("Bengin cases", "Bengin cases"),
        ("COVID", "COVID"),
        ("normal_contrast", "normal_contrast"),
        ("small.cell_left.hilum_T1_N2_M0_IIIa", "small.cell"),
        ("_T1_N2_M0", "_T1_N2_M0"),
        ("肺", "肺"),
    ],
)
def test_class_names(folder, name):
    assert class_name(folder) == name


@pytest.mark.parametrize("name", CLASSES)
def test_a_name_stays_what_it_became(name):
    assert class_name(name) == name
