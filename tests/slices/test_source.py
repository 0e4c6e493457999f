"""How a table was read, kept with it."""

from dataclasses import replace

import hilum
from hilum.slices.source import OPTIONS, options_of, source_of


def test_the_options_of_a_table(phantom):
    table = hilum.read_table(phantom, groups=str(phantom / "table.csv"), window="lung", strict=True, seed=3)
    read = {"folder": str(phantom), "table": None, "groups": str(phantom / "table.csv"), "window": "lung"}
    assert options_of(table, 4) == ({**read, "strict": True}, [])  # it came with splits, so the seed drew nothing
    labelled = hilum.read_labelled(table=phantom / "table.csv")
    assert options_of(labelled)[0] == {
        "folder": None, "table": str(phantom / "table.csv"), "groups": None, "window": "auto", "strict": False
    }  # fmt: skip


def test_another_seed_of_the_split_is_said(phantom):
    table = hilum.read_table(phantom / "train", seed=3)
    assert options_of(table, 3)[1] == []
    assert options_of(table, 0)[1] == ["Its split was drawn with seed 3, the rest with seed 0."]


def test_a_table_that_was_changed_has_no_source(phantom_table):
    assert source_of(replace(phantom_table, notes=("a note",))) is phantom_table.source
    changed = replace(phantom_table, rows=phantom_table.rows[1:])
    assert source_of(changed) is None
    assert options_of(changed, 0) == (dict.fromkeys(OPTIONS), ["Its slices were put together in Python."])
    assert options_of(replace(phantom_table, source=None), 0)[1]
