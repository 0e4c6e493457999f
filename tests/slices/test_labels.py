import pytest

from hilum.slices.labels import CLASSES, class_name, doubtful, is_around, listed, merged, split_folders, split_name


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        ("train", "train"), ("Train", "train"), ("TEST", "test"), ("test", "test"),
        ("valid", "valid"), ("val", "valid"), ("Validation", "valid"),
        ("training", "train"), ("normal", None), ("Data", None), ("", None),
    ],
)  # fmt: skip
def test_split_names(folder, split):
    assert split_name(folder) == split


@pytest.mark.parametrize(
    ("split", "names"),
    [
        ("train", "Training training_set TRAIN-SET trainset Train_Images 1_train 01.train train2017 train_v2 trn"),
        ("valid", "val_set Valid. validation-dataset dev DevSet 2.validation val_cohort validation_split"),
        ("test", "Testing test-set testset TEST_DATA test_images 3test tests tst testing_cohort Test-cases"),
    ],
)
def test_splits_in_the_spellings_that_people_use(split, names):
    assert {name: split_name(name) for name in names.split()} == dict.fromkeys(names.split(), split)


@pytest.mark.parametrize(
    "name",
    [
        "benign test", "test-retest", "latest", "contest", "contrast", "testis", "protest", "trained", "untrained",
        "trauma", "valve", "invalid", "device", "devil", "train old", "train - Copy", "trainval", "肺test",
        "external validation", "set", "images", "1", "1_2", "tr", "eval", "holdout",
    ],
)  # fmt: skip
def test_a_class_is_no_split_by_accident(name):
    assert split_name(name) is None


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        ("tr va te", "train valid test"),
        ("imagesTr imagesTs", "train test"),
        ("train eval", "train valid"),
        ("train val eval", "train valid test"),
        ("train dev holdout", "train valid test"),
        ("train valid test holdout", "train valid test -"),
        ("train development test", "train valid test"),
        ("development test", "train test"),
        ("learning tuning test", "train valid test"),
        ("TB TR", "- -"),
        ("TR", "-"),
        ("eval normal", "- -"),
        ("Training normal", "train -"),
        ("train train2 test", "train train test"),
        ("train_png test_png", "train test"),
        ("LungTrain LungVal LungTest", "train valid test"),
        ("X_train X-test", "train test"),
        ("CTTrain-v2 CTTest-v2", "train test"),
        ("benign_train malignant_train benign_test malignant_test", "- - - -"),
        ("train_png test_png normal", "- - -"),
        ("train_old test", "- test"),
        ("latest contest", "- -"),
    ],
)
def test_vague_names_are_splits_among_others(names, splits):
    found = split_folders(names.split())
    assert [found.get(name, "-") for name in names.split()] == splits.split()


def test_what_a_folder_around_classes_is_called():
    around = ["Data", "data", "dataset", "Datasets", "images", "CT-Scans", "Data (1)", "image_data", "slices"]
    classes = ["CT", "cases", "patients", "set", "1", "database", "mydata", "normal", ""]
    assert [name for name in around + classes if is_around(name)] == around


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


def test_labels_that_become_one_class_are_named():
    labels = [
        "x_T1_N0_M0",
        "x_T2_N0_M0",
        "x_T2_N0_M0",
        "Large Cell Carcinoma",
        "large.cell.carcinoma",
        "normal",
        "y_T1_N0_M0",
    ]
    assert list(merged(labels)) == [
        "2 labels are read as the one class large_cell_carcinoma: Large Cell Carcinoma, large.cell.carcinoma.",
        "2 labels are read as the one class x: x_T1_N0_M0, x_T2_N0_M0.",
    ]
    assert list(merged(["normal", " normal ", "x_T1_N0_M0"])) == []


@pytest.mark.parametrize(
    "name",
    ["nan", "NaN", "NA", "n/a", "None", "null", "-", "?", "<NA>", "#N/A", "missing", "Unknown"]
    + ["n.a.", "N.A", "not available", "unlabelled", "#REF!", "(blank)", "-999", "-9.0"],
)
def test_a_class_that_looks_like_a_missing_value_is_named(name):
    (note,) = doubtful(["normal", name], "class")
    assert f"A missing value may have been taken for a class: {name!r}." in note


@pytest.mark.parametrize(
    "names",
    [
        ("Benign", "benign"), ("1", "1.0"), ("01", "1"), ("1.5", "1,50"), ("grade 1", "Grade 1.0"), ("a-b", "a_b"),
        ("café", "cafe\u0301"), ("０", "0"), ("1e0", "1"), ("0", "-0"), (".5", "0.50"), ("Stage II", "stage  ii"),
    ],
)  # fmt: skip
def test_classes_that_differ_only_in_how_they_are_written_are_named(names):
    (note,) = doubtful(["other", *names], "class")
    assert "are read as different classes: " + " and ".join(map(repr, sorted(names))) in note


@pytest.mark.parametrize(
    "names",
    [
        ("1", "10"), ("-1", "1"), ("1.5", "15"), ("0", "0.5"), ("benign", "malignant"), ("1.2.840.1", "1.2.840.10"),
        ("patient 12345678", "patient 12345679"), ("a1", "a11"), ("+", "*"), ("良性", "恶性"), ("nanfang", "normal"),
    ],
)  # fmt: skip
def test_other_classes_are_not(names):
    assert list(doubtful(names, "class")) == []


def test_many_names_are_shortened():
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
