import dataclasses
import io
import os
import shutil
import socket
import sys
import threading
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hilum.errors import HilumError, MissingExtra
from hilum.slices import kaggle

EXTRA = "train/normal/one more.png"


@pytest.fixture
def copy(chest_ctscan, tmp_path):
    """The real set as links, below Kaggle's outer folder, which a test may change."""
    root = tmp_path / "copy"
    for name in kaggle.manifest():
        link = root / "Data" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(chest_ctscan / name)
    return root


def test_the_manifest_lists_every_file_of_every_split_once():
    manifest = kaggle.manifest()
    assert Counter(name.split("/")[0] for name in manifest) == dict(kaggle.SPLITS)
    assert list(manifest) == sorted(manifest)
    assert all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in manifest.values())
    assert len(set(manifest.values())) == 847  # distinct contents, counted in the set's README by MD5


def _table_of(phantom):
    """A table as the whole set would be read, whatever its pictures show."""
    names = kaggle.manifest()
    row = phantom.rows[0]

    def named(name, digest):
        facts = dataclasses.replace(row.facts, content=digest)
        return dataclasses.replace(row, path=name, split=name.split("/")[0], facts=facts)

    rows = [named(name, digest) for name, digest in names.items()]
    return dataclasses.replace(phantom, rows=tuple(rows))


def test_a_table_is_the_public_set_by_every_file_and_its_split(phantom_table):
    whole = _table_of(phantom_table)
    assert kaggle.is_public_set(whole)
    assert not kaggle.is_public_set(phantom_table)
    assert not kaggle.is_public_set(dataclasses.replace(whole, rows=whole.rows[1:]))
    assert not kaggle.is_public_set(dataclasses.replace(whole, rows=(*whole.rows, whole.rows[0])))
    moved = dataclasses.replace(whole.rows[0], split="train")
    assert not kaggle.is_public_set(dataclasses.replace(whole, rows=(moved, *whole.rows[1:])))


def test_the_real_set_is_complete(chest_ctscan):
    steps = []
    result = kaggle.check(chest_ctscan, lambda: steps.append(threading.current_thread()))
    assert result.ok
    assert result.folder == chest_ctscan
    assert result.counts == {"train": 613, "valid": 72, "test": 315}
    assert steps == [threading.current_thread()] * 1000
    assert "613 train, 72 valid, 315 test" in result.describe()


def test_a_changed_copy_is_described_by_name(copy):
    gone, changed = "train/normal/10 (2) - Copy.png", "test/adenocarcinoma/000108 (3).png"
    (copy / "Data" / gone).unlink()
    (copy / "Data" / changed).unlink()
    (copy / "Data" / changed).write_bytes(b"another picture")
    (copy / "Data" / EXTRA).write_bytes(b"a new picture")
    (copy / "Data" / "notes.txt").write_text("beside the splits, so no matter")

    result = kaggle.check(copy)

    assert not result.ok
    assert result.folder == copy / "Data"
    assert result.counts == {"train": 613, "valid": 72, "test": 315}
    assert (result.missing, result.altered, result.extra) == ((gone,), (changed,), (EXTRA,))
    assert all(name in result.describe() for name in (gone, changed, EXTRA))
    assert kaggle.check(copy / "Data") == result


def test_ten_files_of_a_kind_are_named_and_the_rest_counted(tmp_path):
    first, *others = kaggle.manifest()
    (tmp_path / first).parent.mkdir(parents=True)
    (tmp_path / first).write_bytes(b"")
    steps = []

    result = kaggle.check(tmp_path, lambda: steps.append(1))

    assert result.counts == {"train": 0, "valid": 0, "test": 1}
    assert result.altered == (first,)
    assert result.missing == tuple(others)
    text = result.describe()
    assert others[9] in text
    assert f"{others[10]}," not in text
    assert "and 989 more." in text
    assert f"Altered (1): {first}." in text
    assert len(steps) == 1000


@pytest.mark.parametrize("folder", ["empty", "absent"])
def test_a_folder_without_splits_is_refused(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(HilumError, match="train, valid and test"):
        kaggle.check(tmp_path / folder)


def test_what_cannot_be_read_is_named(tmp_path):
    broken = tmp_path / next(iter(kaggle.manifest()))
    broken.parent.mkdir(parents=True)
    broken.symlink_to(tmp_path / "nowhere")
    with pytest.raises(HilumError) as caught:
        kaggle.check(tmp_path)
    assert str(broken) in str(caught.value)


@pytest.fixture
def clean_environment(monkeypatch, tmp_path):
    """kagglehub without credentials, settings or a cache from outside the test."""
    for name in os.environ:
        if name.upper().endswith("_PROXY") or name.startswith(("KAGGLE", "HILUM_OFFLINE", "TBE_RUNTIME")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))


