"""Who may ask a server: its address and its token."""

import pytest

from hilum.errors import HilumError
from hilum.serve.settings import access_for, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "LocalHost", "::1"])
def test_this_machine_alone_needs_no_token(host):
    assert is_loopback(host)
    assert access_for(host, None).token is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.9", "localhost.evil.example", "machine", ""])
def test_any_other_address_needs_one(host):
    assert not is_loopback(host)
    with pytest.raises(HilumError, match="--token-file"):
        access_for(host, None)


def test_a_token_is_read_without_its_line_feed(tmp_path):
    file = tmp_path / "token"
    file.write_text("correct-horse-battery\n")
    assert access_for("0.0.0.0", file).token == b"correct-horse-battery"
    assert access_for("127.0.0.1", file).token == b"correct-horse-battery"


@pytest.mark.parametrize("text", ["", "short", "two words that are long", "a" * 16 + "\nb", "ä" * 20, "\x00" * 20])
def test_a_token_that_is_no_good_is_refused(tmp_path, text):
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(HilumError, match="at least 16"):
        access_for("0.0.0.0", file)
    with pytest.raises(HilumError, match="cannot be read"):
        access_for("0.0.0.0", tmp_path / "nothing")
