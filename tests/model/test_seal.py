"""The checksum at the end of an exported file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.model.seal import is_sealed, sealed


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch") / "model.onnx"


@settings(max_examples=50)
@given(st.binary(max_size=200), st.integers(0, 250), st.integers(1, 255))
def test_the_mark_tells_whole_from_damaged(scratch, data, place, change):
    scratch.write_bytes(data)
    assert not is_sealed(scratch)
    marked = bytearray(sealed(data))
    scratch.write_bytes(marked)
    assert is_sealed(scratch)
    scratch.write_bytes(marked[:-1])
    assert not is_sealed(scratch)
    marked[place % len(marked)] ^= change
    scratch.write_bytes(marked)
    assert not is_sealed(scratch)
