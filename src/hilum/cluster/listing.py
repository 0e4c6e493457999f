"""The inputs of a job: what its arguments name, on disks and in buckets, as any machine can open it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, chdir
from typing import BinaryIO

from hilum.cluster.buckets import in_bucket, objects
from hilum.cluster.parts import Listed
from hilum.errors import HilumError
from hilum.predict.inputs import Input, input_files
from hilum.slices.pseudonyms import hashed


def listed(arguments: Iterable[str], stdin: BinaryIO, *, folder: str, salt: bytes | None = None) -> Iterator[Listed]:
    """The inputs that arguments name, one at a time, in the order of `hilum predict`.

    While they are listed, `folder` is the working folder of the process.

    Args:
        arguments: Arguments for `hilum.predict.inputs.input_files`, and addresses in buckets, which lists may name too.
        stdin: Stream from which `-` reads paths.
        folder: Working folder of the command, from which relative paths are read.
        salt: Salt of the pseudonyms that rows hold instead of paths; None keeps the paths.

    Raises:
        HilumError: The folder or a bucket cannot be reached.
    """
    with ExitStack() as there:
        try:
            there.enter_context(chdir(folder))
        except OSError as error:
            raise HilumError(
                f"The working folder {folder} cannot be entered ({error.strerror}). Start the job in a folder that "
                "this machine has."
            ) from error
        for source in inputs_of(arguments, stdin):
            path = source.path if in_bucket(source.path) else os.path.join(folder, source.path)  # noqa: PTH118
            yield Listed(path, source.name if salt is None else hashed(salt, _whole(path)), source.reason)


def inputs_of(arguments: Iterable[str], stdin: BinaryIO) -> Iterator[Input]:
    """The inputs that arguments name, as `hilum.predict.inputs.input_files` gives them, those in buckets included.

    Raises:
        HilumError: A bucket cannot be reached.
    """
    for argument in arguments:
        if in_bucket(argument):
            yield from objects(argument)
            continue
        for source in input_files([argument], stdin):
            if in_bucket(source.path):  # a line of a list
                yield from objects(source.path)
            else:
                yield source


def _whole(path: str) -> str:
    return path if in_bucket(path) else os.path.abspath(path)  # noqa: PTH100 - resolve would touch the disk for each
