"""What a server is started with: what it serves, to whom, and how much of it at a time."""

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
    """How much is taken at a time; beyond, a request is refused.

    Attributes:
        files: Of a request.
        bytes: Of a request's body.
        pixels: Of a picture.
        slices: Of a request, the frames of all its files together.
        held: Bytes of the bodies of all requests together.
        in_flight: Requests that are worked on at a time.
        seconds: For decoding a picture, or eight frames of a file with several.
        whole: Seconds for decoding all frames of one file; what the model takes meanwhile is not counted.
        least: Bytes of a body that must come every `stalled` seconds until it ends.
        stalled: Seconds in which `least` bytes must come.
        upload: Seconds for a whole body, and for handing over a piece of an answer.
        head: Seconds for a request's headers.
    """

    files: int = 256
    bytes: int = 512 * 2**20
    pixels: int = MAX_PIXELS
    slices: int = 5_000
    held: int = 2**30
    in_flight: int = 64
    seconds: float = 60
    whole: float = 600
    least: int = 2**16
    stalled: float = 10
    upload: float = 300
    head: float = 10


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Attributes:
        host: The address that the server listens at.
        token: What a request has to bring, or None.
    """

    host: str = LOOPBACK
    token: bytes | None = None

    def names(self, host: str) -> bool:
        """Whether a `Host` header (without its port) names this server.

        A page of someone else's that had its own name lead here (DNS rebinding) would still send that name. A bare
        address cannot be such a name.
        """
        host = host.lower().removesuffix(".")
        if host in _LOOPBACK_NAMES or host == self.host.lower():
            return True
        if is_loopback(self.host):
            return False
        return is_address(host) or host == socket.gethostname().lower()


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    Attributes:
        caps: How much it takes at a time.
        access: Who may ask.
        workers: Processes that decode.
        wait: Seconds that a slice waits for others that are on their way, to be read with them.
        model: The model's folder or file, or None.
        weights: Folder with files `<tag>.safetensors`, for maps by gradients, or None.
        runs: The folder of runs, or None.
        slices: The folder of the slices that runs and the model name, or None.
    """

    caps: Caps = field(default_factory=Caps)
    access: Access = field(default_factory=Access)
    workers: int = field(default_factory=lambda: min(4, os.cpu_count() or 1))
    wait: float = 0.1
    model: Path | None = None
    weights: Path | None = None
    runs: Path | None = None
    slices: Path | None = None


def access_for(host: str, token_file: Path | None) -> Access:
    """Who may ask at an address: anyone on this machine, or whoever has the token.

    Raises:
        HilumError: The address can be reached from elsewhere and there is no token, or the token's file is no good.
    """
    if token_file is None:
        if not is_loopback(host):
            raise HilumError(
                f"Others can reach {host}, so a token is needed. Give --token-file with a file that holds at least "
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
