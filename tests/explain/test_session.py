"""A whole explanation, as Python users hold it."""

import io

import pytest
from PIL import Image

from hilum.errors import HilumError
from hilum.explain.methods import default_method
from hilum.explain.session import check_asked, explain_file
from hilum.model.reader import Reader


@pytest.fixture(scope="module")
def reader(exported):
    return Reader(exported)


@pytest.fixture(scope="module")
def slice_path(phantom):
    return min((phantom / "test" / "normal").iterdir())


def test_it_is_one_line_and_one_picture(reader, slice_path, phantom):
    found = explain_file(reader, slice_path, training_folder=phantom)
    assert repr(found).startswith(
        f"Explanation({slice_path}: {found.answer[:-1]}; map: {default_method(reader.facts)})"
    )
    assert "\n" not in repr(found)
    picture = Image.open(io.BytesIO(found.picture))
    assert (picture.format, picture.width) == ("PNG", 1400)
    assert [one.pixels is not None for one in found.pictures] == [True] * len(found.neighbours)
    shown = found._repr_html_()
    assert shown.count("<img ") == 1
    assert all(remark in shown for remark in found.remarks)
    assert f"{found.neighbours[0].distance:.3f}" in shown
    assert found.warnings == ("Synthetic phantom slices",)


def test_pictures_of_neighbours_need_the_folder(reader, slice_path):
    found = explain_file(reader, slice_path)
    assert [one.pixels for one in found.pictures] == [None] * len(found.neighbours)


def test_what_is_asked_is_checked_first(tmp_path):
    check_asked(None, None, None)
    check_asked("linear", "lung", tmp_path)
    for asked in (("magic", None, None), (None, "lungs", None), (None, None, tmp_path / "gone")):
        with pytest.raises(HilumError):
            check_asked(*asked)
