"""What a decoding process answers on an upload."""

import numpy as np
import pytest
from helpers.dicoms import broken_after, chest, dataset, written
from helpers.pictures import picture
from helpers.uploads import encoded, flat

from hilum.serve.jobs import CHUNK, shown, squares, thumbnail
from hilum.slices.jobs import Source
from hilum.slices.read import UnreadableSlice

JOB = {"window": "auto", "size": 8, "interpolation": "bilinear", "crop": False, "salt": "00", "first": 0, "frame": None}


def test_frames_come_in_chunks_that_say_how_to_go_on():
    source = Source(written(dataset(*(chest(seed, 16, 16) for seed in range(2 * CHUNK + 2)))))
    answers = list(squares(source, JOB))
    numbers = [frame["number"] for fields, _ in answers for frame in fields["frames"]]
    assert numbers == list(range(1, 2 * CHUNK + 3))
    assert [(fields["more"], fields["next"]["first"]) for fields, _ in answers] == [
        (True, CHUNK), (True, 2 * CHUNK), (False, 2 * CHUNK + 2),
    ]  # fmt: skip
    assert [len(pixels) for _, pixels in answers] == [CHUNK * 8 * 8 * 4] * 2 + [2 * 8 * 8 * 4]
    assert len(answers[0][0]["thumbnails"]) == CHUNK
    assert list(squares(source, {**JOB, **answers[0][0]["next"]})) == answers[1:]


def test_frames_before_one_that_cannot_be_read_are_answered():
    found = squares(Source(broken_after(3)), JOB)
    fields, _ = next(found)
    assert ([frame["number"] for frame in fields["frames"]], fields["more"]) == ([1, 2, 3], True)
    with pytest.raises(UnreadableSlice):
        next(found)


def test_a_shown_frame_has_its_picture_and_its_box():
    levels = np.zeros((30, 40), np.uint8)
    levels[5:25, 10:30] = 200
    ((fields, pixels),) = shown(Source(encoded(levels, format="PNG")), {**JOB, "crop": True})
    assert (fields["size"], fields["box"], fields["values"], fields["window"]) == (
        [40, 30],
        [10, 5, 30, 25],
        None,
        None,
    )
    np.testing.assert_array_equal(np.asarray(picture(fields["picture"])), levels)
    np.testing.assert_allclose(np.frombuffer(pixels, np.float32), 200 / 255, atol=1e-6)


def test_a_frame_that_is_not_there_is_said():
    for data, number in ((flat(51), 2), (written(dataset(chest(0, 16, 16))), 2)):
        with pytest.raises(UnreadableSlice, match=f"no frame {number}"):
            next(thumbnail(Source(data), {**JOB, "frame": number, "side": 8}))
