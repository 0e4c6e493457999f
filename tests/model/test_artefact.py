"""The model folder: whole or refused by name, and never written over what somebody made."""

import copy
import ctypes
import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from helpers.any_heads import any_heads
from helpers.model_records import NAME, record_for, resealed, save_model, tiny_model
from helpers.training import saved
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import MODEL, Tensors, bundled_name, load_model
from hilum.model.facts import parse_facts
from hilum.outputs import OutputFolder


def _files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_saved_is_loaded(trained, tmp_path):
    folder = saved(trained, tmp_path / "model")
    model = load_model(folder)
    arrays, wanted = ({**of.head.as_tensors(), "index": of.index} for of in (model.tensors, trained.tensors))
    assert arrays.keys() == wanted.keys()
    for name, found in arrays.items():
        np.testing.assert_array_equal(found, wanted[name])
        assert found.dtype == wanted[name].dtype
    assert model.tensors.temperature == trained.tensors.temperature
    added = {"files": model.facts.files, "digest": model.digest}
    assert model.facts.as_json() == trained.record.as_json() | added
    thumbnails = [f"thumbnails/{row.content}.png" for row in model.facts.index]
    files = {"card.md", "model.json", "model.safetensors", "predictions.parquet", "trust.png", *thumbnails}
    assert _files(folder).keys() == files
    assert model.bundled is None


def test_a_model_cut_short_at_any_byte_is_refused(tiny):
    for name in ("model.json", "model.safetensors"):
        data = (tiny / name).read_bytes()
        for length in {*range(0, len(data), 9), *range(len(data) - 20, len(data))}:
            (tiny / name).write_bytes(data[:length])
            with pytest.raises(HilumError, match=r"model\.(json|safetensors)"):
                load_model(tiny)
        (tiny / name).write_bytes(data)
    load_model(tiny)


def test_a_model_with_any_byte_altered_is_refused(tiny):
    for name in ("model.json", "model.safetensors"):
        data = bytearray((tiny / name).read_bytes())
        for place in {*range(0, len(data), 7), *range(20), *range(len(data) - 20, len(data))}:
            data[place] ^= 4  # a space becomes a dollar, a 3 a 7
            (tiny / name).write_bytes(data)
            with pytest.raises(HilumError):
                load_model(tiny)
            data[place] ^= 4
        (tiny / name).write_bytes(data)


def test_files_that_are_missing_or_others(tiny, tmp_path):
    name = bundled_name("tag")
    folder = tiny_model(tmp_path / "bundled", others={name: b"weights"})
    shutil.copytree(folder, tmp_path / "kept")
    (folder / name).write_bytes(b"Weights")
    with pytest.raises(HilumError, match=rf"damaged: {name} is not the file that was written with it"):
        load_model(folder)
    (folder / name).unlink()
    with pytest.raises(HilumError, match=f"damaged: {name} is missing"):
        load_model(folder)
    (folder / name).mkdir()
    with pytest.raises(HilumError, match=f"damaged: {name} is missing"):
        load_model(folder)
    shutil.copyfile(tiny_model(tmp_path / "other", seed=1) / "model.safetensors", tiny / "model.safetensors")
    with pytest.raises(HilumError, match=r"model\.safetensors is not the file that was written with it"):
        load_model(tiny)
    (tiny / "model.json").unlink()
    with pytest.raises(HilumError, match=r"holds no model: model\.json cannot be read \(No such file"):
        load_model(tiny)
    with pytest.raises(HilumError, match="holds no model"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "a/../../outside.txt", "link"])
def test_files_outside_the_folder_are_not_looked_at(tiny, tmp_path, name):
    (tmp_path / "outside.txt").write_text("mine")
    (tiny / "link").symlink_to(tmp_path / "outside.txt")
    resealed(tiny, lambda record: record["files"].update({name: "0" * 64}))
    with pytest.raises(HilumError, match="names a file outside the folder"):
        load_model(tiny)


