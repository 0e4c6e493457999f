"""A bucket as the place of a job, on an S3 server of this machine."""

import socket

import pytest
from helpers.jobs import fail_after

from hilum.cluster.bucket_store import BucketStore
from hilum.cluster.earlier import earlier_job
from hilum.cluster.store import open_store
from hilum.errors import HilumError

pytestmark = pytest.mark.slow


def test_an_object_is_there_whole_or_not_at_all(prefix):
    store = open_store(prefix)
    assert store.read("job.json") is None
    assert store.names("") == store.names("rows") == []
    with store.held():
        store.write("job.json", b"settings")
        with store.writing("rows/000000.parquet") as file:
            file.write(b"rows")
            assert store.names("rows") == []
    with pytest.raises(ValueError, match="mistake"), store.writing("rows/000000.parquet") as file:
        fail_after(file.write(b"other rows"))
    assert store.read("rows/000000.parquet") == b"rows"
    assert store.names("") == ["job.json", "rows"]
    assert store.names("rows") == ["rows/000000.parquet"]
    with store.opened("rows/000000.parquet") as file:
        file.seek(2)
        assert file.read() == b"ws"
    store.remove("rows/000000.parquet")
    store.remove("rows/000000.parquet")
    assert store.names("rows") == []


def test_what_another_process_wrote_is_seen_at_once(prefix):
    one, other = BucketStore(prefix), BucketStore(prefix)
    for name in ("rows/1", "rows/2"):
        assert other.read(name) is None
        one.write(name, b"rows")
        assert other.names("rows")[-1] == name
        assert other.read(name) == b"rows"


def test_an_object_that_stands_for_the_folder_is_no_content(prefix, bucket):
    import boto3

    boto3.client("s3").put_object(Bucket="mine", Key=prefix.removeprefix("s3://mine/") + "/", Body=b"")
    assert open_store(prefix).names("") == []


def test_a_prefix_of_something_else_is_refused(prefix):
    BucketStore(prefix).write("thesis.tex", b"chapter 1")
    with pytest.raises(HilumError, match=r"holds something else, .*thesis\.tex"):
        earlier_job(open_store(prefix))


def test_a_file_that_is_missing_is_told(prefix):
    with pytest.raises(HilumError, match=r"rows/none cannot be read"), open_store(prefix).opened("rows/none") as file:
        file.read()


def test_an_absent_bucket_is_told(bucket):
    with pytest.raises(HilumError, match=r"There is no bucket absent \(s3://absent/out\)"):
        open_store("s3://absent/out")
    with pytest.raises(HilumError, match=r"cannot be reached"):
        open_store("s3://No_name of a bucket/out")


def test_a_bucket_that_is_gone_is_told(prefix):
    import boto3

    boto3.client("s3").create_bucket(Bucket="gone")
    store = open_store("s3://gone/out")
    boto3.client("s3").delete_bucket(Bucket="gone")
    with pytest.raises(HilumError, match=r"s3://gone/out cannot be written"):
        store.write("job.json", b"")
    with pytest.raises(HilumError, match=r"s3://gone/out cannot be written"), store.writing("job.json"):
        pass


def test_absent_credentials_are_told(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(HilumError, match=r"cannot be reached \(Unable to locate credentials\)"):
        open_store("s3://mine/out")


@pytest.mark.parametrize("answer", ["refused", "none", "nonsense"])
def test_an_endpoint_that_is_none_is_told(bucket, monkeypatch, answer):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if answer == "none":
            silent.listen(1)
        address = "nonsense" if answer == "nonsense" else f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        with pytest.raises(HilumError, match=r"s3://mine/out cannot be reached .*Check the address"):
            open_store("s3://mine/out")
