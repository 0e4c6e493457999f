"""What is said beside a file of rows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hilum.errors import HilumError
from hilum.predict.about import About, parse_about, working_folder

OUT = Path("rows.jsonl")
ABOUT = About("1234", ("a", "b"), "json", "auto", 0.7, 0.5, False, "here")


def test_what_was_written_is_read_back_and_is_alike():
    found = parse_about(json.dumps(ABOUT.as_json()).encode(), OUT)
    assert ABOUT.check(found, OUT) == ()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"schema": "hilum.run/1"}', b"[" * 100_000])
def test_what_no_prediction_wrote_is_refused(data):
    with pytest.raises(HilumError, match=r"rows\.jsonl\.about was not written by this hilum predict"):
        parse_about(data, OUT)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"model": "5678"}, "made with another MODEL"),
        ({"window": "lung"}, "other settings \\(--window lung there, auto now\\)"),
        ({"answer": 0.8 / 7}, "--coverage or --risk: limit 0.1143 there, 0.7 now"),
        ({"hashed": True}, "--hash-names given there, not given now.*; run it as it was begun, or give --out another"),
        ({"folder": "there"}, "was begun in there"),
    ],
)
def test_another_run_is_refused_by_what_differs(other, said):
    with pytest.raises(HilumError, match=said):
        ABOUT.check(replace(ABOUT, **other).as_json(), OUT)


def test_a_folder_that_is_a_pseudonym_is_not_shown():
    hashed = replace(ABOUT, hashed=True)
    with pytest.raises(HilumError, match="begun in another folder"):
        hashed.check(replace(hashed, folder="3f2a").as_json(), OUT)


def test_the_working_folder_is_hashed_where_names_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert working_folder(hashed=False) == str(tmp_path)
    assert tmp_path.name not in working_folder(hashed=True)
    assert working_folder(hashed=True) == working_folder(hashed=True)
