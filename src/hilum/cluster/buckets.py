"""Slices in buckets, at addresses such as `s3://bucket/scans/1.dcm`: what there is, and its bytes."""

from collections.abc import Iterator
from typing import Any, NoReturn

from hilum.errors import HilumError, extras_named
from hilum.predict.inputs import Input
from hilum.predict.patterns import Pattern, has_wildcards, split_pattern
from hilum.slices.formats import is_dicom
from hilum.slices.frames import check_size
from hilum.slices.pool import UNREACHED
from hilum.slices.read import MAX_BYTES, UnreadableSlice, check_bytes
from hilum.slices.walking import RECORD_HEAD, RECORDS, is_record, visible

SCHEME = "s3://"
_HEAD = 1024  # bytes by which a format is known
_MISSING = "there is no such object in the bucket"
_REFUSED = "the bucket does not allow it to be read"


def in_bucket(path: str) -> bool:
    """Whether a path is an address in a bucket."""
    return path.startswith(SCHEME)


def objects(address: str) -> Iterator[Input]:
    """The objects that an address names, as `hilum.predict.inputs.input_files` gives files.

    The address is that of an object or of a folder, or a pattern with `*`, `?`, `[...]` and `**`. Folders are walked in
    the order of names, without what hilum wrote; what is in one folder is in memory together.

    Raises:
        HilumError: The bucket cannot be reached.
        MissingExtra: A package for buckets is missing.
    """
    files = s3_files()
    try:
        key, parts = address.removeprefix(SCHEME).rstrip("/"), tuple[str, ...]()
        if has_wildcards(key) and not files.exists(key):
            fixed, parts = split_pattern(key.split("/"))
            key = "/".join(fixed)
        if not key:
            yield Input(address, "the address names no bucket", missing=True)
        elif not parts and "/" in key and files.isfile(key):
            yield Input(SCHEME + key)
        else:
            none = Input(address, "no object matches this pattern" if parts else _MISSING, missing=True)
            found = _walk(files, key, parts)
            yield next(found, none)
            yield from found
    except PermissionError:
        yield Input(address, _REFUSED)
    except Exception as error:
        _unreached(address, error)


def content(address: str) -> bytes:
    """The bytes of an object.

    Raises:
        UnreadableSlice: It is missing, may not be read, or is too large; or the bucket cannot be reached, after which
            another try may succeed.
    """
    files = s3_files()
    try:
        size = files.info(address)["size"]
        check_size(size)
        if size > MAX_BYTES and not is_dicom(files.cat_file(address, end=_HEAD)):
            check_bytes(size)
        data: bytes = files.cat_file(address)
        return data
    except UnreadableSlice:
        raise
    except FileNotFoundError as error:
        raise UnreadableSlice(_MISSING) from error
    except PermissionError as error:
        raise UnreadableSlice(_REFUSED) from error
    except Exception as error:  # each layer of the network has its own
        raise UnreadableSlice(UNREACHED) from error


def s3_files(**options: Any) -> Any:  # noqa: ANN401 - s3fs has no types
    """The objects of all buckets as `s3fs.S3FileSystem`, without lists that are kept, since other machines write too.

    Raises:
        MissingExtra: A package for buckets is missing.
    """
    with extras_named():
        import fsspec
        import s3fs  # noqa: F401 - fsspec would say something else if it is missing

    return fsspec.filesystem("s3", use_listings_cache=False, **options)


def _walk(files: Any, root: str, parts: tuple[str, ...]) -> Iterator[Input]:  # noqa: ANN401
    pattern = Pattern(parts)
    stack = [(root, pattern.begin)]
    while stack:
        folder, places = stack.pop()
        try:
            entries = files.ls(folder, detail=True)
        except FileNotFoundError:
            continue
        # An object with the name of its folder only marks the folder; a folder with that name has no name in it.
        found = sorted((entry["name"].rstrip("/"), entry["type"] == "directory") for entry in entries)
        records = (path for path, _ in found if path.removeprefix(f"{folder}/") in RECORDS)
        if folder != root and any(is_record(files.cat_file(path, end=RECORD_HEAD)) for path in records):
            continue
        below = []
        for path, is_folder in found:
            name = path.rpartition("/")[2]
            after = pattern.after(places, name)
            if path == folder and is_folder:
                yield Input(f"{SCHEME}{folder}//", "a folder without a name is not read")
            if path == folder or not after or not visible(name):
                continue
            if is_folder:
                below.append((path, after))
            elif pattern.matched(after):
                yield Input(SCHEME + path)
        stack += reversed(below)


def _unreached(address: str, error: Exception) -> NoReturn:
    raise HilumError(
        f"{address} cannot be listed ({type(error).__name__}). Check the address, the network and the credentials; "
        "AWS_ENDPOINT_URL names a server other than Amazon's."
    ) from error
