"""Where a job may be."""

import sys

import pytest
from helpers.jobs import settings

from hilum.cluster.job import Job
from hilum.cluster.store import open_store
from hilum.errors import HilumError, MissingExtra


def test_a_new_folder_an_empty_one_and_a_job_are_places(tmp_path):
    assert open_store(str(tmp_path / "new" / "out")).names("") == []
    assert not (tmp_path / "new").exists()
    Job(open_store(str(tmp_path)), settings())
    assert open_store(str(tmp_path)).names("") == ["job.json"]


def test_what_a_killed_run_left_before_it_began_is_no_content(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / ".aside-0123456789abcdef").write_bytes(b"{")
    Job(open_store(str(tmp_path)), settings())
    assert open_store(str(tmp_path)).names("") == ["job.json"]


def test_a_file_is_no_place(tmp_path):
    (tmp_path / "rows.json").touch()
    with pytest.raises(HilumError, match=r"rows\.json is a file\. Give --out the name of a folder"):
        open_store(str(tmp_path / "rows.json"))
    with pytest.raises(HilumError, match="cannot be"):
        open_store(str(tmp_path / "rows.json" / "below"))
    with pytest.raises(HilumError, match="cannot be used"):
        open_store("a\0b")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("sftp://host/out", r"sftp://host/out cannot be written by hilum"),
        ("gs://mine/out", r"or an address such as s3://bucket/job"),
        ("file:///out", r"Give --out a folder"),
        ("s3://", r"names no bucket"),
        ("s3:///out", r"names no bucket"),
    ],
)
def test_addresses_of_other_kinds_are_told(address, message):
    with pytest.raises(HilumError, match=message):
        open_store(address)


@pytest.mark.parametrize("package", ["fsspec", "s3fs"])
def test_without_the_packages_of_buckets_the_extra_is_named(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"needs the package {package}.*\[ray\]"):
        open_store("s3://mine/out")