@pytest.mark.parametrize("name", ["nul\0byte", "x" * 5000, "", "\ud800", "model.json/deeper"])
def test_names_that_no_file_can_have(tiny, name):
    resealed(tiny, lambda record: record["files"].update({name: "0" * 64}))
    with pytest.raises(HilumError, match="damaged"):
        load_model(tiny)


def test_an_altered_record_is_refused(tiny):
    record = json.loads((tiny / "model.json").read_text())
    record["thresholds"]["answer"] = 0.1
    (tiny / "model.json").write_text(json.dumps(record))
    with pytest.raises(HilumError, match=r"model\.json was altered after it was written"):
        load_model(tiny)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("hilum.model/2", "hilum.model/2; this hilum reads hilum.model/1"),
        ("hilum/3", "not a hilum model file"),
        (None, "not a hilum model file"),
    ],
)
def test_other_schemas_are_refused_by_name(tiny, schema, reason):
    resealed(tiny, lambda record: record.update(schema=schema))
    with pytest.raises(HilumError, match=reason):
        load_model(tiny)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "1",
        '"hilum.model/1"',
        "{",
        '{"schema": "hilum.model/1"}',
        "[" * 100_000,
        "\xff",
        "NaN",
        '{"a": 1',
    ],
)
def test_json_that_is_no_record(tiny, text):
    (tiny / "model.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(HilumError):
        load_model(tiny)


def test_a_record_too_large_to_be_one(tiny):
    with (tiny / "model.json").open("r+b") as file:
        file.truncate(2**30)
    with pytest.raises(HilumError, match="reads at most 64 MB"):
        load_model(tiny)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def _places(value, way=()):
    yield way
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _places(inner, (*way, key))


@st.composite
def _edited(draw, record):
    record = copy.deepcopy(record)
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from([way for way in _places(record) if way]))
        *outer, last = way
        parent = record
        for key in outer:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(JSON)
        else:
            del parent[last]
    return record


@pytest.fixture(scope="module")
def tiny_once(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("once") / "tiny")


@settings(max_examples=60)
@given(st.data())
def test_a_record_of_nonsense_is_refused_and_nothing_worse(tiny_once, data):
    record = json.loads((tiny_once / "model.json").read_text())
    edited = data.draw(_edited(record))
    text = json.dumps(edited)
    with suppress(HilumError):
        parse_facts(text, "it")
    path = tiny_once / "model.json"
    whole = path.read_bytes()
    try:
        path.write_text(text)
        if text != json.dumps(record):
            with pytest.raises(HilumError):
                load_model(tiny_once)
        resealed(tiny_once, lambda _: edited)
        with suppress(HilumError):
            load_model(tiny_once)
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"head.0.0.offsets": np.zeros(2, np.float32)},
        {"head.0.0.weights": np.zeros((3, 5), np.float32)},
        {"head.0.0.weights": np.zeros((), np.float32)},
        {"head.0.0.gamma": np.ones(())},
        {"head.0.1.weights": np.zeros((3, 4), np.float32)},
        {"head.0.answers": np.ones((3, 3), np.uint8)},
        {"head.0.answers": np.eye(3, 4, dtype=np.uint8)},
        {"head.1.answers": np.eye(3, dtype=np.uint8)},
        {"head.x.answers": np.eye(3, dtype=np.uint8)},
        {"head.weights": np.zeros((3, 5), np.float32), "head.offsets": np.zeros(3, np.float32)},
        {"index.features": np.zeros((2, 4), np.float32)},
        {"index.features": np.full((3, 4), np.nan, np.float32)},
        {"head.0.0.weights": np.zeros((3, 4), np.float64)},
        {"calibration.temperature": np.zeros(1)},
        {"calibration.temperature": np.zeros(0)},
    ],
    ids=str,
)
def test_tensors_that_do_not_fit_the_record(tiny, arrays):
    data = save({**load_file(tiny / "model.safetensors"), **arrays} if arrays else {"other": np.zeros(1)})
    (tiny / "model.safetensors").write_bytes(data)
    resealed(tiny, lambda record: record["files"].update({"model.safetensors": hashlib.sha256(data).hexdigest()}))
    with pytest.raises(HilumError, match=r"model\.safetensors (cannot be read|does not fit model\.json)"):
        load_model(tiny)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", ["file", "foreign", "foreign json", "other schema", "run"])
