"""Values that are computed once: what is computed, in which order it is given, and what an interruption costs."""

import json
from contextlib import contextmanager

import pytest

from hilum.progress import silent
from hilum.slices.store import Store
from hilum.storage import Shards


@pytest.fixture
def store(tmp_path):
    return Store(
        Shards(tmp_path / "store", ".json"),
        lambda keys, values: json.dumps(list(zip(keys, values, strict=True))).encode(),
        json.loads,
    )


@pytest.fixture
def upper():
    """Upper case, and the items that it was asked for, a list a call."""

    def compute(items, pool):
        compute.asked.append(list(items))
        return pool.map(str.upper, items)

    compute.asked = []
    return compute


def _values(store, items, compute, track=silent, **chunk):
    return store.values([f"key of {item}" for item in items], items, compute, "work", track, **chunk)


def test_each_key_is_computed_once_and_every_item_gets_its_value(store, upper):
    assert _values(store, "abab", upper) == ["A", "B", "A", "B"]
    assert _values(store, "cab", upper) == ["C", "A", "B"]
    assert upper.asked == [["a", "b"], ["c"]]
    assert store.load() == {"key of a": "A", "key of b": "B", "key of c": "C"}


def test_nothing_is_computed_where_all_is_known_and_that_is_told(store, upper):
    shown = []

    @contextmanager
    def track(title, total):
        shown.append((title, total))
        yield lambda: shown.append(title)

    _values(store, "ab", upper, track)
    _values(store, "ba", upper, track)
    assert shown == [("work", 2), "work", "work", ("work", 0)]
    assert upper.asked == [["a", "b"]]


def test_what_was_finished_before_an_error_is_kept(store):
    def compute(items, pool):
        for item in items:
            if item == "d":
                raise ValueError(item)
            yield item.upper()

    with pytest.raises(ValueError, match="d"):
        _values(store, "abcde", compute, chunk=2)
    assert sorted(store.load().values()) == ["A", "B"]


def test_no_items(store, upper):
    assert _values(store, "", upper) == []
