"""A job goes on only as it was begun."""

import pytest
from helpers.jobs import ENGINE, settings

from hilum.cluster.same import check_same
from hilum.errors import HilumError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "cd" * 32}, "another model"),
        ({"window": "bone"}, r"other settings \(window lung there, bone now\)"),
        ({"answer": 0.9, "hashed": True}, r"\(answer 0\.5 there, 0\.9 now; hashed False there, True now\)"),
        ({"engine": {**ENGINE, "version": "2"}}, r"\(engine's version 1\.22 there, 2 now\)"),
        ({"engine": {**ENGINE, "threads": 4}}, r"\(engine's threads 2 there, 4 now\)"),
        ({"arguments": ["others"]}, r"other files \(slices there, others now\)"),
        ({"arguments": ["slices", "others"]}, r"other files \(1 arguments there, 2 now\)"),
        ({"arguments": ["s" * 500]}, r"other files \(slices there, s{80}… now\)"),
        ({"folder": "/elsewhere"}, r"was begun in /data, where relative paths name other files"),
    ],
)
def test_what_differs_is_named(changes, message):
    check_same(settings(), settings(), "OUT")
    with pytest.raises(HilumError, match=f"^OUT .*{message}.*give --out another name"):
        check_same(settings(), settings(**changes), "OUT")


def test_a_hashed_folder_is_not_named():
    with pytest.raises(HilumError, match="begun in another folder"):
        check_same(settings(hashed=True, folder="0123"), settings(hashed=True), "OUT")
