from pathlib import Path

import pytest

from hilum.errors import HilumError
from hilum.explain.output import place_for


@pytest.mark.parametrize(
    ("file", "frame", "name"),
    [
        ("scans/slice.png", None, "slice-explained.png"),
        ("slice.JPEG", None, "slice-explained.png"),
        ("slice.dcm", 3, "slice-frame-3-explained.png"),
        ("1.2.840.113", None, "1.2.840.113-explained.png"),
    ],
)
def test_the_place_follows_the_file_s_name(file, frame, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_for(Path(file), frame, None) == Path(name)


def test_the_slice_itself_is_never_overwritten(tmp_path):
    slice_ = tmp_path / "slice.png"
    slice_.touch()
    with pytest.raises(HilumError, match="is the slice itself"):
        place_for(slice_, None, slice_)


def test_other_places_are_refused(tmp_path):
    with pytest.raises(HilumError, match=r"ends in \.png"):
        place_for(Path("slice.png"), None, tmp_path / "picture.jpg")
