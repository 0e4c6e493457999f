"""Names that tell things apart and give nothing away: hashes with a salt that never leaves this user's cache folder."""

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
    """The salt of this user on this machine: random, made once, kept as `salt` in the cache folder (mode 0600).

    Raises:
        HilumError: It can be neither read nor made.
    """
    return _salt(cache_folder() / "salt")


def salt_or_another() -> bytes:
    """The salt of this user; where none can be kept, one that holds within this run."""
    try:
        return salt()
    except HilumError:
        return _salt_of_run()


def hashed(salt: bytes, *parts: str) -> str:
    """A keyed hash (BLAKE2b) of some texts: equal for equal ones, 16 hexadecimal digits."""
    hasher = hashlib.blake2b(key=salt, digest_size=DIGITS // 2)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big") + data)  # so that "a", "bc" is not "ab", "c"
    return hasher.hexdigest()


def pseudonym(*parts: str) -> str:
    """A salted hash of some texts: equal over runs of one user on one machine, and not to be guessed without the salt.

    Raises:
        HilumError: As `salt` says.
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
            f"The cache {path.parent} cannot hold the salt of pseudonyms ({error.strerror}). "
            "Set HILUM_CACHE to a folder that can be written."
        ) from error
    if len(found) != _SALT_BYTES:
        raise HilumError(f"{path} is damaged: it should hold {_SALT_BYTES} bytes. Remove it; pseudonyms will change.")
    return found


@cache
def _salt_of_run() -> bytes:
    return secrets.token_bytes(_SALT_BYTES)


def _make(path: Path) -> None:
    """Writes a salt, whole or not at all; where two runs do so at once, the first one's stays."""
    with NamedTemporaryFile(dir=path.parent, prefix=".salt-") as file:  # of mode 0600
        file.write(secrets.token_bytes(_SALT_BYTES))
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            shutil.copy(file.name, path)
