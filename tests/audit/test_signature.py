"""Signatures: what changes them and what does not, and that they are kept."""

import numpy as np
import pytest
from PIL import Image

import hilum
from hilum.audit.signature import SIDE, distinct_rows, signatures
from hilum.phantom.rendering import draw_patient, render


@pytest.fixture
def folder(tmp_path):
    """A phantom slice as it is, saved otherwise, with a dark border, and those of other patients."""
    picture = Image.fromarray(render(draw_patient(8, 0, 3, "normal"), 0))
    wide = Image.new("L", (picture.width + 80, picture.height + 60), picture.getpixel((0, 0)))
    wide.paste(picture, (50, 20))
    chosen = [("a", picture), ("b", picture.convert("RGB")), ("c", wide)]
    places = [("train", "sick"), ("valid", "normal"), ("valid", "sick"), ("test", "normal"), ("test", "sick")]
    for name, image in chosen:
        path = tmp_path / "set" / "train" / "normal" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    for number, (split, label) in enumerate(places, start=1):
        path = tmp_path / "set" / split / label / f"{number}.png"
        path.parent.mkdir(parents=True)
        Image.fromarray(render(draw_patient(8, number, 3, "normal"), 0)).save(path)
    return tmp_path / "set"


def test_equal_pixels_are_one_picture(folder):
    table = hilum.read_table(folder)
    first, places = distinct_rows(table)
    names = [row.path.rsplit("/", 1)[1] for row in table.rows]
    assert places[names.index("a.png")] == places[names.index("b.png")]
    assert len(first) == len(table.rows) - 1 == table.distinct
    for number, place in enumerate(places):
        assert table.rows[first[place]].facts.pixels == table.rows[number].facts.pixels


def test_a_signature_is_of_the_body_whatever_is_around_it(folder):
    table = hilum.read_table(folder)
    first, places = distinct_rows(table)
    made = signatures(table).upright
    assert (made.shape, made.dtype) == ((len(first), SIDE, SIDE), np.uint8)
    names = [row.path.rsplit("/", 1)[1] for row in table.rows]
    correlations = np.corrcoef(made.reshape(len(made), -1))
    a, c, other = (places[names.index(f"{name}.png")] for name in ("a", "c", "1"))
    assert correlations[a, c] > 0.99
    assert correlations[a, other] < correlations[a, c] - 0.01


def test_known_signatures_need_no_files(folder):
    table = hilum.read_table(folder)
    made = signatures(table)
    for path in folder.rglob("*.png"):
        path.unlink()
    for again, before in zip(signatures(table), made, strict=True):
        np.testing.assert_array_equal(again, before)


def _turned(pixels, turns, mirrored):
    turned = np.rot90(pixels, turns)
    return turned[:, ::-1] if mirrored else turned


@pytest.mark.parametrize("sides", [(331, 250), (700, 523)])
def test_a_turned_picture_has_the_turned_signature(tmp_path, sides):
    """Whatever the side is divisible by: the coarse grid of the upright one begins in a corner."""
    pixels = np.asarray(Image.fromarray(render(draw_patient(8, 0, 3, "normal"), 0)).resize(sides))
    ways = [(turns, mirrored) for mirrored in (False, True) for turns in range(4)]
    for number, (turns, mirrored) in enumerate(ways):
        path = tmp_path / ("train", "valid", "test")[number % 3] / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_turned(pixels, turns, mirrored)).save(path)
    table = hilum.read_table(tmp_path)
    places = distinct_rows(table)[1]
    turnable = signatures(table).turnable.astype(float)
    of = {int(row.path[-5]): turnable[place] for row, place in zip(table.rows, places, strict=True)}
    for number, way in enumerate(ways):
        assert np.corrcoef(of[number].ravel(), _turned(of[0], *way).ravel())[0, 1] > 0.9999
