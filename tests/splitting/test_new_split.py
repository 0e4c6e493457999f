"""The table of a new split, as it is written and read."""

import pytest

import hilum
from hilum.errors import HilumError


@pytest.mark.parametrize("how", [{}, {"folds": 3}, {"copies": "keep"}, {"folds": 3, "copies": "keep"}])
def test_reading_what_was_written_gives_the_same_table(table, planted, tmp_path, how):
    new = hilum.split(table, **how)
    read = hilum.read_table(planted, table=new.save(tmp_path / "new.csv"))
    assert read.rows == new.table.rows
    assert read.classes == new.table.classes
    assert read.split_drawn == new.table.split_drawn == ("folds" in how)
    assert not any("not read" in note for note in read.notes)


def test_an_earlier_file_is_replaced_only_if_asked(table, planted, tmp_path):
    place, other = tmp_path / "new.csv", hilum.split(table, seed=1)
    written = hilum.split(table).save(str(place)).read_bytes()
    with pytest.raises(HilumError, match="exists already"):
        other.save(place)
    assert place.read_bytes() == written
    other.save(place, overwrite=True)
    assert place.read_bytes() != written
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]
    with pytest.raises(HilumError, match="into which nothing is written"):
        other.save(planted / "new.csv")
    assert not (planted / "new.csv").exists()


def test_counts_are_of_slices_and_groups(table):
    new = hilum.split(table)
    assert sum(sum(of.values()) for of in new.counts.values()) == len(new.table.rows) == 44
    assert new.counts == new.table.counts
    assert sum(new.groups.values()) == len({file.group for file in new.files})
