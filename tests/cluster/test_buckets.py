"""Slices in buckets, on a server of this machine that speaks S3."""

import io
from pathlib import Path

import pytest
from helpers.dicoms import chest, dataset, written
from helpers.malformed import MALFORMED

from hilum.cluster import buckets
from hilum.cluster.buckets import content
from hilum.cluster.listing import inputs_of, listed
from hilum.cluster.parts import Listed, Part, PartSettings, read_part
from hilum.errors import HilumError
from hilum.predict.inputs import check_named
from hilum.slices import frames, pool
from hilum.slices.pool import UNREACHED
from hilum.slices.read import MAX_BYTES, UnreadableSlice
from hilum.trust.abstention import Limits

pytestmark = pytest.mark.slow
NAMES = ("b/2.png", "b/1.png", "b/c/3.png", "a.png", "z.dcm", ".hidden.png", "b/.git/4.png", "b/Thumbs.db", "b0/5.png",
         "odd[1].png", "marked/", "marked/6.png")  # fmt: skip
SETTINGS = PartSettings(8, "bilinear", False, "auto", Limits(0.5, 1.0), b"salt")


@pytest.fixture
def archive(bucket):
    """Puts objects into a bucket of one test: `archive({"a/b.png": b"..."})`."""
    import boto3
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    there = boto3.resource("s3").create_bucket(Bucket="archive")

    def put(objects):
        for key, data in objects.items():
            there.put_object(Key=key, Body=data)

    yield put
    s3fs.S3FileSystem.clear_instance_cache()
    there.objects.delete()
    there.delete()


def names(*arguments, **options):
    return [(one.name, one.reason) for one in listed(arguments, io.BytesIO(), folder=str(Path.cwd()), **options)]


def found(*keys):
    return [(f"s3://archive/scans/{key}", None) for key in keys]


def test_a_bucket_is_walked_as_a_folder_is(archive, tmp_path):
    archive({f"scans/{name}": b"x" for name in NAMES})
    everything = found("a.png", "odd[1].png", "z.dcm", "b/1.png", "b/2.png", "b/c/3.png", "b0/5.png", "marked/6.png")
    assert names("s3://archive/scans") == names("s3://archive/scans/") == names("s3://archive") == everything
    assert names("s3://archive/scans/b") == found("b/1.png", "b/2.png", "b/c/3.png")
    assert names("s3://archive/scans/a.png", "s3://archive/scans/odd[1].png") == found("a.png", "odd[1].png")
    assert names("s3://archive/scans/**/*.png") == [one for one in everything if one[0].endswith(".png")]
    assert names("s3://archive/*/b*/[12].png") == found("b/1.png", "b/2.png")
    (tmp_path / "list.txt").write_text("s3://archive/scans/z.dcm\n")
    assert names(str(tmp_path / "list.txt")) == found("z.dcm")
    ((name, _),) = names("s3://archive/scans/z.dcm", salt=b"salt")
    assert len(name) == 16


def test_what_hilum_wrote_into_a_bucket_is_left_out(archive):
    archive({
        "scans/a.png": b"x", "scans/other/job.json": b"{}",
        "scans/job/job.json": b'{\n "schema": "hilum.job/1",\n', "scans/job/rows/000000.parquet": b"x",
    })  # fmt: skip
    assert names("s3://archive/scans") == found("a.png", "other/job.json")
    assert names("s3://archive/scans/**/*.parquet")[0][1] == "no object matches this pattern"


def test_what_is_not_there_has_a_row(archive):
    archive({"scans/a.png": b"x"})
    assert names("s3://archive/none.png") == [("s3://archive/none.png", "there is no such object in the bucket")]
    assert names("s3://other/none") == [("s3://other/none", "there is no such object in the bucket")]
    assert names("s3://archive/none/*.png")[0][1] == "no object matches this pattern"
    assert names("s3://")[0][1] == "the address names no bucket"
    with pytest.raises(
        HilumError, match=r"There is nothing to predict: s3://archive/none\.png: there is no such object"
    ):
        check_named(["s3://archive/none.png"], inputs_of)
    check_named(["s3://archive/none.png", "s3://archive/scans"], inputs_of)


def test_objects_are_read_as_files_are(archive, tmp_path):
    scan = written(dataset(*(chest(seed, 24, 32) for seed in range(40)), series="1.2"))
    objects = {"scan.dcm": scan, **MALFORMED}
    archive(objects)
    for name, data in objects.items():
        (tmp_path / name).write_bytes(data)

    def read(place):
        part, pieces = Part(0, 0, tuple(Listed(f"{place}/{name}", name) for name in objects)), []
        while part is not None:
            one = read_part(part, SETTINGS)
            pieces, part = [*pieces, *one.found], one.rest
        return [(piece.path, getattr(piece, "number", None), getattr(piece, "reason", None)) for piece in pieces]

    assert read("s3://archive") == read(tmp_path)
    assert read("s3://archive")[39][1] == 40


def test_large_objects_are_not_read(archive, monkeypatch):
    archive({"text": b"x" * 3000, "scan.dcm": written(dataset(chest()))})
    monkeypatch.setattr(buckets, "MAX_BYTES", 2000)
    asked = []
    monkeypatch.setattr(buckets, "check_bytes", asked.append)
    content("s3://archive/text")
    assert asked == [3000]
    assert content("s3://archive/scan.dcm") == content("s3://archive/scan.dcm")
    assert asked == [3000]  # DICOM files may be larger
    monkeypatch.setattr(frames, "MAX_DICOM_BYTES", 2500)
    with pytest.raises(UnreadableSlice, match="MB, more than"):
        content("s3://archive/text")
    assert MAX_BYTES > 2000


def test_a_server_that_is_not_there(archive, monkeypatch):
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    (row,) = read_part(Part(0, 0, (Listed("s3://archive/a.png", "a.png"),)), SETTINGS).found
    assert row.reason == UNREACHED
    assert pool.may_be_read_later(row.reason)
    with pytest.raises(HilumError, match="s3://archive cannot be listed"):
        names("s3://archive")


def test_a_folder_without_a_name_is_told(archive):
    archive({"empty/a.png": b"x", "empty//b.png": b"x"})
    assert names("s3://archive/empty") == [
        ("s3://archive/empty//", "a folder without a name is not read"),
        ("s3://archive/empty/a.png", None),
    ]


def test_a_missing_object_stays_missing(archive):
    with pytest.raises(UnreadableSlice, match="no such object"):
        content("s3://archive/none.png")
    with pytest.raises(UnreadableSlice, match="no such object"):
        content("s3://none/none.png")
