"""The listing of a job."""

import pytest
from helpers.jobs import listed

from hilum.cluster.listing_files import read_inputs, read_listing, size_of, write_listing
from hilum.cluster.parts import Listed
from hilum.errors import HilumError


def test_what_was_listed_is_read_as_it_was(store):
    odd = [Listed("/a\udce9/\n.png", "a\\xe9/\n.png"), Listed("b", "b", "it is no file"), *listed(2040)]
    assert write_listing(store, odd) == read_listing(store)
    record = read_listing(store)
    assert (record.inputs, len(record.digests)) == (2042, 3)
    assert [size_of(record, shard) for shard in range(3)] == [1000, 1000, 42]
    assert [one for shard in range(3) for one in read_inputs(store, record, shard)] == odd


def test_an_empty_listing_is_complete(store):
    write_listing(store, [])
    assert (read_listing(store).inputs, read_listing(store).digests) == (0, ())


def test_a_listing_that_was_cut_short_is_none_and_is_replaced(store):
    def broken():
        yield from listed(3500)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_listing(store, broken())
    assert read_listing(store) is None
    assert len(store.names("inputs")) == 3
    record = write_listing(store, listed(10))
    assert store.names("inputs") == ["inputs/000000.json", "inputs/listing.json"]
    assert read_inputs(store, record, 0) == tuple(listed(10))


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data.replace(b"slices", b"others"), None])
def test_inputs_that_were_changed_or_lost_are_refused_by_name(store, damage):
    record = write_listing(store, listed(10))
    if damage is None:
        store.remove("inputs/000000.json")
    else:
        store.write("inputs/000000.json", damage(store.read("inputs/000000.json")))
    with pytest.raises(HilumError, match=r"out/inputs/000000\.json is damaged or missing"):
        read_inputs(store, record, 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "listing.json is damaged: it is not valid JSON"),
        (b'{"schema": "hilum.job-listing/1", "inputs": 1}', "digests is missing"),
        (b'{"schema": "hilum.job-listing/2", "inputs": 1}', "Use the newer hilum"),
    ],
)
def test_a_damaged_record_of_a_listing_is_told(store, data, message):
    store.write("inputs/listing.json", data)
    with pytest.raises(HilumError, match=message):
        read_listing(store)
