"""Messages between hilum and the process that runs a network."""

import numpy as np
import pytest

from hilum.model.onnx_worker import arrays_of, message_of

ARRAYS = [np.float32([[0.5, -1], [np.inf, 2]]), np.int64([]), np.zeros((2, 0, 3), np.float32), np.int64([[7]])]


def test_arrays_come_back_as_they_were_sent_and_may_be_written_to():
    fields, data = message_of({"seconds": 3}, ARRAYS)
    assert fields["seconds"] == 3
    found = arrays_of(fields, data)
    assert len(found) == len(ARRAYS)
    for one, other in zip(found, ARRAYS, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
        assert one.flags.writeable


def test_a_message_that_lacks_bytes_is_refused():
    fields, data = message_of({}, ARRAYS)
    with pytest.raises(ValueError):  # noqa: PT011 - NumPy's own
        arrays_of(fields, data[:-1])
