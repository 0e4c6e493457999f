import os
import tempfile
from pathlib import Path

import pytest

from hilum.errors import HilumError
from hilum.slices.labels import CLASSES
from hilum.slices.layout import Skipped, SliceFile, folder_layout, table_layout, with_groups

STAGED = {
    "adenocarcinoma": "adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib",
    "large_cell_carcinoma": "large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa",
    "normal": "normal",
    "squamous_cell_carcinoma": "squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa",
}
LINK_OUT = "a symbolic link that leads out of the folder; not followed"


def make(root, *names):
    """Files; a layout never looks inside one."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("no picture")
    return root


def found(layout):
    return {file.path: (file.label, file.split) for file in layout.files}


@pytest.fixture
def root(tmp_path):
    """A small set in Kaggle's layout, with two classes."""
    names = [f"{split}/{label}/{n}.png" for split in ("train", "valid", "test") for label in "ab" for n in (1, 2)]
    return make(tmp_path / "root", *names)


@pytest.mark.parametrize("outer", ["", "Data", "data"])
def test_kaggles_class_folders_are_four_classes(tmp_path, outer):
    inner = tmp_path / outer
    for label, staged in STAGED.items():
        make(inner, f"train/{staged}/1.png", f"valid/{staged}/1.png", f"test/{label.replace('_', '.')}/1.png")
    layout = folder_layout(tmp_path)
    assert layout.root == inner
    assert layout.skipped == layout.notes == ()
    assert sorted((file.split, file.label) for file in layout.files) == sorted(
        (split, label) for split in ("train", "valid", "test") for label in CLASSES
    )
    assert found(layout)["train/adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib/1.png"] == ("adenocarcinoma", "train")


@pytest.mark.parametrize("valid", ["valid", "val", "validation", "Valid"])
def test_the_valid_folder_may_have_another_name(tmp_path, valid):
    layout = folder_layout(make(tmp_path, "TRAIN/a/1.png", f"{valid}/a/2.png", "Test/a/3.png"))
    assert found(layout) == {
        "TRAIN/a/1.png": ("a", "train"), f"{valid}/a/2.png": ("a", "valid"), "Test/a/3.png": ("a", "test")
    }  # fmt: skip


def test_a_folder_a_class_has_no_split_and_keeps_its_names(tmp_path):
    layout = folder_layout(make(tmp_path, "Bengin cases/1.jpg", "Malignant cases/sub/deeper/2.jpg", "notes.txt"))
    assert found(layout) == {
        "Bengin cases/1.jpg": ("Bengin cases", None),
        "Malignant cases/sub/deeper/2.jpg": ("Malignant cases", None),
    }
    assert layout.skipped == ()


def test_hidden_files_are_no_slices(tmp_path):
    make(tmp_path, "a/1.png", "a/.DS_Store", "a/._1.png", "a/Thumbs.db", "a/desktop.ini", "a/.git/x.png")
    make(tmp_path, "b/2.png", ".cache/3.png", "__MACOSX/a/1.png", "b/__MACOSX/1.png")
    layout = folder_layout(tmp_path)
    assert set(found(layout)) == {"a/1.png", "b/2.png"}
    assert layout.skipped == ()


def test_a_file_that_may_be_no_picture_is_left_to_the_reader(tmp_path):
    assert set(found(folder_layout(make(tmp_path, "a/1.png", "a/notes.txt", "b/noending")))) == {
        "a/1.png", "a/notes.txt", "b/noending"
    }  # fmt: skip


def test_folders_beside_the_splits_are_named(root):
    layout = folder_layout(make(root, "extra/a/1.png", "holdout/b/1.png"))
    assert layout.notes == ("Folders beside the splits were not read: extra, holdout.",)
    assert len(layout.files) == 12


def test_pictures_outside_the_class_folders_are_named(root):
    layout = folder_layout(make(root, "train/loose.PNG", "test/x.jpeg", "train/README.txt"))
    assert set(layout.skipped) == {
        Skipped("train/loose.PNG", "a picture outside every class folder"),
        Skipped("test/x.jpeg", "a picture outside every class folder"),
    }
    assert len(layout.files) == 12


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["1.png", "2.png"], "No class folder with files.*--table"),
        (["a/.hidden"], "No class folder with files"),
    ],
)
def test_a_folder_without_a_layout_is_told(tmp_path, names, message):
    with pytest.raises(HilumError, match=message):
        folder_layout(make(tmp_path, *names))


def test_a_path_that_is_no_folder_is_told(tmp_path):
    with pytest.raises(HilumError, match="does not exist"):
        folder_layout(tmp_path / "missing")
    with pytest.raises(HilumError, match="is a file, not a folder"):
        folder_layout(make(tmp_path, "file") / "file")


