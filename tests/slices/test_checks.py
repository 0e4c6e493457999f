import numpy as np
import pytest
from PIL import Image

from hilum.errors import HilumError
from hilum.slices.checks import check_complete, leaks
from hilum.slices.layout import folder_layout
from hilum.slices.table import read_table

NAMES = [f"{split}/{label}/{number}.png" for split in ("train", "valid", "test") for label in "ab" for number in "01"]


@pytest.fixture
def root(tmp_path):
    for number, name in enumerate(NAMES):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), number, np.uint8)).save(tmp_path / "root" / name)
    return tmp_path / "root"


def check(root):
    table = read_table(root, complete=False)
    check_complete(folder_layout(root), table.rows, table.classes, table.skipped)


def spoil(root, pattern, ending=".png"):
    for path in root.glob(pattern):
        path.write_bytes(b"no picture")
        path.rename(path.with_suffix(ending))


def test_a_whole_set_passes(root):
    check(root)


@pytest.mark.parametrize(
    ("pattern", "ending", "message"),
    [
        ("test/*/*", ".tif", r"split test .*no readable file \(4 \.tif: not a PNG, JPEG or DICOM file\)"),
        ("*/b/*", ".npy", r"class b .*no readable file \(6 \.npy: not a PNG, JPEG or DICOM file\)"),
        ("valid/*/*", "", r"split valid .*no readable file \(4 without ending: not a PNG"),
        ("train/b/*", ".nii", "class b is in valid but not in train"),
    ],
)
def test_what_cannot_be_read_is_told_with_reasons_and_counts(root, pattern, ending, message):
    spoil(root, pattern, ending)
    with pytest.raises(HilumError, match=message):
        check(root)


def test_a_split_without_class_folders_is_told_with_the_count(root):
    for number, path in enumerate(sorted((root / "test").rglob("*.png"))):
        path.rename(root / "test" / f"{number}.png")
    with pytest.raises(
        HilumError, match=r"split test .*no readable file \(4 \.png: a picture outside every class folder"
    ):
        check(root)


def test_what_test_shares_is_counted_by_class(root):
    assert list(leaks(read_table(root).rows)) == []
    (root / "test/b/copy.png").write_bytes((root / "train/a/0.png").read_bytes())
    (sentence,) = leaks(read_table(root).rows)
    assert sentence.startswith("1 of 5 test slices (1 b) share their picture with train or valid")
