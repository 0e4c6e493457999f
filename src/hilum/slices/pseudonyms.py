"""Pseudonyms: hashes with a salt that never leaves the user's cache folder."""

import hashlib
import os
import secrets
import shutil
from functools import cache, lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from hilum.errors import HilumError
from hilum.storage import cache_folder

DIGITS = 16
_SALT_BYTES = 32


def salt() -> bytes:
    """The salt of this user on this machine: random, made once and kept as `salt` in the cache folder (mode 0600).

    Raises:
        HilumError: The salt can be neither read nor made.
    """
    return _salt(cache_folder() / "salt")


def salt_or_another() -> bytes:
    """The salt of this user; if it cannot be kept, a salt for this process."""
    try:
        return salt()
    except HilumError:
        return _salt_of_run()


def hashed(salt: bytes, *parts: str) -> str:
    """A keyed hash (BLAKE2b) of some texts, as 16 hexadecimal digits; equal texts have equal hashes."""
    hasher = hashlib.blake2b(key=salt, digest_size=DIGITS // 2)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big") + data)  # with lengths: "a", "bc" is not "ab", "c"
    return hasher.hexdigest()


def pseudonym(*parts: str) -> str:
    """A salted hash of some texts: the same in all runs of a user on a machine, and unguessable without the salt.

    Raises:
        HilumError: The salt can be neither read nor made.
    """
    return hashed(salt(), *parts)


@lru_cache(maxsize=8)
def _salt(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        found = path.read_bytes()
    except OSError as error:
        raise HilumError(
            f"The salt for pseudonyms cannot be stored in the cache {path.parent} ({error.strerror}). "
            "Set HILUM_CACHE to a writable folder."
        ) from error
    if len(found) != _SALT_BYTES:
        raise HilumError(
            f"{path} is damaged: it should hold {_SALT_BYTES} bytes. Remove it; all pseudonyms will change."
        )
    return found


@cache
def _salt_of_run() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


def _make(path: Path) -> None:
    """Writes a salt completely or not at all; if two processes do so at once, the first salt stays."""
    with NamedTemporaryFile(dir=path.parent, prefix=".salt-") as file:  # its mode is 0600
        file.write(secrets.token_bytes(_SALT_BYTES))
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            pass
        except OSError:  # the file system has no links
            shutil.copy(file.name, path)
