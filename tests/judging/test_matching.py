import pandas as pd
import pytest
from helpers.tables import CHESTS, table_of

from hilum.errors import HilumError
from hilum.judging.columns import find_columns
from hilum.judging.matching import matched
from hilum.judging.sheet import Sheet

TABLE = table_of(skipped=("test/normal/broken.png",))


def match(paths, **columns):
    frame = pd.DataFrame({"path": paths, "predicted": "cancer", **columns})
    columns, rows, notes = matched(find_columns(Sheet(frame, "p.csv", "p", None), TABLE.classes), TABLE, "p.csv")
    protocols = columns.marks["protocol"]
    return list(rows), [protocols.values[code] for code in protocols.codes], notes


def test_rows_are_found_and_of_the_given_protocol():
    assert match([CHESTS[4], "2.png", CHESTS[4]]) == ([4, 0, 4], ["given"] * 3, [])


def test_protocols_have_the_names_of_today():
    assert match([CHESTS[4], CHESTS[4]], protocol=["unseen", "strict"])[1] == ["no-copies", "strict"]


def test_slices_from_elsewhere_are_left_out_and_that_is_said():
    rows, protocols, notes = match([CHESTS[3], "benign/1.png", "any.png"], protocol=["given", "external:iq", "strict"])
    assert (rows, protocols) == ([3], ["given"])
    assert notes == ["p.csv: the slices of external:iq, strict are not in /slices and are left out."]


def test_slices_from_elsewhere_may_be_a_split():
    rows, _, notes = match([CHESTS[3], "benign/1.png"], split=["test", "external:iq"])
    assert rows == [3]
    assert notes == ["p.csv: the slices of external:iq are not in /slices and are left out."]


def test_files_that_could_not_be_read_are_left_out_and_that_is_said():
    rows, _, notes = match([CHESTS[3], "broken.png"])
    assert rows == [3]
    assert notes == ["Predictions on 1 file are left out, because hilum cannot read these: broken.png."]


@pytest.mark.parametrize(
    ("paths", "columns", "message"),
    [
        ([CHESTS[3], "x.png"], {}, "1 of the 2 paths in p.csv are not in /slices: x.png"),
        (["x.png"], {"protocol": ["strict"]}, "1 of the 1 paths"),
        ([CHESTS[3], "x.png"], {"protocol": ["strict", "strict"]}, "1 of the 2 paths"),
        ([CHESTS[3]], {"protocol": ["strikt"]}, "no protocol 'strikt'. Did you mean 'strict'"),
        ([CHESTS[3], CHESTS[4]], {"protocol": ["strict", ""]}, "has 1 row without a protocol"),
        (["broken.png"], {}, "has no prediction of a slice in /slices that can be read"),
        ([CHESTS[3]], {"protocol": ["external:iq"]}, "has no prediction of a slice in /slices"),
    ],
)
def test_rows_of_unknown_slices_or_protocols_are_refused(paths, columns, message):
    with pytest.raises(HilumError, match=message):
        match(paths, **columns)