def test_what_is_no_model_is_never_written_over(trained, tmp_path, kind, overwrite):
    target = tmp_path / "model"
    if kind == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "thesis.txt").write_text("mine")
        content = {
            "foreign json": "[1]",
            "other schema": '{"schema": "else/1", "files": {"thesis.txt": ""}}',
            "run": '{"schema": "hilum.run/1", "files": ["thesis.txt"]}',
        }.get(kind)
        if content:
            (target / "model.json").write_text(content)
    before = _files(tmp_path)
    with pytest.raises(HilumError, match="--out"), OutputFolder(target, MODEL, overwrite=overwrite):
        pytest.fail("it was refused only after the work")
    with pytest.raises(HilumError, match="--out"):
        saved(trained, target, overwrite=overwrite)
    assert _files(tmp_path) == before


def test_an_earlier_model_is_replaced_only_with_overwrite(trained, tiny):
    before = _files(tiny)
    with pytest.raises(HilumError, match=r"holds a model already.*--overwrite"):
        saved(trained, tiny)
    assert _files(tiny) == before
    saved(trained, tiny, overwrite=True)
    assert load_model(tiny).facts.command == "hilum train phantom"
    assert [path.name for path in tiny.parent.iterdir()] == ["tiny"]


def test_a_model_of_another_schema_or_damaged_may_be_replaced(trained, tiny):
    resealed(tiny, lambda record: record.update(schema="hilum.model/9"))
    (tiny / "model.safetensors").unlink()
    saved(trained, tiny, overwrite=True)
    load_model(tiny)


@pytest.mark.parametrize("name", ["notes.md", "figures/mine.png"])
def test_files_of_the_user_in_a_model_folder_are_kept(trained, tiny, name):
    (tiny / name).parent.mkdir(exist_ok=True)
    (tiny / name).write_text("mine")
    before = _files(tiny)
    with pytest.raises(HilumError, match=rf"files that are not the model's: {name}\. Move them"):
        saved(trained, tiny, overwrite=True)
    assert _files(tiny) == before