# What of the set below `root` is a link, where it leads, and what is said; the rest of the set is still found.
@pytest.mark.parametrize(
    ("link", "target", "reason"),
    [
        ("train/a/1.png", "../../../outside/a/1.png", LINK_OUT),
        ("train/a/1.png", "../../../outside/missing.png", LINK_OUT),
        ("train/a", "../../outside/a", LINK_OUT),
        ("train", "../outside", LINK_OUT),
        ("train/a/folder", "../../../outside/a", "a symbolic link to a folder; not followed"),
        ("train/a/folder", "../../test", "a symbolic link to a folder; not followed"),
        ("train/a/folder", ".", "a symbolic link to a folder; not followed"),
    ],
)
def test_a_link_that_leads_out_is_named_and_not_followed(root, link, target, reason):
    make(root.parent / "outside", "a/1.png", "b/1.png")
    below = [name for name in found(folder_layout(root)) if (name + "/").startswith(link + "/")]
    for name in below:
        (root / name).unlink()
    for folder in sorted((root / link).rglob("*"), reverse=True):
        folder.rmdir()
    if (root / link).is_dir():
        (root / link).rmdir()
    (root / link).symlink_to(target)
    layout = folder_layout(root)
    assert layout.skipped == (Skipped(link, reason),)
    assert len(layout.files) == 12 - len(below)
    assert not any(file.path.startswith(link + "/") for file in layout.files)


@pytest.mark.parametrize("target", ["../b/1.png", "new.png", "missing.png"], ids=["inside", "itself", "nowhere"])
def test_a_link_that_stays_inside_is_a_file(root, target):
    (root / "train" / "a" / "new.png").symlink_to(target)
    layout = folder_layout(root)
    assert found(layout)["train/a/new.png"] == ("a", "train")
    assert layout.skipped == ()


def test_the_root_itself_may_be_a_link(root):
    link = root.parent / "link"
    link.symlink_to(root)
    layout = folder_layout(link)
    assert (len(layout.files), layout.skipped) == (12, ())


def test_a_folder_that_cannot_be_listed_is_told():
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:  # not tmp_path, which another user cannot enter
        root = make(Path(name), "a/1.png", "b/inner/2.png")
        root.chmod(0o755)
        (root / "b" / "inner").chmod(0)
        try:
            if user == 0:  # root may list everything
                os.seteuid(65534)
            with pytest.raises(HilumError, match=r"b/inner cannot be read \(Permission denied\)"):
                folder_layout(root)
        finally:
            os.seteuid(user)
            (root / "b" / "inner").chmod(0o755)


@pytest.mark.parametrize(
    ("names", "reading"),
    [
        (["b/1.png", "a/1.png", "a/2.png"],
         "Read as 2 classes without splits, with these numbers of files: a (2), b (1)."),
        (["a/1.png"], "Read as 1 class without splits, with these numbers of files: a (1)."),
        (["Training/a/1.png", "Training/b/1.png", "Testing/a/1.png"],
         "Read as 2 splits, train (Training, 2 files), test (Testing, 1 file), of 2 classes: a, b."),
        (["train/a/1.png", "train2/a/1.png"], "Read as 1 split, train (train2, 2 files), of 1 class: a."),
        (["x/Data/test/images/a/1.png"], "Read inside x/Data as 1 split, test (test/images, 1 file), of 1 class: a."),
        ([f"{number:02}/1.png" for number in range(30)], None),
    ],
)  # fmt: skip
def test_what_a_folder_was_read_as_is_one_sentence(tmp_path, names, reading):
    said = folder_layout(make(tmp_path, *names)).reading
    if reading is None:
        assert said.endswith("10 (1), 11 (1) and 18 more.")
    else:
        assert said == reading


@pytest.mark.parametrize(
    ("names", "notes"),
    [
        (["train/a/1.png", "test/1.png", "test/2.png"],
         ["test holds no class folder, so its 2 pictures have no label. Sort them into one folder per class, or give "
          "labels in --table FILE.csv."]),
        (["a/1.png", "b/.hidden", "c/deep/Thumbs.db"],
         ["Folders without a file to read were left out: b, c.",
          "Hidden files and those of other programs or of hilum were left out, 2 in all: .hidden (1), Thumbs.db (1)."]),
        (["train/a/1.png", "train/b/2.png", "test/a/1.png", "test/b/@eaDir/1.png", "valid/.x"],
         ["Folders without a file to read were left out: test/b, valid.",
          "Hidden files and those of other programs or of hilum were left out, 2 in all: .x (1), @eaDir (1)."]),
        (["siteA/x/1.png", "siteB/y/1.png"],
         ["Folders inside class folders were read as part of their class: siteA/x, siteB/y. If they are the classes, "
          "give the folder that holds them, or --table FILE.csv."]),
        (["a_T1_N0_M0/1.png", "a_T2_N0_M0/1.png"], ["2 labels are read as the one class a: a_T1_N0_M0, a_T2_N0_M0."]),
        (["Benign/1.png", "benign/1.png", "NA/1.png"],
         ["A missing value may have been taken for a class: 'NA'. If it is one, leave out the slices that have it.",
          "Written differently, these are read as different classes: 'Benign' and 'benign'. If they are the same, "
          "write them alike."]),
    ],
)  # fmt: skip
def test_what_may_not_be_as_it_was_meant_is_noted(tmp_path, names, notes):
    assert list(folder_layout(make(tmp_path, *names)).notes) == notes


