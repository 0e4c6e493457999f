import shutil

import pytest


@pytest.fixture
def used_cache(compared, shared_cache, tmp_path, monkeypatch):
    """The cache as the comparison left it, a copy of one's own."""
    shutil.copytree(shared_cache, tmp_path / "used-cache")
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "used-cache"))
