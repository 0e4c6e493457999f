import hashlib
import stat
import subprocess
import sys

import pytest

from hilum.errors import HilumError
from hilum.slices import pseudonyms
from hilum.slices.pseudonyms import hashed, pseudonym, salt
from hilum.storage import cache_folder, clear_cache


def test_equal_texts_have_equal_pseudonyms_and_others_others():
    assert pseudonym("patient", "1") == pseudonym("patient", "1")
    found = {pseudonym(*parts) for parts in [("1",), ("2",), ("", "1"), ("1", ""), ("ab", "c"), ("a", "bc"), ("abc",)]}
    assert len(found) == 7
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in found)


def test_pseudonyms_are_blake2b_with_the_salt_as_its_key():
    data = (1).to_bytes(8, "big") + b"x"
    assert hashed(b"k" * 32, "x") == hashlib.blake2b(data, key=b"k" * 32, digest_size=8).hexdigest()


def test_the_salt_is_random_and_kept_for_its_owner_only():
    first = salt()
    path = cache_folder() / "salt"
    assert path.read_bytes() == first
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    clear_cache()
    assert salt() == first
    assert [path.name for path in cache_folder().iterdir()] == ["salt"]


def test_another_process_has_the_same_pseudonyms_and_another_user_has_not(monkeypatch, tmp_path):
    code = "from hilum.slices.pseudonyms import pseudonym; print(pseudonym('patient'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pseudonym("patient")
    before = pseudonym("patient")
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "another"))
    assert pseudonym("patient") != before


def test_a_salt_made_meanwhile_stays():
    path = cache_folder() / "salt"
    path.parent.mkdir(parents=True)
    pseudonyms._make(path)
    first = path.read_bytes()
    pseudonyms._make(path)
    assert path.read_bytes() == first == salt()
    assert [path.name for path in cache_folder().iterdir()] == ["salt"]


def test_a_damaged_salt_is_told():
    path = cache_folder() / "salt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"short")
    with pytest.raises(HilumError, match="damaged"):
        salt()


def test_a_cache_that_cannot_hold_it_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "file"))
    with pytest.raises(HilumError, match="HILUM_CACHE"):
        salt()
