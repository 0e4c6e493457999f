"""How a table of slices shows itself."""

import json
import subprocess
import sys
from dataclasses import replace

from helpers.installs import BLOCKER

from hilum.errors import MissingExtra
from hilum.slices.layout import Skipped


def test_a_table_is_one_line(phantom_table):
    sums = [sum(of.values()) for of in phantom_table.counts.values()]
    assert repr(phantom_table) == (
        "SliceTable(phantom: 48 slices of 4 classes; train {}, valid {}, test {})".format(*sums)
    )
    assert len(repr(phantom_table.rows)) < 1000


def test_a_notebook_shows_counts_notes_and_what_was_left_out(phantom_table):
    table = replace(
        phantom_table, notes=("Beware of <b>.",), skipped=(Skipped("train/normal/x.png", "the file is empty"),)
    )
    page = table._repr_html_()
    for split in table.counts.values():
        for count in split.values():
            assert f">{count}</td>" in page
    assert ">large cell carcinoma</td>" in page
    assert "Beware of &lt;b&gt;." in page
    assert "Left out: train/normal/x.png: the file is empty." in page


def test_a_frame_has_a_row_a_slice(phantom_table):
    frame = phantom_table.to_frame()
    assert list(frame["path"]) == [row.path for row in phantom_table.rows]
    assert frame.groupby(["split", "label"]).size().to_dict() == {
        (split, label): count for split, of in phantom_table.counts.items() for label, count in of.items()
    }
    assert frame["group"].notna().all()


def test_the_base_install_shows_a_table_and_says_what_a_frame_needs(phantom, tmp_path):
    code = f"""
import json, hilum
table = hilum.read_table({str(phantom)!r})
try:
    table.to_frame()
except hilum.HilumError as error:
    print(json.dumps([repr(table), table._repr_html_(), str(error)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKER + code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    line, page, said = json.loads(done.stdout)
    assert line.startswith("SliceTable(phantom: 48 slices")
    assert "<table" in page
    assert said == str(MissingExtra("pandas", enough=["pandas"]))
