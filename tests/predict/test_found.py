"""What is found in a file: all frames up to the first that cannot be read, which is told."""

import numpy as np
from helpers.dicoms import broken_after, chest, dataset, written

from hilum.predict.found import found_in
from hilum.predict.rows import Row, Square


def prepare(frame):
    return frame.pixels


def test_frames_from_any_on():
    scan = written(dataset(*(chest(seed) for seed in range(5))))
    everything = list(found_in(scan, "scan.dcm", prepare, "auto"))
    assert [one.number for one in everything] == [1, 2, 3, 4, 5]
    later = list(found_in(scan, "scan.dcm", prepare, "auto", first=3))
    assert [one.number for one in later] == [4, 5]
    np.testing.assert_array_equal(later[0].grey, everything[3].grey)


def test_a_damaged_frame_ends_its_file_with_its_number_and_series():
    squares = list(found_in(broken_after(3), "scan.dcm", prepare, "auto"))
    assert [type(one) for one in squares] == [Square] * 3 + [Row]
    assert (squares[3].frame, squares[3].series) == (4, squares[2].series)
    assert squares[3].series is not None


def test_the_first_frame_that_fails_has_its_number_unless_it_may_be_the_only_one():
    (first,) = found_in(b"no picture", "a", prepare, "auto")
    (later,) = found_in(b"no picture", "a", prepare, "auto", first=6)
    assert (first.frame, later.frame) == (None, 7)


def test_an_error_of_any_kind_is_a_row():
    def fails(frame):
        raise KeyError("secret")

    (row,) = found_in(written(dataset(chest())), "a.dcm", fails, "auto")
    assert (row.path, row.reason) == ("a.dcm", "it cannot be read (KeyError)")
