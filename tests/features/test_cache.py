"""Features on disk: what goes in comes out, what is damaged does not, and every part of a recipe counts."""

import dataclasses

import numpy as np
import pytest

from hilum.features.cache import Entry, FeatureCache, Recipe
from hilum.storage import cache_folder

RECIPE = Recipe("resnet10t.c3_in1k", "ab12", 176, "bicubic", (0.5, 0.5, 0.5), (0.2, 0.2, 0.2), "torch 2 cpu", None)


def _key(number):
    return bytes([number]) * 32


def _entry(number):
    return Entry(np.full(7, number, np.float32) / 3, 0.25 * number, 0.5)


def _shards(recipe=RECIPE):
    return sorted((cache_folder() / "features" / recipe.digest).glob("*.safetensors"))


def _same(entry, other):
    return np.array_equal(entry.features, other.features) and (entry.decoding, entry.network) == (
        other.decoding,
        other.network,
    )


def test_what_goes_in_comes_out():
    cache = FeatureCache(RECIPE)
    assert cache.load() == {}
    cache.append([_key(1), _key(2)], [_entry(1), _entry(2)])
    cache.append([_key(3)], [_entry(3)])
    entries = FeatureCache(RECIPE).load()
    assert entries.keys() == {_key(1), _key(2), _key(3)}
    assert all(_same(entries[_key(number)], _entry(number)) for number in (1, 2, 3))
    assert entries[_key(1)].features.dtype == np.float32


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "resnet14t.c3_in1k"},
        {"weights": "ab13"},
        {"size": 224},
        {"interpolation": "bilinear"},
        {"mean": (0.5, 0.5, 0.4)},
        {"std": (0.2, 0.2, 0.3)},
        {"engine": "onnxruntime 1 cpu"},
        {"seed": 0},
        {"version": RECIPE.version + 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_recipe_has_another_folder(change):
    other = dataclasses.replace(RECIPE, **change)
    assert other.digest != RECIPE.digest
    FeatureCache(RECIPE).append([_key(1)], [_entry(1)])
    assert FeatureCache(other).load() == {}


def test_every_part_of_a_recipe_is_tried_above():
    parts = {"tag", "weights", "size", "interpolation", "mean", "std", "engine", "seed", "version"}
    assert {field.name for field in dataclasses.fields(Recipe)} == parts


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: data[:-1], lambda data: b"x" + data[1:]])
def test_a_damaged_shard_is_dropped_and_the_others_stay(spoil):
    cache = FeatureCache(RECIPE)
    cache.append([_key(1)], [_entry(1)])
    (first,) = _shards()
    cache.append([_key(2)], [_entry(2)])
    first.write_bytes(spoil(first.read_bytes()))
    assert cache.load().keys() == {_key(2)}
    assert first not in _shards()


def test_a_half_written_shard_is_passed_over():
    cache = FeatureCache(RECIPE)
    cache.append([_key(1)], [_entry(1)])
    (_shards()[0].parent / ".aside-killed").write_bytes(b"half")
    assert cache.load().keys() == {_key(1)}


def test_two_writers_of_the_same_leave_one_shard():
    for _ in range(2):
        FeatureCache(RECIPE).append([_key(1)], [_entry(1)])
    assert len(_shards()) == 1
