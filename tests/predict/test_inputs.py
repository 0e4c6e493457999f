"""The files that a user names."""

import inspect
import io
import os
import sys
import tracemalloc

import pytest

from hilum.errors import HilumError
from hilum.predict.inputs import Input, check_named, input_files


def found(*arguments, stdin=b""):
    return list(input_files(map(str, arguments), io.BytesIO(stdin)))


def paths(*arguments, stdin=b""):
    inputs = found(*arguments, stdin=stdin)
    assert [source.reason for source in inputs] == [None] * len(inputs)
    return [source.path for source in inputs]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Files to find; their content is nothing to this module."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "set/b/2.png", "set/b/10.png", "set/b/deep/3.png", "set/a/1.png", "set/a/1.txt", "set/z.dcm", "other/9.png",
        "set/.hidden/1.png", "set/.DS_Store", "set/__MACOSX/1.png", "set/a/Thumbs.db",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


ALL = ["set/z.dcm", "set/a/1.png", "set/a/1.txt", "set/b/10.png", "set/b/2.png", "set/b/deep/3.png"]


def test_a_folder_is_walked_in_the_order_of_names_without_what_is_hidden(tree):
    assert paths("set") == ALL
    assert paths("set/") == ALL
    assert paths(tree / "set" / "b") == [str(tree / "set/b" / name) for name in ("10.png", "2.png", "deep/3.png")]
    assert paths(".") == ["./other/9.png", *(f"./{path}" for path in ALL)]


def test_files_come_in_the_order_of_the_arguments(tree):
    assert paths("set/z.dcm", "other", "set/a/1.png") == ["set/z.dcm", "other/9.png", "set/a/1.png"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("set/*/*.png", ["set/a/1.png", "set/b/10.png", "set/b/2.png"]),
        ("set/b/?.png", ["set/b/2.png"]),
        ("set/[a]/*", ["set/a/1.png", "set/a/1.txt"]),
        ("**/*.png", ["other/9.png", "set/a/1.png", "set/b/10.png", "set/b/2.png", "set/b/deep/3.png"]),
        ("set/**/3.png", ["set/b/deep/3.png"]),
        ("set/**/b/**/*.png", ["set/b/10.png", "set/b/2.png", "set/b/deep/3.png"]),
        ("s*/b", ["set/b/10.png", "set/b/2.png", "set/b/deep/3.png"]),  # a folder that matches is walked
        ("set/**", ALL),
        ("*/deep/../*", None),
        ("nowhere/*.png", None),
        ("set/*.jpg", None),
    ],
)
def test_patterns(tree, pattern, expected):
    if expected is None:
        assert found(pattern) == [Input(pattern, "no file matches this pattern")]
    else:
        assert paths(pattern) == expected
        assert paths(tree / pattern) == [str(tree / path) for path in expected]


def test_a_file_whose_name_looks_like_a_pattern_is_taken_as_it_is(tree):
    (tree / "set/a[1].png").write_bytes(b"x")
    assert paths("set/a[1].png") == ["set/a[1].png"]


def test_a_list_names_files_and_folders_relative_to_the_working_folder(tree):
    (tree / "lists").mkdir()
    text = "\ufeffset/a/1.png\r\n\nother\nset/no.png\nset/*.png"
    for name in ("all.txt", "all.LST"):
        (tree / "lists" / name).write_text(text, encoding="utf-8", newline="")
        assert found(f"lists/{name}") == [
            Input("set/a/1.png"),
            Input("other/9.png"),
            Input("set/no.png", "there is no such file"),
            Input("set/*.png", "there is no such file"),  # patterns are for the command line
        ]


def test_standard_input_is_a_list_and_is_read_as_it_comes(tree):
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as stdin, os.fdopen(write, "wb", buffering=0) as other_end:
        inputs = input_files(["-"], stdin)
        other_end.write(b"set/a/1.png\n")
        assert next(inputs).path == "set/a/1.png"  # before the end of the list is there
        other_end.write(b"set/z.dcm\n")
        assert next(inputs).path == "set/z.dcm"


@pytest.mark.parametrize("content", [b"a.png\0b.png\0", "a.png\n".encode("utf-16"), b"x" * 20_000, b"a" * 16_384])
def test_what_is_no_list_of_paths_is_said_to_be_none(tree, content):
    (tree / "list.txt").write_bytes(content)
    assert found("list.txt") == [
        Input("list.txt", "not a list of paths: it should be text in UTF-8 with one path per line")
    ]
    assert found("-", stdin=content)[0].path == "-"


def test_nothing_named_is_said_and_not_passed_over(tree):
    (tree / "empty").mkdir()
    (tree / "empty.txt").write_bytes(b"\n\r\n")
    assert found(
        "empty", "empty.txt", "no.txt", "-", "no.png", "no/such/folder", "a\0b", "a\0*", "\0.txt", "n" * 5000
    ) == [
        Input("empty", "the folder holds no file"),
        Input("empty.txt", "the list names no file"),
        Input("no.txt", "the list cannot be opened (No such file or directory)"),
        Input("-", "the list names no file"),
        *(Input(path, "there is no such file") for path in ("no.png", "no/such/folder")),
        Input("a\0b", "it cannot be looked at (bad name)"),
        Input("a\0*", "no file matches this pattern"),
        Input("\0.txt", "the list cannot be opened (bad name)"),
        Input("n" * 5000, "it cannot be looked at (File name too long)"),
    ]


