"""Fixtures for tests of weights: the hub's cache, and a machine without a network."""

import socket

import huggingface_hub.constants
import pytest

from hilum.backbones import weights as places


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub's cache, which its client looks up when it is imported."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture
def cut_off(monkeypatch):
    """A machine without a network; gives the list of attempts."""
    attempts = []

    def refuse(*call, **_):
        attempts.append(call)
        raise socket.gaierror("no network here")

    for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo")):
        monkeypatch.setattr(owner, name, refuse)
    places._why_no_hub.cache_clear()
    yield attempts
    places._why_no_hub.cache_clear()
