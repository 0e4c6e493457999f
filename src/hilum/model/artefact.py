"""The model folder: model.safetensors and model.json, checked against each other's digests."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.heads.questions import HeadArrays
from hilum.model.facts import CARD, LARGEST, parse_facts
from hilum.model.soundness import head_fits, is_like
from hilum.outputs import Kind, OutputFolder, write_text
from hilum.records.model import LINEAR, MODEL_SCHEMA, ModelRecord
from hilum.slices.walking import leads_out
from hilum.storage import sha256_of_file

RECORD, TENSORS, TRUST_PICTURE = "model.json", "model.safetensors", "trust.png"
MODEL = Kind("model", RECORD, MODEL_SCHEMA, frozenset({CARD}))
_DAMAGED = "The model {} is damaged: {}. Take it from its source again."


@dataclass(frozen=True)
class Tensors:
    """The arrays that a model computes with, apart from its backbone.

    Attributes:
        head: The head, on the features of its scales.
        temperature: Divisor of the logits.
        index: The last scale's features of the n training slices at unit length, float32 `[n, width]`.
    """

    head: HeadArrays
    temperature: float
    index: NDArray[np.float32]


@dataclass(frozen=True)
class Artefact:
    """A model folder that was read and found intact."""

    folder: Path
    facts: ModelRecord
    tensors: Tensors

    @property
    def digest(self) -> str:
        """SHA-256 digest of the record, which names the digest of every other file."""
        return self.facts.digest

    @property
    def bundled(self) -> Path | None:
        """The backbone's weights inside the folder, or None."""
        name = bundled_name(self.facts.backbone.tag)
        return self.folder / name if name in self.facts.files else None


def bundled_name(tag: str) -> str:
    """Name of the file in a model folder that holds a backbone's weights."""
    return f"weights/{tag}.safetensors"


def write_model(
    out: OutputFolder, record: Mapping[str, Any], tensors: Tensors, card: str, others: Mapping[str, bytes]
) -> None:
    """Writes a model folder.

    Args:
        out: An output of the kind `MODEL`.
        record: Content of model.json without `files` and `digest`, which are added.
        tensors: Arrays of the model.
        card: Text of card.md.
        others: Further files, such as bundled weights, by their names with forward slashes.

    Raises:
        HilumError: The folder cannot be written, or model.json would be too large to be read again.
    """
    from safetensors.numpy import save

    arrays = {
        **tensors.head.as_tensors(),
        "calibration.temperature": np.array([tensors.temperature], np.float64),
        "index.features": tensors.index,
    }
    files = {TENSORS: save({name: np.asarray(array, order="C") for name, array in arrays.items()}), **others}
    full = {**record, "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}}
    full["digest"] = _digest(full)
    text = json.dumps(full, indent=1, allow_nan=False)
    if len(text) > LARGEST:
        raise HilumError(
            f"The index of {len(record['index']):,} training slices is too large to be read again. Train on fewer."
        )
    with out.writing() as made:
        for name, data in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_bytes(data)
        write_text(made / CARD, card)
        write_text(made / RECORD, text)


def load_facts(folder: Path) -> ModelRecord:
    """Reads model.json and checks it by its own digest.

    Raises:
        HilumError: The folder holds no model, or a model that was altered or has a newer schema.
    """
    path = folder / RECORD
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise HilumError(f"{folder} holds no model: {RECORD} cannot be read ({error.strerror}).") from error
    facts = parse_facts(text, str(path))
    try:
        whole = facts.digest == _digest(json.loads(text))
    except (ValueError, RecursionError):  # NaN, or endless nesting
        whole = False
    if not whole:
        raise HilumError(_DAMAGED.format(folder, f"{RECORD} was altered after it was written"))
    return facts


def load_model(folder: Path) -> Artefact:
    """Reads a model folder and checks every file that its record names.

    Raises:
        HilumError: A file is missing, cut short or altered, or the tensors do not fit the record.
    """
    from safetensors.numpy import load_file

    facts = load_facts(folder)
    check_files(folder, facts)
    try:
        arrays = load_file(folder / TENSORS)
        head = HeadArrays.of_tensors(arrays)
        temperature, index = arrays["calibration.temperature"], arrays["index.features"]
        width, head_width = facts.backbone.width, facts.head.width
    except Exception as error:  # for a type that NumPy lacks, the library raises errors of several kinds
        raise HilumError(_DAMAGED.format(folder, f"{TENSORS} cannot be read")) from error
    fits = (
        head_fits(head, len(facts.classes), head_width)
        and (head.linear is not None) == (facts.head.map_method == LINEAR)
        and is_like(index, (len(facts.index), width))
        and is_like(temperature, (1,), np.float64)
    )
    if not fits or not temperature[0] > 0:
        raise HilumError(_DAMAGED.format(folder, f"{TENSORS} does not fit {RECORD}"))
    return Artefact(folder, facts, Tensors(head, float(temperature[0]), index))


def check_files(folder: Path, facts: ModelRecord) -> None:
    """Checks that every file that the record names is there and unaltered.

    Raises:
        HilumError: A file is missing or altered.
    """
    files = facts.files
    if TENSORS not in files:
        raise HilumError(_DAMAGED.format(folder, f"{RECORD} names no {TENSORS}"))
    for name, digest in files.items():
        path = folder / name
        try:
            if leads_out(path, folder):
                raise HilumError(_DAMAGED.format(folder, f"{RECORD} names a file outside the folder"))
            if not path.is_file():
                raise HilumError(_DAMAGED.format(folder, f"{name} is missing"))
            same = sha256_of_file(path) == digest
        except (OSError, ValueError) as error:  # no permission, or an impossible file name
            raise HilumError(_DAMAGED.format(folder, f"{name!r} cannot be read")) from error
        if not same:
            raise HilumError(_DAMAGED.format(folder, f"{name} is not the file that was written with it"))


def check_folder(path: Path) -> None:
    """Checks that a model is a folder, of which a file can be exported and a copy made.

    Raises:
        HilumError: It is an exported file.
    """
    if path.is_file():
        raise HilumError(f"{path} is an exported file, which holds the whole model: copy the file.")


def copy_model(folder: Path, out: OutputFolder) -> None:
    """Writes a copy of a model folder, checked again, to an open output of the kind `MODEL`.

    Raises:
        HilumError: It is an exported file, a file of the folder is missing or altered, or it cannot be written.
    """
    check_folder(folder)
    facts = load_facts(folder)
    check_files(folder, facts)
    card = [CARD] if (folder / CARD).is_file() else []
    with out.writing() as made:
        for name in (*facts.files, *card, RECORD):
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, made / name)


def _digest(record: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in record.items() if key != "digest"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, allow_nan=False).encode()).hexdigest()