def test_what_is_neither_file_nor_folder_is_not_opened(tree):
    os.mkfifo(tree / "set/b/pipe")
    (tree / "set/b/gone.png").symlink_to("nowhere.png")
    (tree / "set/b/self.png").symlink_to("self.png")
    inputs = {source.path: source.reason for source in found("set/b")}
    assert inputs == {
        "set/b/10.png": None, "set/b/2.png": None, "set/b/deep/3.png": None,
        "set/b/pipe": "neither a file nor a folder",
        "set/b/gone.png": "a symbolic link that leads nowhere",
        "set/b/self.png": "a symbolic link that leads nowhere",
    }  # fmt: skip


def test_links_that_lead_out_or_round_in_circles_are_not_followed(tree):
    (tree / "set/a/up").symlink_to("..")
    (tree / "set/a/out.png").symlink_to(tree / "other/9.png")
    (tree / "set/a/in.png").symlink_to(tree / "set/z.dcm")
    folder, out = (
        "a symbolic link to a folder; not followed",
        "a symbolic link that leads out of the folder; not followed",
    )
    expected = [
        Input("set/a/1.png"), Input("set/a/1.txt"), Input("set/a/in.png"),
        Input("set/a/out.png", out), Input("set/a/up", folder),
    ]  # fmt: skip
    assert [source for source in found("set") if source.path.startswith("set/a")] == expected
    assert Input("set/a/up", folder) in found("**/*.png")
    assert len(found("**/*.png")) == 8
    (tree / "linked").symlink_to("set")
    assert len(paths("linked/b")) == 3  # what the user names is followed
    assert paths("set/a/out.png") == ["set/a/out.png"]


def test_names_that_are_no_plain_text(tree):
    names = ["é ü.png", "two\nlines.png", "<script>alert(1)</script>.png".replace("/", "_"), "-rf.png", "=1+1.png"]
    for name in names:
        (tree / "other" / name).write_bytes(b"x")
    raw = os.fsdecode(b"other/\xff.png")
    (tree / raw).write_bytes(b"x")
    inputs = found("other")
    assert {source.path for source in inputs} == {"other/9.png", raw, *(f"other/{name}" for name in names)}
    by_path = {source.path: source.name for source in inputs}
    assert by_path[raw] == r"other/\xff.png"
    assert by_path["other/two\nlines.png"] == "other/two\nlines.png"
    for source in inputs:
        source.name.encode("utf-8")
    assert paths("-", stdin=b"other/\xff.png\n") == [raw]
    assert [Input(path).name for path in ("=1.png", "-a", "-", "a=1.png")] == ["./=1.png", "./-a", "-", "a=1.png"]


def test_memory_does_not_grow_with_the_number_of_files(tree):
    def lines(count):
        return io.BytesIO(b"set/a/1.png\n" * count)

    def peak(count):
        tracemalloc.start()
        try:
            assert sum(1 for _ in input_files(["-"], stdin)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    stdin = lines(500)
    peak(500)  # what is set up once
    stdin = lines(500)
    few = peak(500)
    stdin = lines(20_000)
    assert peak(20_000) < few + 20_000


def test_a_deep_folder_does_not_end_in_a_recursion(tree):
    deep = tree / "/".join(["deep"] * 200)
    deep.mkdir(parents=True)
    (deep / "x.png").write_bytes(b"x")
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        found_below = list(input_files(["deep"], io.BytesIO()))
    finally:
        sys.setrecursionlimit(usual)
    assert found_below == [Input("deep/" * 200 + "x.png")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["set/z.dcm"], ["nowhere.png", "set/z.dcm"], ["nowhere/*.png", "set/*/*.png"], ["nowhere.txt", "paths.txt"],
        ["empty"], ["leads-nowhere"], ["-"], ["pipe"],
    ],
)  # fmt: skip
def test_something_of_what_was_named_exists(arguments, tree):
    (tree / "empty").mkdir()
    (tree / "leads-nowhere").symlink_to("gone")
    (tree / "paths.txt").write_text("nowhere.png\nset/z.dcm\n")
    os.mkfifo(tree / "pipe")
    check_named(arguments)


def test_what_can_be_read_only_once_is_left_to_the_prediction(tree):
    os.mkfifo(tree / "paths.txt")
    pipe = os.open(tree / "paths.txt", os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(pipe, b"set/z.dcm\n")
        check_named(["paths.txt"])
        assert os.read(pipe, 100) == b"set/z.dcm\n"
    finally:
        os.close(pipe)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.png"], "nowhere.png: there is no such file. Give files"),
        (["nowhere/*.png", "b.png"], "nowhere/*.png: no file matches this pattern. Nothing else that was named exists"),
        (["nowhere.txt"], "nowhere.txt: the list cannot be opened (No such file or directory). Give files"),
        (["paths.txt"], "nowhere.png: there is no such file. Give files"),
        (["bad\0name"], "bad\x00name: it cannot be looked at (bad name). Give files"),
        ([], "no path was given"),
    ],
)
def test_nothing_of_what_was_named_exists(arguments, said, tree):
    (tree / "paths.txt").write_text("nowhere.png\n")
    with pytest.raises(HilumError) as error:
        check_named(arguments)
    assert str(error.value).startswith(f"There is nothing to predict: {said}")