def test_folders_of_other_programs_are_neither_classes_nor_slices(tmp_path):
    make(tmp_path, "a/1.png", "b/2.png", "a/@eaDir/1.png/THUMB.jpg", "$RECYCLE.BIN/S-1/1.png", "lost+found/x.png")
    make(tmp_path, "b/thumbnails/2.png", "System Volume Information/x.png", "b/.ipynb_checkpoints/2.png")
    layout = folder_layout(tmp_path)
    assert set(found(layout)) == {"a/1.png", "b/2.png"}
    assert "left out, 6 in all" in layout.notes[-1]


def test_a_class_of_links_that_lead_out_only_is_said(root):
    make(root.parent / "outside", "1.png")
    (root / "train" / "c").mkdir()
    (root / "train" / "c" / "1.png").symlink_to("../../../outside/1.png")
    layout = folder_layout(root)
    assert layout.skipped == (Skipped("train/c/1.png", LINK_OUT),)
    assert layout.notes == ("Folders without a file to read were left out: train/c.",)


def test_pictures_beside_the_splits_are_named(root):
    assert folder_layout(make(root, "loose.png")).skipped == (
        Skipped("loose.png", "a picture outside every class folder"),
    )


def test_where_pictures_lie_that_have_no_class_is_told(tmp_path):
    with pytest.raises(HilumError, match=r" 3 pictures lie outside every class folder, in Testing, Training\."):
        folder_layout(make(tmp_path, "Training/1.png", "Training/2.png", "Testing/1.png"))


@pytest.mark.parametrize("target", [".", "..", "../outside"])
@pytest.mark.parametrize("name", ["data", "x", "train"])
def test_a_lone_link_is_no_folder_around_the_data_without_end(tmp_path, name, target):
    make(tmp_path / "outside", "a.txt")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / name).symlink_to(target)
    with pytest.raises(HilumError, match=r"No class folder with files was found in .*root"):
        folder_layout(tmp_path / "root")


