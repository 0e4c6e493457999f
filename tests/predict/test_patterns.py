"""Patterns match as the shell's do, folder by folder."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.predict.patterns import Pattern, has_wildcards, split_pattern


def matches(pattern, path):
    one = Pattern(PurePosixPath(pattern).parts)
    places = one.begin
    for name in PurePosixPath(path).parts:
        places = one.after(places, name)
    return one.matched(places)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.png", "a.png", True), ("*.png", "b/a.png", False), ("**/*.png", "a.png", True),
        ("**/*.png", "b/c/a.png", True), ("b/**/c/*", "b/c/a", True), ("b/**/c/*", "b/x/y/c/a", True),
        ("b/**/c/*", "x/c/a", False), ("[ab]?.dcm", "b1.dcm", True), ("[ab]?.dcm", "c1.dcm", False),
        ("b*", "b1/a.png", True), ("", "b/a.png", True), ("**", "b/a.png", True),
    ],
)  # fmt: skip
def test_what_matches(pattern, path, expected):
    assert matches(pattern, path) == expected


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), st.data())
def test_any_folders_may_stand_for_two_stars(names, data):
    first, last = sorted(data.draw(st.lists(st.integers(0, len(names)), min_size=2, max_size=2)))
    assert matches("/".join([*names[:first], "**", *names[last:]]), "/".join(names))


def test_where_wildcards_begin():
    assert split_pattern(("a", "b", "*", "c")) == (("a", "b"), ("*", "c"))
    assert split_pattern(("a", "b")) == (("a", "b"), ())
    assert [has_wildcards(text) for text in ("a", "a*", "a?", "[a]")] == [False, True, True, True]
