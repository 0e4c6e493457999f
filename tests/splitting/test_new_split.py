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


def test_ids_are_read_as_they_were_given_and_may_be_missing(planted, tmp_path, use_shared_cache):
    ids = {"train/dark/1.png": "p, 1", "test/dark/1.png": "p, 1", "train/dark/2.png": "-2", "test/dark/2.png": "3"}
    (tmp_path / "ids.csv").write_text("path,group\n" + "".join(f'{path},"{one}"\n' for path, one in ids.items()))
    for how in ({}, {"folds": 2}):
        new = hilum.split(hilum.read_table(planted, groups=tmp_path / "ids.csv"), **how)
        read = hilum.read_table(planted, table=new.save(tmp_path / "new.csv", overwrite=True))
        assert read.rows == new.table.rows
        found = {row.path: row.group for row in read.rows if row.group is not None}
        assert found == ids | {"train/dark/2.png": "'-2"}  # no formula for a spreadsheet
        assert set(new.to_frame()["group"]) == {"", "p, 1", "-2", "3"}


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
    assert sum(new.groups.values()) == len({file.together for file in new.files})
