import pandas as pd
import pytest

from hilum.errors import HilumError
from hilum.judging import limits
from hilum.judging.parquet_file import read_parquet

FRAME = pd.DataFrame({"path": ["1.png", "2.png"], "p_a": [0.1, 0.7]})


@pytest.mark.parametrize("compression", ["snappy", "zstd", None])
def test_a_frame_comes_back_as_it_was(tmp_path, compression):
    FRAME.to_parquet(tmp_path / "p.parquet", compression=compression)
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "p.parquet"), FRAME)


def test_an_index_is_a_column(tmp_path):
    indexed = FRAME.set_index("path")
    indexed.to_parquet(tmp_path / "p.parquet")
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "p.parquet")[["path", "p_a"]], FRAME)
    indexed.rename_axis(None).to_parquet(tmp_path / "p.parquet")
    assert sorted(read_parquet(tmp_path / "p.parquet")) == ["", "p_a"]


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "p.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(HilumError, match="cannot be read as Parquet"):
        read_parquet(tmp_path / "p.parquet")


@pytest.mark.parametrize(("limit", "value", "message"), [("ROWS", 1, "more than 1 rows"), ("BYTES", 10, "GB")])
def test_rows_and_bytes_are_counted_before_they_are_read(tmp_path, monkeypatch, limit, value, message):
    FRAME.to_parquet(tmp_path / "p.parquet")
    monkeypatch.setattr(limits, f"LARGEST_{limit}", value)
    with pytest.raises(HilumError, match=message):
        read_parquet(tmp_path / "p.parquet")
