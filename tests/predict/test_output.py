"""Rows as JSON lines and CSV."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.predict.output import head, line, parse, records
from hilum.predict.rows import Row

CLASSES = ("a", "b, c")

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
shares = st.floats(0, 1).map(lambda top: {"a": 1 - top, "b, c": top})
rows = st.one_of(
    st.builds(
        Row,
        names,
        st.none() | st.integers(1, 9),
        st.just("class"),
        st.sampled_from(CLASSES),
        shares,
        st.floats(0, 9),
        names,
    ),
    st.builds(Row, names, st.none() | st.integers(1, 9), st.just("outlier"), st.none(), shares, st.floats(0, 9), names),
    st.builds(Row, names, st.none(), st.just("unreadable"), st.none(), st.none(), st.none(), names),
)


@given(st.lists(rows, max_size=4), st.sampled_from(["json", "csv"]), st.integers(0, 40))
def test_rows_come_back_and_a_record_that_was_cut_short_is_left_out(written, format, cut):
    lines = [line(row, format, CLASSES) for row in written]
    assert [parse(data, format, CLASSES) for data in records(io.BytesIO(b"".join(lines)), format)] == written
    if lines:
        short = b"".join(lines[:-1]) + lines[-1][: min(cut, len(lines[-1]) - 1)]
        assert list(records(io.BytesIO(short), format)) == lines[:-1]


@given(rows)
def test_a_json_line_is_one_line_of_ascii(row):
    data = line(row, "json", CLASSES)
    assert data.decode("ascii").splitlines(keepends=True) == [data.decode()]
    assert json.loads(data) == row.as_json()


def test_csv_has_a_column_a_class():
    row = Row("s.png", None, "class", "a", {"a": 0.75, "b, c": 0.25}, 0.5, "sure enough: 0.75, limit 0.70")
    text = (head("csv", CLASSES) + line(row, "csv", CLASSES)).decode()
    assert list(csv.DictReader(io.StringIO(text))) == [
        {
            "path": "s.png", "frame": "", "decision": "class", "class": "a", "probability a": "0.75",
            "probability b, c": "0.25", "outlier_score": "0.5", "reason": "sure enough: 0.75, limit 0.70",
        }
    ]  # fmt: skip
    assert head("json", CLASSES) == b""


GOOD = {
    "path": "s.png", "frame": None, "decision": "class", "class": "a", "probabilities": {"a": 1, "b, c": 0},
    "outlier_score": 0.5, "reason": "sure",
}  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"\n", b"text\n", b"[]\n", b"{}\n", b"\xff\n", b"[" * 100_000 + b"\n",
        json.dumps({**GOOD, "patient": "x"}).encode(),
        json.dumps(dict(reversed(GOOD.items()))).encode(),
        *(
            json.dumps({**GOOD, key: value}).encode()
            for key, value in [
                ("path", 1), ("frame", "1"), ("decision", "maybe"), ("class", "d"), ("class", []),
                ("probabilities", ["a", "b, c"]), ("probabilities", {"a": 1}),
                ("probabilities", {"a": 1, "b, c": None}),
                ("probabilities", {"a": 1, "b, c": float("nan")}), ("outlier_score", "0.5"), ("reason", None),
            ]
        ),
    ],
)  # fmt: skip
def test_other_json_is_no_row(data):
    parse(json.dumps(GOOD).encode(), "json", CLASSES)
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says which line
        parse(data, "json", CLASSES)


@pytest.mark.parametrize(
    "data",
    [
        b"\n", b"s.png\n", b"s.png,,class,a,1,0,0.5\n",
        b"s.png,one,class,a,1,0,0.5,sure\n", b"s.png,,class,a,1,x,0.5,sure\n",
        b"s.png,,class,a,1,nan,0.5,sure\n", b'"s.png,,class\n', b"\xff\n", b"s.png,,maybe,a,1,0,0.5,sure\n",
    ],
)  # fmt: skip
def test_other_csv_is_no_row(data):
    parse(b"s.png,,class,a,1,0,0.5,sure\n", "csv", CLASSES)
    with pytest.raises(ValueError):  # noqa: PT011
        parse(data, "csv", CLASSES)
