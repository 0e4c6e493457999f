"""How a new split shows itself."""

from collections import Counter

import hilum


def test_a_line_says_the_parts(table):
    new = hilum.split(table)
    counts = ", ".join(f"{part} {sum(of.values())}" for part, of in new.counts.items())
    assert repr(new) == f"NewSplit(slices: 44 slices of 3 classes; {counts})"
    folds = hilum.split(table, folds=2, copies="keep")
    assert repr(folds).startswith("NewSplit(slices: 49 slices of 3 classes; fold 0 ")


def test_a_notebook_shows_counts_and_notes(table):
    new = hilum.split(table)
    page = new._repr_html_()
    for of in new.counts.values():
        assert all(f">{count} (" in page for count in of.values())
    assert "10 %" in page
    assert "3 files left out as copies" in page


def test_a_frame_has_a_row_per_file_as_the_file_has(table, tmp_path):
    import pandas as pd

    for how in ({}, {"folds": 3, "copies": "keep"}):
        new = hilum.split(table, **how)
        frame, written = new.to_frame(), pd.read_csv(new.save(tmp_path / f"{len(how)}.csv"), keep_default_na=False)
        pd.testing.assert_frame_equal(frame, written)
        column = "fold" if how else "split"
        found = Counter(zip(frame[column].astype(str), frame["label"], strict=True))
        assert found == {(part, name): n for part, of in new.counts.items() for name, n in of.items() if n}
