import pytest

from hilum.errors import HilumError
from hilum.slices.folders import check_classes, filled_folders, find_folders


def make(root, *names):
    """Files; what folders mean is told without looking inside one."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("no picture")
    return root


def splits(root, **options):
    _, parents, _ = find_folders(root, **options)
    return {parent.relative_to(root).as_posix(): split for parent, split in parents.items()}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Training/a/1.png", "Testing/a/1.png"], {"Training": "train", "Testing": "test"}),
        (["train_set/a/1.png", "val_set/a/1.png"], {"train_set": "train", "val_set": "valid"}),
        (["train_png/a/1.png", "test_png/a/1.png"], {"train_png": "train", "test_png": "test"}),
        (["tr/a/1.png", "va/a/1.png", "te/a/1.png"], {"tr": "train", "va": "valid", "te": "test"}),
        (["a/1.png", "b/1.png"], {".": None}),
        (["TB/1.png", "TR/1.png"], {".": None}),
        # Folders around the data, alone or by name
        (["Data/train/a/1.png"], {"Data/train": "train"}),
        (["x/x/train/a/1.png", "x/x/test/a/1.png"], {"x/x/train": "train", "x/x/test": "test"}),
        (["x/a/1.png", "x/b/1.png"], {"x": None}),
        (["x/README.md", "x/images/a/1.png", "x/images/b/1.png"], {"x/images": None}),
        (["dataset/a/1.png", "dataset/b/1.png", "docs/a.txt", "code/b.py"], {"dataset": None}),
        # Folders around the classes of a split
        (["train/images/a/1.png", "test/images/a/1.png"], {"train/images": "train", "test/images": "test"}),
        (["train/train/a/1.png", "test/test/a/1.png"], {"train/train": "train", "test/test": "test"}),
        (["train/images/a/1.png", "train/labels/a.txt", "test/b/1.png"], {"train/images": "train", "test": "test"}),
        # A class that is alone in a split, and its patients
        (["train/a/1.png", "train/b/1.png", "test/a/p1/1.png"], {"train": "train", "test": "test"}),
    ],
)
def test_what_folders_are_read_as(tmp_path, names, expected):
    assert splits(make(tmp_path, *names)) == expected


@pytest.mark.parametrize(
    ("names", "alone", "among"),
    [
        (["malignant/p1/1.png", "malignant/p2/1.png"], ".", "malignant"),
        (["malignant/1.png"], ".", "."),
        (["normal/p1/1.png", "normal/p2/1.png"], ".", "."),
        (["x/normal/1.png", "x/malignant/1.png"], "x", "x"),
        (["images/p/1.png", "images/q/1.png"], "images", "images"),
    ],
)
def test_a_lone_folder_is_a_class_where_one_is_enough(tmp_path, names, alone, among):
    make(tmp_path, *names)
    assert splits(tmp_path, one_class=True) == {alone: None}
    assert splits(tmp_path) == {among: None}


def test_what_lies_beside_is_said(tmp_path):
    make(tmp_path, "out/Data/train/a/1.png", "out/Data/old/a/1.png", "out/docs/a.txt", "out/cover.png")
    make(tmp_path, "out/Data/valid/a/1.png", "out/Data/test/a/1.png")
    _, _, notes = find_folders(tmp_path)
    assert notes == [
        "What lies beside out/Data was not read: docs, cover.png.",
        "Folders beside the splits were not read: old.",
    ]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["a/1.png", "b/1.png", "test/1.png"],
            "holds folders named like splits, test, .*folders with pictures, a, b",
        ),
        (["a/1.png", "b/1.png", "Training/a/1.png"], "folders named like splits, Training"),
        (["a/p1/1.png", "train/a/1.png", "test/a/1.png"], "folders named like splits, test, train, .*with pictures, a"),
        (
            ["a/1.png", "b/1.png", "data/a/1.png"],
            r"data could be the data set, or a class beside a, b.*If it is the data set, give .*/data",
        ),
        (["a/IM001", "b/IM001", "Dataset/train/a/IM001"], "Dataset could be the data set"),
        (["images/a/1.png", "masks/a/1.png"], "images could be the data set, or a class beside masks"),
    ],
)
def test_a_mixture_is_refused_with_what_to_do(tmp_path, names, message):
    with pytest.raises(HilumError, match=message) as caught:
        find_folders(make(tmp_path, *names))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/train/1.png", "b/train/1.png"], "a would be a class, but holds folders named like splits: train"),
        (["a/tr/1.png", "a/te/1.png", "b/tr/1.png"], "a would be a class, but holds folders named like splits: te, tr"),
        (["a_train/1.png", "a_test/1.png", "b/1.png"], "would be classes, but .* of splits: a_test, a_train. Put"),
        (["fold1/train/a/1.png", "fold1/val/a/1.png"], "fold1 would be a class.*train, val.*Give .*fold1 if"),
        (["mydata/Training/a/1.png", "b/1.png"], "mydata would be a class.*Training"),
        (["siteA/normal/1.png", "siteB/normal/1.png"], "siteA, siteB would be classes, but each holds normal"),
        (["p/Large Cell Carcinoma/1.png", "q/large.cell.carcinoma/1.png"], "each holds large_cell_carcinoma"),
    ],
)  # fmt: skip
def test_splits_or_known_classes_inside_classes_are_refused(tmp_path, names, message):
    with pytest.raises(HilumError, match=message):
        check_classes(make(tmp_path, *names), tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        ["a/p1/1.png", "b/p1/1.png"],
        ["a/left/1.png", "a/right/1.png", "b/left/1.png"],
        ["cancer/adenocarcinoma/1.png", "normal/1.png"],
        ["a/test/readme/.hidden", "a/1.png"],
    ],
)
def test_patients_and_series_inside_classes_are_not(tmp_path, names):
    check_classes(make(tmp_path, *names), tmp_path)


def test_folders_without_a_file_do_not_count(tmp_path):
    make(tmp_path, "a/deep/1.png", "b/.hidden", "@eaDir/1.png")
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    assert [path.name for path in filled_folders(tmp_path)] == ["a"]
