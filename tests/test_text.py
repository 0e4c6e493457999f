import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hilum.text import (
    found_below,
    from_cell,
    plain_data,
    plain_name,
    plain_path,
    printable,
    seen_from_here,
    spelt,
    to_cell,
)

ANY = st.text(st.one_of(st.characters(), st.sampled_from("\\u00=+'\x1b\x9bcdef")), max_size=12)
NO_SURROGATES = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\\u00=+'\x1b\x9bcdef\r\n\t")), max_size=12
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (os.fsdecode(b"a\xff\xe9.png"), r"a\xff\xe9.png"),
        ("\ud800", r"\ud800"),
        ("\udfff", r"\udfff"),
        ("é 肺\n\x1b", "é 肺\n\x1b"),
        ("é".encode().decode("ascii", "surrogateescape"), "é"),  # as a system whose names are ASCII gives it
    ],
)
def test_what_utf_8_cannot_hold_is_spelt_out(name, text):
    assert spelt(name) == text


@given(ANY)
def test_any_text_can_be_written(text):
    for made in (spelt, plain_name, plain_path, printable, to_cell):
        made(text).encode()
        assert spelt(made(text)) == made(text)


@given(ANY)
def test_a_class_is_one_line_and_stays_so(name):
    assert len(plain_name(name).splitlines()) <= 1 or "\u2028" in name or "\u2029" in name
    assert plain_name(plain_name(name)) == plain_name(name)
    assert plain_name("a\x1b[31m\n\udcff") == r"a\x1b[31m\n\xff"


@given(NO_SURROGATES)
@example("'=1+1")
@example(r"\u001b")
def test_a_cell_can_be_read_back(text):
    assert from_cell(to_cell(text)) == text


@given(ANY)
def test_a_cell_is_no_formula_and_steers_no_terminal(text):
    cell = to_cell(text)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert not any(letter < " " and letter not in "\t\n" for letter in cell)
    assert not any("\x7f" <= letter <= "\x9f" for letter in cell)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("a=1", "a=1"),
        ("-0.5", "'-0.5"),
        ("it's", "it's"),
        (r"C:\users\me", r"C:\users\me"),
        ("a\x1b[31m", r"a\u001b[31m"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_cells(text, cell):
    assert to_cell(text) == cell


def test_a_path_that_begins_like_a_formula_still_leads_to_its_file(tmp_path):
    for name in ("=1+1.png", "-a.png", "@x.png", "＝1.png", "\tx.png"):
        (tmp_path / name).touch()
        assert plain_path(name) == f"./{name}"
        assert found_below(tmp_path, plain_path(name)).is_file()
    assert plain_path("a=1.png") == "a=1.png"


def test_the_file_behind_a_spelt_path_is_found(tmp_path):
    raw = os.fsdecode(b"d\xe9/\xff.png")
    (tmp_path / raw).parent.mkdir()
    (tmp_path / raw).write_bytes(b"bytes")
    (tmp_path / r"\xff.png").write_bytes(b"text")
    assert found_below(tmp_path, spelt(raw)).read_bytes() == b"bytes"
    assert found_below(tmp_path, raw).read_bytes() == b"bytes"
    assert found_below(tmp_path, r"\xff.png").read_bytes() == b"text"  # the very name comes first
    assert not found_below(tmp_path, r"\xfe.png").exists()
    assert not found_below(tmp_path, "nul\0.png").exists()


def test_all_texts_of_a_record_are_spelt_out():
    record = {"\udcff": ["\ud800", ("a", 1, None)], 1: {"x": 0.5, "y": True}}
    assert plain_data(record) == {r"\xff": [r"\ud800", ["a", 1, None]], 1: {"x": 0.5, "y": True}}


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31m\u202e", r"\x1b[31m\u202e"), (os.fsdecode(b"\xe9"), r"\xe9"), ("é 肺", "é 肺"), ("a\nb", r"a\nb")],
)
def test_nothing_steers_a_terminal(text, shown):
    assert printable(text) == shown


def test_a_path_in_the_working_folder_is_relative_to_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert seen_from_here(tmp_path / "runs" / "a") == os.path.join("runs", "a")  # noqa: PTH118
    for path in ("./a.png", "../a.png", str(tmp_path.parent / "b.png"), "-"):
        assert seen_from_here(path) == path
