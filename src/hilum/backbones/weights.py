"""Where weights come from: a folder, an installed package, the local caches, and only then the network."""

import hashlib
import os
import urllib.parse
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from hilum.backbones import lite0
from hilum.backbones.facts import Backbone
from hilum.errors import HilumError
from hilum.progress import Tracker, silent
from hilum.storage import cache_folder, offline, sha256_of_file, write_aside

Origin = Literal["folder", "package", "hub cache", "torch cache", "download cache", "hub", "random"]

_SECONDS_TO_ANSWER = 5
_CHUNK = 2**20


class NoWeights(HilumError):
    """The weights of a backbone are not available; the message says why and what to do."""


@dataclass(frozen=True)
class Weights:
    """The weights of a backbone: their origin and their file, which is None for random ones."""

    origin: Origin
    path: Path | None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file, or `random`."""
        return sha256_of_file(self.path) if self.path else "random"


RANDOM = Weights("random", None)


def weights_folder(chosen: str | Path | None) -> Path | None:
    """The folder that `--weights` or `HILUM_WEIGHTS` names, or None.

    Raises:
        HilumError: The folder does not exist.
    """
    named = chosen or os.environ.get("HILUM_WEIGHTS")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise HilumError(f"The weights folder {folder} does not exist. Give a folder with files named TAG.safetensors.")
    return folder


def local_weights(backbone: Backbone, folder: Path | None) -> Weights | None:
    """The weights of a backbone on this machine, or None; nothing is fetched."""
    if folder and (path := folder / f"{backbone.tag}.safetensors").is_file():
        return Weights("folder", path)
    if backbone.tag == "tf_efficientnet_lite0.in1k" and (packaged := lite0.packaged_file()):
        return Weights("package", packaged)
    if found := _in_hub_cache(backbone):
        return Weights("hub cache", found)
    if backbone.checkpoint:
        name = _file_name(backbone.checkpoint)
        if (path := _torch_checkpoints() / name).is_file():
            return Weights("torch cache", path)
        if (path := cache_folder() / "weights" / name).is_file():
            return Weights("download cache", path)
    return None


def obtain_weights(backbone: Backbone, folder: Path | None, track: Tracker = silent) -> Weights:
    """The weights of a backbone, from this machine or else from the network.

    Args:
        backbone: The backbone.
        folder: Folder with weights to look into first, or None.
        track: Tracker of the progress of a download.

    Raises:
        NoWeights: The weights are not on this machine and could not be fetched.
    """
    if found := local_weights(backbone, folder):
        return found
    remedy = (
        "On a connected machine run `hilum weights pull DIR`, copy DIR to this machine and give it with --weights DIR "
        "(files named TAG.safetensors)."
    )
    if backbone.tag == "tf_efficientnet_lite0.in1k":
        remedy = f"Install the package {lite0.PACKAGE}, which contains them."
    if offline():
        raise NoWeights(f"No weights on this machine, and HILUM_OFFLINE forbids fetching them. {remedy}")
    try:
        if backbone.on_hub:
            return Weights("hub", _from_hub(backbone))
        if backbone.checkpoint:
            return Weights("hub", _from_address(backbone.checkpoint, backbone.name, track))
    except OSError as error:
        raise NoWeights(f"No weights on this machine, and they could not be fetched ({error}). {remedy}") from error
    raise NoWeights(f"No weights on this machine, and timm does not say where to fetch them. {remedy}")


def describe_source(backbone: Backbone, folder: Path | None) -> str:
    """Where the weights of a backbone would come from, as text; nothing is fetched."""
    if found := local_weights(backbone, folder):
        return f"{found.origin}: {found.path}"
    if offline():
        return "nowhere: HILUM_OFFLINE forbids the hub"
    if backbone.on_hub:
        return f"hub: timm/{backbone.tag}"
    return f"hub: {backbone.checkpoint}" if backbone.checkpoint else "nowhere"


def _in_hub_cache(backbone: Backbone) -> Path | None:
    if not backbone.on_hub:
        return None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(f"timm/{backbone.tag}", "model.safetensors")
    return Path(found) if isinstance(found, str) else None


def _torch_checkpoints() -> Path:
    home = os.environ.get("TORCH_HOME")
    if not home:
        home = str(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


@cache
def _why_no_hub() -> str | None:
    """Why the hub cannot be reached, or None. It is asked once per process: its client would retry for each file."""
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=_SECONDS_TO_ANSWER)
    except Exception as error:  # the client's HTTP library changes with its version, and its errors with it
        return f"the hub does not answer: {error}"
    return None


def _from_hub(backbone: Backbone) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    if reason := _why_no_hub():
        raise OSError(reason)
    try:
        return Path(hf_hub_download(f"timm/{backbone.tag}", "model.safetensors"))
    except HfHubHTTPError as error:
        raise OSError(str(error).partition("\n")[0]) from error


def _from_address(address: str, title: str, track: Tracker) -> Path:
    """Downloads a `.pth` file into the cache and checks it: its name ends in the first digits of its SHA-256."""
    import urllib.request  # loading it takes longer than hilum's own modules

    path = cache_folder() / "weights" / _file_name(address)
    with urllib.request.urlopen(address, timeout=_SECONDS_TO_ANSWER) as answer:
        chunks = []
        total = -(-int(answer.headers.get("Content-Length") or 0) // _CHUNK)
        with track(f"downloading {title} (MB)", total) as advance:
            while chunk := answer.read(_CHUNK):
                chunks.append(chunk)
                advance()
    data = b"".join(chunks)
    if not hashlib.sha256(data).hexdigest().startswith(path.stem.rpartition("-")[2]):
        raise OSError(f"what {address} sent does not match the digest in its name")
    write_aside(path, data)
    return path


def _file_name(address: str) -> str:
    return urllib.parse.urlparse(address).path.rpartition("/")[2]
