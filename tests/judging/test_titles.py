"""Titles: what was reported, and the likeness of what is left."""

from dataclasses import replace

import pytest
from helpers.protocol_slices import make_slices

from hilum.judging.titles import MEANINGS, title_of
from hilum.scoring.protocols import PROTOCOLS


@pytest.mark.parametrize(
    ("change", "bracket"), [({}, "0.87"), ({"ids": True}, "ids, 0.87"), ({"ids": True, "likeness": None}, "ids")]
)
def test_protocols_have_titles(change, bracket):
    titles = [title_of(name, replace(make_slices(0), **change)) for name in PROTOCOLS]
    last = f"strict ({bracket})"
    assert titles == ["as reported", "no copies", f"no look-alikes ({bracket})", "grouped", last]


def test_every_protocol_has_a_meaning():
    assert {*MEANINGS} == {*PROTOCOLS}