def table(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_table_gives_labels_splits_and_groups(tmp_path):
    text = (
        "\ufeffgroup,path,split,label,remark\r\n"
        'p1,"scans/a, first.png",train,large.cell.carcinoma,x\r\n'
        ",./scans//b.png,val,Benign ,\r\n"
    )
    layout = table_layout(table(tmp_path, text), None)
    assert layout.root == tmp_path
    assert layout.files == (
        SliceFile("scans/a, first.png", "large_cell_carcinoma", "train", "p1"),
        SliceFile("scans/b.png", "Benign", "valid", None),
    )


def test_a_tables_paths_are_relative_to_the_folder_given(tmp_path):
    layout = table_layout(table(tmp_path, "path,label\n1.png,a\n2.png,b\n"), tmp_path / "slices")
    assert layout.root == tmp_path / "slices"
    assert found(layout) == {"1.png": ("a", None), "2.png": ("b", None)}


@pytest.mark.parametrize("path", ["../outside.png", "/etc/hostname", "link.png"])
def test_a_tables_paths_stay_inside(tmp_path, path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "link.png").symlink_to("../outside.png")
    layout = table_layout(table(tmp_path / "inner", f"path,label\n1.png,a\n{path},b\n"), None)
    assert set(found(layout)) == {"1.png"}
    assert layout.skipped == (Skipped(path, "leads out of the folder; not followed"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column label and path"),
        ("file;class\n1.png;a\n", "lacks the column label and path. .*'file', 'class', separated by semicolons"),
        ("path,split\n1.png,train\n", "lacks the column label"),
        ("path,label\n", "has no rows"),
        ("path,label\n1.png,a\n ,b\n", "row 3: path and label must not be empty"),
        ("path,label\n1.png\n", "row 2: path and label must not be empty"),
        ("path,label,split\n1.png,a,train\n2.png,a,holdout\n", "row 3: 'holdout' is not a split. Use one of train, v"),
        ("path,label,split\n1.png,a,\n", "row 2: '' is not a split"),
        ("path,label,split\n1.png,a\n", "row 2: '' is not a split"),
        ("path,label\n1.png,a\n./1.png,b\n", "names 1.png more than once"),
        ("path,label\n1\0.png,a\n", "row 2: .*zero byte"),
        ("path,label\nä.png,a\n".encode("latin-1"), r"cannot be read \(it is not in UTF-8\)"),
        ("path,label\n1.png,a\n".encode("utf-16"), r"cannot be read \(it is not in UTF-8\)"),
        ('path,label\n"' + "x" * 200_000 + '",a\n', "cannot be read .*CSV"),
    ],
)  # fmt: skip
def test_a_bad_table_is_told(tmp_path, text, message):
    with pytest.raises(HilumError, match=message):
        table_layout(table(tmp_path, text), None)


def test_a_missing_table_is_told(tmp_path):
    with pytest.raises(HilumError, match=r"table.csv cannot be read .*No such file"):
        table_layout(tmp_path / "table.csv", None)


def test_an_absolute_path_below_the_folder_is_the_relative_one(tmp_path):
    layout = table_layout(table(tmp_path, f"path,label\n{tmp_path}/a/1.png,a\na/2.png,b\n"), None)
    assert set(found(layout)) == {"a/1.png", "a/2.png"}
    grouped = with_groups(layout, table(tmp_path, f"path,group\n{tmp_path}/a/2.png,p\n", "groups.csv"))
    assert [file.group for file in grouped.files] == [None, "p"]
    with pytest.raises(HilumError, match=r"names a/1\.png more than once"):
        table_layout(table(tmp_path, f"path,label\n{tmp_path}/a/1.png,a\na/1.png,b\n"), None)


def test_columns_that_are_not_read_are_named(tmp_path):
    layout = table_layout(table(tmp_path, ",path,label,Set,patient_id\n0,1.png,a,train,7\n"), None)
    assert layout.notes == (
        "Columns of table.csv that were not read: patient_id, set. Only group, label, path, split are read.",
    )


def test_columns_that_a_new_split_writes_are_known(tmp_path):
    layout = table_layout(table(tmp_path, "path,label,fold,together,group,mark\n1.png,a,0,3,p1,copy of 2.png\n"), None)
    assert layout.notes == ()
    assert [(file.split, file.group) for file in layout.files] == [(None, "p1")]


def test_what_a_table_was_read_as_is_one_sentence(tmp_path):
    text = "path,label,split\n1.png,a,Training\n2.png,b,train\n3.png,a,dev\n"
    assert table_layout(table(tmp_path, text), None).reading == (
        "Read table.csv as 2 splits, train (2 files), valid (1 file), of 2 classes: a, b."
    )


def test_labels_that_may_not_be_as_they_were_meant_are_noted(tmp_path):
    labels = ["Benign", "benign", "nan", "1", "1.0", "x_T1_N0_M0", "x_T2_N0_M0"]
    rows = "".join(f"{number}.png,{label},{'pPqrst-'[number]}\n" for number, label in enumerate(labels))
    layout = table_layout(table(tmp_path, "path,label,group\n" + rows), None)
    assert {file.label for file in layout.files} == {"Benign", "benign", "nan", "1", "1.0", "x"}
    assert [note.partition(". If")[0] for note in layout.notes] == [
        "2 labels are read as the one class x: x_T1_N0_M0, x_T2_N0_M0.",
        "A missing value may have been taken for a class: 'nan'",
        "Written differently, these are read as different classes: '1' and '1.0', 'Benign' and 'benign'",
        "A missing value may have been taken for a group: '-'",
        "Written differently, these are read as different groups: 'P' and 'p'",
    ]


def test_backslashes_are_slashes_where_there_is_a_file_then(tmp_path):
    make(tmp_path, "a/1.png", "a/2.png", "a\\2.png", "b\\3.png")
    text = "path,label\na\\1.png,x\na\\2.png,x\nb\\3.png,y\nc\\4.png,y\n"
    layout = table_layout(table(tmp_path, text), None)
    assert [file.path for file in layout.files] == ["a/1.png", "a\\2.png", "b\\3.png", "c\\4.png"]
    assert layout.notes == ("Backslashes were read as slashes in 1 of 4 paths.",)
    grouped = with_groups(layout, table(tmp_path, "group;Path\np1;a\\1.png\np1;a\\2.png\n", "groups.csv"))
    assert [file.group for file in grouped.files] == ["p1", "p1", None, None]
    assert "Backslashes were read as slashes in 1 of 2 paths." in grouped.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('path,label\n1.png,a\n"2.png\n3.png,b"\n', "row 3: path and label must not be empty"),
        ('path,label\n1.png,a\n2.png,"a\n3.png,b"\n', "row 3: .*not span several lines"),
        ("path,label\n1.png,a\n2.png,a\n./1.png,b\n", r"names 1\.png more than once, in lines 2, 4"),
    ],
)
def test_rows_that_make_no_sense_are_told_by_line(tmp_path, text, message):
    with pytest.raises(HilumError, match=message):
        table_layout(table(tmp_path, text), None)
