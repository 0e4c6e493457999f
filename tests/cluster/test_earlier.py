"""A job goes on only as it was begun."""

import pytest
from helpers.jobs import ENGINE, settings

from hilum.cluster.earlier import check_same, earlier_job
from hilum.cluster.store import open_store
from hilum.errors import HilumError


def tree(folder):
    return sorted((str(path.relative_to(folder)), path.is_file() and path.read_bytes()) for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("thesis.tex", b"chapter 1", r"holds something else, not a job of hilum predict \(thesis\.tex\)"),
        (".hidden", b"", r"holds something else"),
        ("job.json", b'{"schema": "other.job/3"}', r"job\.json is not a hilum job file"),
        ("job.json", b'{"schema": "hilum.job/2"}', r"job\.json has the schema hilum\.job/2.*Use the newer hilum"),
        ("job.json", b'{"schema": "hilum.job/1", "argu', r"job\.json is damaged"),
        ("job.json", b"", r"job\.json is damaged"),
    ],
)
def test_a_folder_of_something_else_is_refused_and_left_as_it_is(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    before = tree(tmp_path)
    with pytest.raises(HilumError, match=message):
        earlier_job(open_store(str(tmp_path)))
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "cd" * 32}, "another MODEL"),
        ({"window": "bone"}, r"other settings \(--window lung there, bone now\)"),
        (
            {"answer": 0.9 / 7, "hashed": True},
            r"\(--coverage or --risk: limit 0\.5 there, 0\.1286 now; --hash-names not given there, given now\)",
        ),
        ({"engine": {**ENGINE, "version": "2"}}, r"\(engine's version 1\.22 there, 2 now\)"),
        ({"engine": {**ENGINE, "threads": 4}}, r"\(--threads 2 there, 4 now\)"),
        ({"arguments": ["others"]}, r"other PATHS \(slices there, others now\)"),
        ({"arguments": ["slices", "others"]}, r"other PATHS \(1 arguments there, 2 now\)"),
        ({"arguments": ["s" * 500]}, r"other PATHS \(slices there, s{80}… now\)"),
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
