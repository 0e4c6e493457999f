import os

import pytest

from hilum.audit.folder import AUDIT
from hilum.comparison.run_folder import RUN
from hilum.evaluation.run_folder import EVALUATION
from hilum.model.artefact import MODEL
from hilum.slices.walking import is_output, left_out, like_slice, pictures, subfolders, visible, walk

OTHERS = [
    ".DS_Store", "._1.png", ".git", ".ipynb_checkpoints", "__MACOSX", "__pycache__", "Icon\r", "Thumbs.db", "THUMBS.DB",
    "Thumbs.db:encryptable", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER",
    "System Volume Information", "found.000", "lost+found", "@eaDir", "#recycle", "@Recycle", "#snapshot", "@tmp",
    "thumbnails", "Thumbs", "_thumbs", "Picasa.ini", "thumb", "1_thumb.png", "thumb1.JPG", "SYNOPHOTO_THUMB_XL.jpg",
    "~snapshot", "1.png~", "~$1.csv", "node_modules",
]  # fmt: skip


def make(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize("name", OTHERS)
def test_other_programs_files_and_folders_are_not_looked_at(name):
    assert not visible(name)


@pytest.mark.parametrize(
    "name",
    ["1.png", "a", "@patient", "#1", "$x", "lost", "found", "found.0001", "thumb nodule", "recycled air", "data.db"]
    + ["thumbprint.png", "thumb nodule.csv", "a~b.png"],
)
def test_others_are(name):
    assert visible(name)


def test_they_are_passed_over_and_counted(tmp_path):
    make(tmp_path, "a/1.png", "a/@eaDir/1.png/small.jpg", "a/@eaDir/2.png/small.jpg", "b/2.png", "b/Thumbs.db")
    make(tmp_path, "Thumbs.db", "lost+found/deep/x.png", "b/deep/.hidden")
    (tmp_path / "@tmp").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in walk(tmp_path)] == ["a/1.png", "b/2.png"]
    assert [path.name for path in subfolders(tmp_path)] == ["a", "b"]
    assert left_out(tmp_path) == {"@eaDir": 2, "Thumbs.db": 2, "lost+found": 1, ".hidden": 1}


def test_a_hidden_link_is_counted_and_not_entered(tmp_path):
    make(tmp_path / "outside", *(f"{number}.png" for number in range(5)))
    make(tmp_path / "set", "1.png")
    (tmp_path / "set" / ".link").symlink_to(tmp_path / "outside")
    assert left_out(tmp_path / "set") == {".link": 1}


def test_pictures_are_told_by_name_here(tmp_path):
    make(tmp_path, "1.PNG", "2.jpeg", "3.dcm", "IM0001", "1.2.840.77", "notes.txt", "x.tif", "folder.png/1.png")
    assert [path.name for path in pictures(tmp_path)] == ["1.PNG", "2.jpeg", "3.dcm"]
    assert {path.name for path in walk(tmp_path) if like_slice(path)} == {
        "1.PNG", "2.jpeg", "3.dcm", "IM0001", "1.2.840.77", "1.png"
    }  # fmt: skip


def test_dicom_files_without_an_ending_are_told_by_content(tmp_path):
    make(tmp_path, "README", "1.2.840.77")
    for name in ("IM0001", "1.2.840.78"):
        (tmp_path / name).write_bytes(b"\0" * 128 + b"DICM")
    assert [path.name for path in pictures(tmp_path)] == ["1.2.840.78", "IM0001"]


def test_a_name_that_is_no_unicode_is_walked_too(tmp_path):
    make(tmp_path, os.fsdecode(b"\xff/\xfe.png"))
    assert [os.fsencode(path.name) for path in walk(tmp_path)] == [b"\xfe.png"]


@pytest.mark.parametrize(
    ("record", "text", "known"),
    [
        ("metrics.json", '{\n  "schema": "hilum.run/1"}', True),
        ("audit.json", '{"schema": "hilum.audit/1"}', True),
        ("job.json", '{\n "schema": "hilum.job/1"}', True),
        ("model.json", '{\n "schema": "hilum.model/1"}', True),
        ("metrics.json", '{"schema": "else/1"}', False),
        ("metrics.json", "", False),
        ("notes.json", '{"schema": "hilum.run/1"}', False),
    ],
)
def test_what_hilum_wrote_is_passed_over_and_counted(tmp_path, record, text, known):
    make(tmp_path, "a/1.png", "runs/first/figures/curves.png")
    (tmp_path / "runs" / "first" / record).write_text(text)
    assert is_output(tmp_path / "runs" / "first") == known
    assert [path.name for path in walk(tmp_path)] == ["1.png", *([] if known else [record, "curves.png"])]
    assert left_out(tmp_path) == ({"first": 2} if known else {})


@pytest.mark.parametrize("kind", [RUN, AUDIT, MODEL, EVALUATION], ids=lambda kind: kind.noun)
def test_every_kind_of_folder_that_hilum_writes_is_known(tmp_path, kind):
    (tmp_path / kind.record).write_text(f'{{"schema": "{kind.schema}"}}')
    assert is_output(tmp_path)
