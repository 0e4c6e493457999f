"""A shard of rows as a Parquet file."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.jobs import CLASSES, answered, settings, unread

from hilum.cluster.shard import ShardWriter, read_record, read_unreadable, schema
from hilum.errors import HilumError
from hilum.predict.rows import WRITTEN
from hilum.slices.pool import ENDED, TOO_LARGE

NAME = "rows/000007.parquet"


def writer(store):
    return ShardWriter(store, NAME, settings(), shard=7, inputs=3, listed="ef" * 32)


def written(store, rows):
    file = writer(store)
    for row in rows:
        file.add(row)
    return file.commit()


ROWS = [
    answered("a.png"),
    unread("b.png"),
    answered("c.dcm", frame=1, share=0.123457),
    unread("c.dcm", frame=2),
    unread("d.png", TOO_LARGE),
    unread("e.dcm", ENDED),
    unread("f.dcm", ENDED, frame=9),
]


def test_the_columns_are_those_of_predict_and_the_series(store, out):
    written(store, ROWS)
    table = pq.read_table(out / NAME)
    assert table.column_names == [*WRITTEN, "series"]
    assert table.schema.field("probabilities").type == pa.struct([(name, pa.float64()) for name in CLASSES])
    assert table.to_pylist() == [{**row.as_json(), "series": row.series} for row in ROWS]


def test_the_file_says_what_it_holds(store):
    record = written(store, ROWS)
    assert read_record(store, NAME) == record
    assert (record.shard, record.inputs, record.rows, record.again) == (7, 3, 7, 3)
    assert record.decisions == {"class": 2, "unreadable": 5}
    assert list(read_unreadable(store, NAME)) == [row for row in ROWS if row.decision == "unreadable"]


def test_any_text_can_be_written(store, out):
    written(store, [unread("a\nb\0.png", "it says \udce9\ud800")])
    assert pq.read_table(out / NAME).select(["path", "reason"]).to_pylist() == [
        {"path": "a\nb\0.png", "reason": r"it says \xe9\ud800"}
    ]


def test_a_shard_without_rows_is_a_file(store, out):
    assert written(store, []).rows == 0
    assert pq.read_table(out / NAME).schema.remove_metadata() == schema(CLASSES)


def test_many_frames_are_written_in_groups(store, out):
    record = written(store, (answered("a.dcm", frame=one + 1) for one in range(2500)))
    file = pq.ParquetFile(out / NAME)
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [1000, 1000, 500]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert record.rows == 2500


def test_nothing_is_left_of_a_shard_that_is_dropped(store, out, capfd):
    file = writer(store)
    file.add(ROWS[0])
    file.drop()
    del file
    assert list((out / "rows").iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_dropping_after_the_commit_changes_nothing(store):
    file = writer(store)
    file.commit()
    file.drop()
    assert store.names("rows") == [NAME]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-9], r"is damaged or is no Parquet file"),
        (lambda data: b"", r"is damaged"),
        (lambda data: data[:-200] + bytes(100) + data[-100:], r"is damaged"),
        (lambda data: b"path,frame\n", r"is damaged or is no Parquet file"),
        (lambda data: data.replace(b'"hilum.job-shard/1"', b'"hilum.job-shard/2"'), "Use the newer hilum"),
    ],
)
def test_a_damaged_file_is_told_by_name(store, damage, message):
    written(store, ROWS)
    store.write(NAME, damage(store.read(NAME)))
    with pytest.raises(HilumError, match=rf"out/{NAME} .*{message}"):
        read_record(store, NAME)


def test_a_table_of_somebody_else_is_told(store):
    with store.writing(NAME) as file:
        pq.write_table(pa.table({"a": [1]}), file)
    with pytest.raises(HilumError, match="was not written by a job of hilum predict"):
        read_record(store, NAME)


def test_damaged_rows_are_told(store):
    written(store, ROWS)
    data = bytearray(store.read(NAME))
    data[4:200] = bytes(196)
    store.write(NAME, bytes(data))
    with pytest.raises(HilumError, match=f"out/{NAME} is damaged"):
        list(read_unreadable(store, NAME))
