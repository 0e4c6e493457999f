"""Slices that hilum's defaults were chosen on are known by their content."""

import shutil

from helpers.real_slices import every_nth

import hilum
from hilum.slices.known import chosen_on

SAID = "hilum's defaults were chosen on these slices"


def test_nothing_is_said_of_other_slices(phantom_table):
    assert chosen_on(phantom_table) == []


def test_of_the_public_set_it_is_said_where_it_is_most_of_the_slices(phantom, chest_ctscan, tmp_path):
    folder = every_nth(chest_ctscan, tmp_path / "real", 40)
    (note,) = chosen_on(hilum.read_table(folder))
    assert "train and valid of this public set" in note
    shutil.copytree(phantom, folder, dirs_exist_ok=True)
    assert chosen_on(hilum.read_table(folder)) == []


def test_of_the_slices_of_another_hospital_it_is_said_even_of_some(iq_othnccd, phantom, tmp_path):
    (tmp_path / "all").mkdir()
    for label in ("malignant", "normal"):
        (tmp_path / "all" / label).mkdir()
        for file in sorted((iq_othnccd / label).iterdir())[:3]:
            shutil.copy(file, tmp_path / "all" / label / f"renamed-{file.name}")
    (note,) = chosen_on(hilum.read_labelled(tmp_path / "all"))
    assert note.startswith(f"{SAID}: 6 of 6 are among the 300 of IQ-OTH/NCCD")
    for number, file in enumerate(sorted(phantom.rglob("*.png"))[:10]):
        shutil.copy(file, tmp_path / "all" / "normal" / f"{number}.png")
    (note,) = chosen_on(hilum.read_labelled(tmp_path / "all"))
    assert note.startswith(f"{SAID}: 6 of 16")