def test_an_empty_folder_and_a_new_deep_one_are_used(trained, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    load_model(saved(trained, tmp_path / "empty"))
    load_model(saved(trained, tmp_path / "de" / "ep"))
    monkeypatch.chdir(tmp_path)
    load_model(saved(trained, "here"))


def test_a_link_to_a_model_stays_a_link(trained, tiny, tmp_path):
    (tmp_path / "link").symlink_to(tiny, target_is_directory=True)
    saved(trained, tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert load_model(tiny).facts.command == "hilum train phantom"


def test_a_place_that_cannot_be_written(trained, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(HilumError, match=r"cannot be (written|looked into)"):
        saved(trained, tmp_path / "file" / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("failing", [1, 2])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "stopped"]
)
def test_an_interrupted_replacement_leaves_the_earlier_model(trained, tiny, monkeypatch, failing, error):
    """Where the system cannot swap two folders at once, two renames are made, and either may be the last."""
    before, calls, rename = _files(tiny), [], Path.rename

    def no_library(*_, **__):
        raise OSError("no such library")

    def once(self, target):
        calls.append(target)
        if len(calls) == failing:
            raise error
        return rename(self, target)

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises((HilumError, KeyboardInterrupt)):
        saved(trained, tiny, overwrite=True)
    assert len(calls) >= failing
    assert _files(tiny.parent) == {f"tiny/{name}": data for name, data in before.items()}


# Overwrites one folder by turns with two models, until it is killed.
WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from helpers.model_records import tiny_model
print("ready", flush=True)
for turn in range(100_000):
    tiny_model(Path(sys.argv[1]), seed=turn % 2, width=200_000)
"""


def test_a_kill_while_overwriting_loses_no_model(tmp_path):
    """At any moment the folder holds one of the two whole, and the next save removes what the kill left beside it."""
    draw = random.Random(0)
    target = tiny_model(tmp_path / "model", width=200_000)
    for _ in range(5):
        command = [sys.executable, "-c", WRITER, str(target), str(Path(__file__).parents[1])]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0, 0.3))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        load_model(target)
    tiny_model(target)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


BYTES = {
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "F8_E8M0": 1,
    "BF16": 2,
    "F16": 2,
    "F64": 8,
    "I64": 8,
    "BOOL": 1,
    "C64": 8,
    "ODD": 4,
}


def _retyped(folder, name, kind):
    """Gives a tensor another type, as somebody would who knows how digests are made."""
    data = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header, parts, start = json.loads(data[8 : 8 + length]), [], 0
    for tensor, entry in header.items():
        low, high = entry["data_offsets"]
        part = data[8 + length :][low:high]
        if tensor == name:
            part, entry["dtype"] = bytes(int(np.prod(entry["shape"])) * BYTES[kind]), kind
        entry["data_offsets"] = [start, start + len(part)]
        parts.append(part)
        start += len(part)
    text = json.dumps(header).encode()
    changed = len(text).to_bytes(8, "little") + text + b"".join(parts)
    (folder / "model.safetensors").write_bytes(changed)
    resealed(folder, lambda record: record["files"].update({"model.safetensors": hashlib.sha256(changed).hexdigest()}))


@pytest.mark.parametrize("kind", BYTES)
@pytest.mark.parametrize("name", ["head.0.0.weights", "calibration.temperature"])
def test_a_tensor_of_another_type_is_refused(tiny, name, kind):
    _retyped(tiny, name, kind)
    with pytest.raises(HilumError, match=r"damaged: model\.safetensors (cannot be read|does not fit)"):
        load_model(tiny)


def test_a_folder_of_an_earlier_hilum_gives_the_same_head(tiny):
    """Its head was two arrays, and its record had the number of scales."""
    known = load_model(tiny)
    arrays = load_file(tiny / "model.safetensors")
    earlier = {"head.weights": arrays.pop("head.0.0.weights"), "head.offsets": arrays.pop("head.0.0.offsets")}
    del arrays["head.0.answers"]
    data = save({**arrays, **earlier})
    (tiny / "model.safetensors").write_bytes(data)

    def as_before(record):
        record["files"]["model.safetensors"] = hashlib.sha256(data).hexdigest()
        record["head"] = {"kind": "logistic", "strength": 0.1, "scales": 1, "width": 4}

    resealed(tiny, as_before)
    found = load_model(tiny)
    assert found.facts.head.scales == "last"
    features = np.random.default_rng(1).random((5, 4), np.float32)
    np.testing.assert_array_equal(found.tensors.head.logits(features), known.tensors.head.logits(features))


@pytest.mark.parametrize("name", ["kernel", "both", "hierarchical"])
def test_every_head_is_written_and_read(tmp_path, name):
    features = np.random.default_rng(0).random((3, 4), np.float32)
    tensors = Tensors(any_heads(features)[name], 1.5, features)
    index = [(f"train/{label}/{i}.png", label, f"{i:064x}") for i, label in enumerate("abc")]
    record = record_for(backbone(NAME), index=index, head={"kind": name, "scales": "last", "width": 4})
    record["backbone"]["width"] = 4
    found = load_model(save_model(tmp_path / "model", record, tensors))
    assert found.facts.head.map_method == "hirescam"
    np.testing.assert_array_equal(found.tensors.head.logits(features), tensors.head.logits(features))
    record["head"]["kind"] = "logistic"  # which would have a linear map
    with pytest.raises(HilumError, match="does not fit"):
        load_model(save_model(tmp_path / "other", record, tensors))
