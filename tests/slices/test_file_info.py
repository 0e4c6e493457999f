import dataclasses
import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from hilum.slices.body import Box
from hilum.slices.file_info import FactsCache, slice_facts
from hilum.slices.read import UnreadableSlice
from hilum.storage import cache_folder, cache_use


def picture(seed=0, mode="L"):
    """A bright square on dark noise."""
    pixels = np.random.default_rng(seed).integers(0, 20, (40, 60), np.uint8)
    pixels[10:30, 20:50] = 200
    return Image.fromarray(pixels).convert(mode)


def encoded(image, format="PNG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "slice.png"
    path.write_bytes(encoded(picture()))
    return path


def shards():
    return sorted(cache_folder().rglob("*.json"))


def facts_kept(path):
    """The facts of a file as a new process would find or make them, kept on disk."""
    cache = FactsCache()
    facts = cache.facts(path)
    cache.keep(facts)
    cache.flush()
    return facts


def without_seconds(facts):
    return dataclasses.replace(facts, seconds=0.0)


def test_facts_are_what_the_picture_is():
    data = encoded(picture(mode="RGB"))
    facts = slice_facts(data, digest(data))
    assert (facts.width, facts.height, facts.format, facts.mode, facts.coloured) == (60, 40, "PNG", "RGB", False)
    assert facts.bytes == len(data)
    assert facts.content == digest(data)
    assert facts.body == Box(20, 10, 50, 30)
    assert facts.seconds > 0


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (encoded(picture(), compress_level=0), True),
        (encoded(picture(mode="RGBA")), True),
        (encoded(picture(), "JPEG", quality=60), False),
        (encoded(picture(seed=1)), False),
        (encoded(Image.fromarray(np.asarray(picture()).reshape(60, 40))), False),  # the same bytes in another shape
    ],
    ids=["compression", "mode", "JPEG", "pixels", "shape"],
)
def test_equal_pictures_have_equal_pixels_whatever_the_file(other, same):
    one = encoded(picture())
    assert one != other
    assert (slice_facts(one, "").pixels == slice_facts(other, "").pixels) is same


# The seconds of a decoding are a float of a clock with nanoseconds: two facts that agree in it come from one decoding.


def test_a_known_file_is_not_decoded_again(path):
    first = facts_kept(path)
    assert facts_kept(path) == first
    assert len(shards()) == 1
    path.rename(path.with_name("other.jpg"))
    assert facts_kept(path.with_name("other.jpg")) == first  # known by content, not by name


def test_a_changed_file_is_decoded(path):
    first = facts_kept(path)
    path.write_bytes(encoded(picture(seed=1)))
    second = facts_kept(path)
    assert second.pixels != first.pixels
    assert facts_kept(path) == second
    assert len(shards()) == 2


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: data.replace(b"60", b"61"), lambda data: b""])
def test_facts_of_a_damaged_shard_are_made_anew(path, damage):
    first = facts_kept(path)
    (shard,) = shards()
    assert damage(shard.read_bytes()) != shard.read_bytes()
    shard.write_bytes(damage(shard.read_bytes()))
    second = facts_kept(path)
    assert second.seconds != first.seconds
    assert without_seconds(second) == without_seconds(first)
    assert facts_kept(path) == second


def test_no_body_is_kept_as_none(path):
    path.write_bytes(encoded(Image.new("L", (20, 20), 7)))
    first = facts_kept(path)
    assert first.body is None
    assert facts_kept(path) == first


def test_another_cache_is_filled_anew(path, monkeypatch, tmp_path):
    first = facts_kept(path)
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "another"))
    second = facts_kept(path)
    assert second.seconds != first.seconds
    assert [use.part for use in cache_use()] == ["slices"]


def test_facts_of_pictures_that_were_read_otherwise_count_no_more(path, monkeypatch):
    first = facts_kept(path)
    monkeypatch.setattr("hilum.slices.file_info.VERSION", 0)
    second = facts_kept(path)
    assert second.seconds != first.seconds
    assert without_seconds(second) == without_seconds(first)


def test_facts_are_written_a_batch_at_a_time(path):
    cache = FactsCache()
    facts = cache.facts(path)
    for number in range(255):
        cache.keep(dataclasses.replace(facts, content=str(number)))
    assert shards() == []
    cache.keep(dataclasses.replace(facts, content="the 256th"))
    assert len(shards()) == 1
    cache.keep(dataclasses.replace(facts, content="the 256th"))
    cache.flush()
    assert len(shards()) == 1  # a fact known already is not written twice


def test_an_unreadable_file_leaves_no_facts(path):
    path.write_bytes(path.read_bytes()[:-30])
    for _ in range(2):
        with pytest.raises(UnreadableSlice, match="truncated"):
            facts_kept(path)
    assert shards() == []
