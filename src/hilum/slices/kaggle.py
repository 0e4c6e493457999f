"""The public chest CT set on Kaggle: fetched on request, and a copy checked file by file."""

import contextlib
import logging
import os
import sys
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hilum.errors import HilumError, MissingExtra
from hilum.progress import Advance
from hilum.slices.labels import listed
from hilum.storage import offline, sha256_of_file

if TYPE_CHECKING:
    from hilum.slices.table import SliceTable

DATASET = "mohamedhanyyy/chest-ctscan-images"
VERSION = 1  # the one the manifest describes; naming it lets a cached copy be found without a connection
SPLITS: Mapping[str, int] = {"train": 613, "valid": 72, "test": 315}  # number of files
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two parts of an answer
REMEDY = (
    "Run `hilum fetch` on a connected machine, copy the folder that it names to this one, "
    "and check the copy with `hilum fetch --check FOLDER`."
)
NAMED = 10  # files of a kind that a message names

_MANIFEST = Path(__file__).with_name("chest-ctscan.sha256")


@dataclass(frozen=True)
class Check:
    """How a copy of the set compares with the manifest.

    Attributes:
        folder: The folder that holds train, valid and test.
        counts: Files found, by split.
        missing: Files of the manifest that are not there. These paths, like those below, are relative to `folder`, with
            forward slashes, and sorted.
        altered: Files whose content differs from the manifest.
        extra: Files in the splits that are not in the manifest.
    """

    folder: Path
    counts: Mapping[str, int]
    missing: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the copy is complete, unaltered and without extra files."""
        return not (self.missing or self.altered or self.extra)

    def describe(self) -> str:
        """A few sentences on what was found, which name up to ten files of each kind."""
        if self.ok:
            counts = ", ".join(f"{count} {split}" for split, count in self.counts.items())
            return f"{self.folder} is complete and unaltered: {counts} files, each with the expected SHA-256."
        counts = ", ".join(f"{self.counts[split]} of {count} {split}" for split, count in SPLITS.items())
        kinds = {"Missing": self.missing, "Altered": self.altered, "Not part of the set": self.extra}
        found = [f"{self.folder} differs from {DATASET}: it holds {counts} files."]
        for kind, names in kinds.items():
            if names:
                found.append(f"{kind} ({len(names)}): {listed(names, NAMED)}.")
        return " ".join(found)


def manifest() -> dict[str, str]:
    """The SHA-256 of each of the 1,000 files, by path below the folder that holds the splits."""
    lines = _MANIFEST.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def is_public_set(table: "SliceTable") -> bool:
    """Whether a table holds exactly the files of the set, each in its own split."""
    expected = Counter((name.partition("/")[0], digest) for name, digest in manifest().items())
    return Counter((row.split, row.facts.content) for row in table.rows) == expected


def check(folder: Path, advance: Advance = lambda: None) -> Check:
    """Compares a copy of the set with the manifest, by content.

    Args:
        folder: The folder that holds train, valid and test, or the one around Kaggle's `Data`.
        advance: Called once for each of the manifest's 1,000 files, from the calling thread.

    Returns:
        What is missing, altered or extra.

    Raises:
        HilumError: The folder holds none of the splits, or something in it cannot be read.
    """
    expected = manifest()
    altered = []
    try:
        folder = _around_splits(folder)
        found = {split: set(_files(folder, split)) for split in SPLITS}
        names = set().union(*found.values())
        with ThreadPoolExecutor(4) as pool:
            digests = pool.map(lambda name: sha256_of_file(folder / name) if name in names else None, expected)
            for name, digest in zip(expected, digests, strict=True):
                advance()
                if digest not in (None, expected[name]):
                    altered.append(name)
    except OSError as error:
        raise HilumError(
            f"{error.filename or folder} could not be read ({error.strerror or error}). "
            "Make it readable, or remove it and copy it again."
        ) from error
    return Check(
        folder=folder,
        counts={split: len(files) for split, files in found.items()},
        missing=tuple(sorted(expected.keys() - names)),
        altered=tuple(sorted(altered)),
        extra=tuple(sorted(names - expected.keys())),
    )


def fetch(advance: Advance = lambda: None) -> Check:
    """Downloads the set from Kaggle, without credentials, and checks every file.

    kagglehub keeps it below `KAGGLEHUB_CACHE` (by default `~/.cache/kagglehub`); a copy that is already there
    is checked without a connection. Its progress and messages go to stderr.

    Args:
        advance: Called once for each of the manifest's files while they are checked.

    Returns:
        A check that found the set complete; its folder is the one to use.

    Raises:
        HilumError: `HILUM_OFFLINE` forbids the connection, there is none, the download could not be stored,
            or what came is not the expected set.
        MissingExtra: kagglehub is not installed.
    """
    if offline():
        raise HilumError(f"HILUM_OFFLINE forbids downloading {DATASET} here. {REMEDY}")
    folder = _download()
    result = check(folder, advance)
    if not result.ok:
        raise HilumError(
            f"{result.describe()} Delete {folder} and fetch again; if it differs again, Kaggle's set has changed."
        )
    return result


def _around_splits(folder: Path) -> Path:
    """The folder itself or the `Data` in it, whichever holds more of the splits."""

    def held(place: Path) -> int:
        return sum((place / split).is_dir() for split in SPLITS)

    best = max(folder, folder / "Data", key=held)
    if not held(best):
        raise HilumError(
            f"{folder} is not a copy of {DATASET}: neither it nor a folder Data in it holds train, valid and "
            "test. Name the folder that does."
        )
    return best


def _files(folder: Path, split: str) -> Iterator[str]:
    """Paths of the files of a split, below `folder` and with `/`."""

    def stop(error: OSError) -> None:
        raise error

    if (folder / split).is_dir():
        for place, _, names in os.walk(folder / split, onerror=stop, followlinks=True):
            for name in names:
                yield (Path(place) / name).relative_to(folder).as_posix()


def _download() -> Path:
    """Has kagglehub download the set, or find it in its cache, and returns the folder.

    kagglehub 1.0.2 sends no telemetry: its version check only reads a header of Kaggle's answers, and its log
    file is off unless `KAGGLE_LOGGING_ENABLED` asks for it.
    """
    try:
        import requests
        from kagglehub import config, dataset_download, exceptions
    except ImportError as error:
        raise MissingExtra("kagglehub") from error

    cache = Path(config.get_cache_folder(), "datasets", *DATASET.split("/"))
    try:
        for handler in logging.getLogger("kagglehub").handlers:
            if type(handler) is logging.StreamHandler:
                handler.stream = sys.stderr  # stdout belongs to a command's own output
        with contextlib.redirect_stdout(sys.stderr), _timeouts(requests.adapters.HTTPAdapter):
            return Path(dataset_download(f"{DATASET}/versions/{VERSION}"))
    except requests.RequestException as error:
        answer = error.response
        reason = type(error).__name__ if answer is None else f"HTTP status {answer.status_code}"
        raise HilumError(f"{DATASET} could not be downloaded from Kaggle ({reason}). {REMEDY}") from error
    except OSError as error:
        raise HilumError(
            f"{DATASET} could not be stored in {cache} ({error}). "
            "Make room there, or set KAGGLEHUB_CACHE to a writable folder."
        ) from error
    except (exceptions.BackendError, exceptions.CredentialError, exceptions.KaggleEnvironmentError) as error:
        # A notebook on Kaggle has sets mounted instead of downloading them.
        raise HilumError(f"Kaggle did not attach {DATASET} ({error}). Add it as an input by hand.") from error
    except (
        exceptions.DataCorruptionError,
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        ValueError,  # raised for anything but an archive, such as the login page of a guest network
    ) as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise HilumError(
            f"{DATASET} did not arrive whole ({reason}). Delete {cache} and fetch again; a network that asks "
            "for a login must be logged into first."
        ) from error


@contextlib.contextmanager
def _timeouts(adapter: Any) -> Iterator[None]:  # noqa: ANN401
    """Sets `TIMEOUT` for requests without a timeout: Kaggle's client sets none, and a firewall may never answer.

    Args:
        adapter: requests' `HTTPAdapter`, through which all requests of kagglehub go.
    """
    send = adapter.send

    def send_in_time(self: Any, request: Any, **options: Any) -> Any:  # noqa: ANN401
        return send(self, request, **{**options, "timeout": options.get("timeout") or TIMEOUT})

    adapter.send = send_in_time
    try:
        yield
    finally:
        adapter.send = send
