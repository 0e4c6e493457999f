"""Settings of a server: what it serves, who has access, and the limits of a request."""

import os
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from hilum.errors import HilumError
from hilum.slices.read import MAX_PIXELS

LOOPBACK = "127.0.0.1"
SHORTEST_TOKEN = 16  # characters
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Caps:
    """Limits of a request. A request that exceeds one is refused.

    Attributes:
        files: Number of files.
        bytes: Bytes of the body.
        pixels: Pixels of a picture.
        n_slices: Number of slices, which are the frames of all files.
        total_bytes: Bytes of the bodies of all requests together.
        in_flight: Number of requests that are processed at a time.
        chunk_seconds: Seconds to decode a picture, or eight frames of a multi-frame file.
        file_seconds: Seconds to decode all frames of a file, without the time that the model takes.
        stall_bytes: Minimum number of bytes of a body in `stall_seconds`.
        stall_seconds: Seconds in which `stall_bytes` must arrive.
        upload_seconds: Seconds to receive a body, or to send a piece of an answer.
        head_seconds: Seconds to receive the headers.
    """

    files: int = 256
    bytes: int = 512 * 2**20
    pixels: int = MAX_PIXELS
    n_slices: int = 5_000
    total_bytes: int = 2**30
    in_flight: int = 64
    chunk_seconds: float = 60
    file_seconds: float = 600
    stall_bytes: int = 2**16
    stall_seconds: float = 10
    upload_seconds: float = 300
    head_seconds: float = 10


@dataclass(frozen=True)
class Access:
    """Who has access.

    Attributes:
        host: Address that the server listens at.
        token: Token that requests must send, or None.
    """

    host: str = LOOPBACK
    token: bytes | None = None

    def names(self, host: str) -> bool:
        """Whether a `Host` header (without its port) names this server.

        In a DNS rebinding attack, the name of another site resolves to this machine, and the browser still sends that
        name. An IP address cannot be used that way.
        """
        host = host.lower().removesuffix(".")
        if host in _LOOPBACK_NAMES or host == self.host.lower():
            return True
        if is_loopback(self.host):
            return False
        return is_address(host) or host == socket.gethostname().lower()


@dataclass(frozen=True)
class Settings:
    """Settings of a server.

    Attributes:
        caps: Limits of a request.
        access: Who has access.
        workers: Number of decoding processes.
        wait: Maximum seconds that a slice waits for others of its batch.
        model: Model folder or file, or None.
        weights: Folder of `<tag>.safetensors` files for gradient maps, or None.
        runs: Folder of runs, or None.
        slices_folder: Folder of the slices that the runs and the model refer to, or None.
    """

    caps: Caps = field(default_factory=Caps)
    access: Access = field(default_factory=Access)
    workers: int = field(default_factory=lambda: min(4, os.cpu_count() or 1))
    wait: float = 0.1
    model: Path | None = None
    weights: Path | None = None
    runs: Path | None = None
    slices_folder: Path | None = None


def access_for(host: str, token_file: Path | None) -> Access:
    """Access at an address: for everyone on this machine, or for everyone with the token.

    Raises:
        HilumError: Other machines can reach the address and there is no token, or the token file is invalid.
    """
    if token_file is None:
        if not is_loopback(host):
            raise HilumError(
                f"Other machines can reach {host}, so a token is needed. Give --token-file with a token of at least "
                f"{SHORTEST_TOKEN} characters, or leave out --host."
            )
        return Access(host)
    try:
        with token_file.open("rb") as file:
            token = file.read(4096).strip()
    except OSError as error:
        raise HilumError(f"The token file {token_file} cannot be read ({error.strerror}).") from error
    if len(token) < SHORTEST_TOKEN or not all(0x21 <= byte <= 0x7E for byte in token):
        raise HilumError(
            f"The token in {token_file} must be one line of at least {SHORTEST_TOKEN} letters, digits and signs "
            "without spaces."
        )
    return Access(host, token)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    return host.lower() == "localhost" or (is_address(host) and ip_address(host).is_loopback)


def is_address(host: str) -> bool:
    """Whether a host is an IP address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