def test_offline_forbids_the_connection_before_kagglehub_is_imported(clean_environment, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    monkeypatch.setitem(sys.modules, "kagglehub", None)  # importing it would fail
    with pytest.raises(HilumError, match=r"HILUM_OFFLINE.*hilum fetch --check") as caught:
        kaggle.fetch()
    assert not isinstance(caught.value, MissingExtra)


def test_without_kagglehub_the_extra_is_named(clean_environment, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(MissingExtra, match=r"kagglehub.*\.whl\[train\]"):
        kaggle.fetch()


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9"])
def test_without_a_network_the_message_says_what_to_do(clean_environment, monkeypatch, proxy):
    pytest.importorskip("kagglehub")

    def no_name_service(*_, **__):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    else:
        monkeypatch.setattr(socket, "getaddrinfo", no_name_service)
    with pytest.raises(HilumError, match=r"could not be downloaded.*hilum fetch --check FOLDER") as caught:
        kaggle.fetch()
    assert "\n" not in str(caught.value)


class Kaggle(ThreadingHTTPServer):
    """What kagglehub meets as Kaggle: a redirect to an archive, then the archive.

    Attributes:
        archive: The file to hand out.
        status: Of the first answer; 0 means never to answer.
        requests: Method and path of each request, in order.
    """

    daemon_threads = True
    archive: Path
    status = 302

    def __init__(self):
        self.requests = []
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.requests.append(f"POST {self.path}")
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 0:
            self.server.closing.wait(20)
            return
        self.send_response(self.server.status)
        self.send_header("Location", "http://localhost/archive.zip")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.server.requests.append(f"GET {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.archive.stat().st_size))
        self.end_headers()
        with self.server.archive.open("rb") as file:
            shutil.copyfileobj(file, self.wfile)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(clean_environment, monkeypatch, tmp_path):
    """A local server that kagglehub takes for Kaggle.

    Kaggle's setting for development has it talk plain HTTP to localhost; a proxy sends that to a free port.
    """
    pytest.importorskip("kagglehub")
    with Kaggle() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
        server.archive = tmp_path / "archive.zip"
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()
    shutil.rmtree(tmp_path)  # the real set is large, and pytest keeps the folders of three runs


def _archive(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, source in files.items():
            if isinstance(source, bytes):
                archive.writestr(name, source)
            else:
                archive.write(source, name)


def test_a_download_that_is_not_the_set_is_described_by_name(server, tmp_path, capsys):
    first, second, *_ = kaggle.manifest()
    _archive(server.archive, {f"Data/{first}": b"another picture", f"Data/{EXTRA}": b"a new picture"})

    with pytest.raises(HilumError) as caught:
        kaggle.fetch()

    message = str(caught.value)
    assert f"Missing (999): {second}, " in message
    assert f"Altered (1): {first}." in message
    assert f"Not part of the set (1): {EXTRA}." in message
    assert f"Delete {tmp_path / 'cache'}" in message
    assert [request.rsplit("/", 1)[1] for request in server.requests] == ["DownloadDataset", "archive.zip"]
    assert (tmp_path / "cache/datasets/mohamedhanyyy/chest-ctscan-images/versions/1/Data" / first).exists()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Downloading" in printed.err
    assert "100%" in printed.err


def test_the_real_set_is_downloaded_once_and_passes(server, chest_ctscan, tmp_path):
    _archive(server.archive, {f"Data/{name}": chest_ctscan / name for name in kaggle.manifest()})
    result = kaggle.fetch()
    assert result.ok
    assert result.folder.is_relative_to(tmp_path / "cache")
    server.requests.clear()
    assert kaggle.fetch() == result
    assert server.requests == []
    assert kaggle.check(result.folder.parent) == result


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_is_told_with_its_status(server, status):
    server.status = status
    with pytest.raises(HilumError, match=rf"HTTP status {status}.*hilum fetch --check"):
        kaggle.fetch()


def test_a_server_that_never_answers_is_given_up(server, monkeypatch):
    monkeypatch.setattr(kaggle, "TIMEOUT", (5.0, 0.1))
    server.status = 0
    with pytest.raises(HilumError, match="ReadTimeout"):
        kaggle.fetch()


def _damaged():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("Data/train/normal/a.png", b"grey" * 100)
    return whole.getvalue().replace(b"grey" * 100, b"gray" * 100)


@pytest.mark.parametrize("content", [b"<html>Please log in</html>", _damaged()], ids=["page", "damaged"])
def test_what_is_no_whole_archive_is_told(server, tmp_path, content):
    server.archive.write_bytes(content)
    with pytest.raises(HilumError, match="did not arrive whole") as caught:
        kaggle.fetch()
    assert str(tmp_path / "cache") in str(caught.value)


def test_a_cache_that_cannot_be_written_is_told(server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way of a folder")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "file"))
    with pytest.raises(HilumError, match=r"could not be stored.*KAGGLEHUB_CACHE"):
        kaggle.fetch()
