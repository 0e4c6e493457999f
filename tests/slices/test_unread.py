from hilum.slices.layout import Skipped, SliceFile
from hilum.slices.unread import left_out_lines, reasons, unread_classes

TIFF = "not a PNG, JPEG or DICOM file"


def test_a_few_files_are_named_and_many_are_counted():
    many = [Skipped(f"a/{number}.tif", TIFF) for number in range(12)]
    few = [Skipped("b/1.png", "truncated or damaged (one)"), Skipped("b/2.png", "truncated or damaged (two)")]
    lines = list(left_out_lines([*many, *few]))
    assert lines[:10] == [f"Left out: a/{number}.tif: {TIFF}." for number in range(10)]
    assert lines[10:] == [
        "Left out: b/1.png: truncated or damaged (one).",
        "Left out: b/2.png: truncated or damaged (two).",
        f"Left out: 2 more, 12 in all: {TIFF}.",
    ]


def test_reasons_are_counted_by_ending():
    skipped = [
        Skipped("a/1.tif", TIFF), Skipped("a/2.TIF", TIFF), Skipped("a/3.npy", TIFF),
        Skipped("a/x", "the file is empty"),
        Skipped("a/4.png", "truncated or damaged (image file is truncated)"),
    ]  # fmt: skip
    assert reasons(skipped) == (
        f"2 .tif: {TIFF}; 1 .npy: {TIFF}; 1 without ending: the file is empty; 1 .png: truncated or damaged"
    )


def test_classes_of_which_nothing_can_be_read_are_named():
    files = [
        SliceFile(f"{split}/{label}/{n}.tif", label, split)
        for split in ("train", "test")
        for label in "ab"
        for n in "12"
    ]
    unreadable = [
        Skipped(file.path, TIFF)
        for file in files
        if file.path not in ("train/a/1.tif", "train/b/2.tif", "test/b/1.tif")
    ]
    assert list(unread_classes(files, unreadable)) == [
        f"No file of the class a in test can be read (2 .tif: {TIFF}). "
        "Convert them to PNG, JPEG or DICOM, or remove them."
    ]
    unsplit = [SliceFile("a/1.png", "a"), SliceFile("b/1.nii", "b")]
    (line,) = unread_classes(unsplit, [Skipped("b/1.nii", TIFF)])
    assert line.startswith("No file of the class b can be read (1 .nii")
    assert list(unread_classes(unsplit, [])) == []
