"""Opening a model: bundled, random, from a cache that may be damaged; and what it answers."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.any_heads import any_heads
from helpers.brightness import write_model
from helpers.model_records import NAME, resealed, save_model
from safetensors.numpy import load_file, save

from hilum.backbones.checkpoints import as_safetensors
from hilum.backbones.weights import Weights, local_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.extract import extract
from hilum.model import limits
from hilum.model.artefact import bundled_name, load_facts, load_model
from hilum.model.export import onnx_bytes
from hilum.model.open import open_reader
from hilum.model.seal import is_sealed
from hilum.model.weights import tensors_digest
from hilum.options import FeatureOptions
from hilum.slices.pixels import square_of
from hilum.trust.outliers import unit_length

ROW = backbone(NAME)
GREYS = np.random.default_rng(0).random((3, ROW.size, ROW.size), np.float32)


def test_answers_are_those_of_the_head_on_the_features(phantom_model, phantom_table, trained, use_shared_cache):
    """The cached features, the head's own arrays and scikit-learn-free arithmetic give what the graph gives."""
    rows = range(0, len(phantom_table.rows), 7)
    reader = open_reader(phantom_model)
    greys = np.stack([square_of(phantom_table, phantom_table.rows[i], ROW.size, ROW.interpolation, True) for i in rows])
    reading = reader.read(greys)
    weights = local_weights(ROW, None)
    extracted = extract(phantom_table, ROW, weights, FeatureOptions())
    features = extracted.values[list(rows)]
    powers = np.exp(trained.tensors.head.logits(features) / trained.tensors.temperature)
    np.testing.assert_allclose(reading.probabilities, powers / powers.sum(1, keepdims=True), atol=1e-4)
    unit = unit_length(extracted.last[list(rows)])
    distances = np.linalg.norm(unit[:, None] - trained.tensors.index[None], axis=2)
    np.testing.assert_allclose(reading.distances, np.sort(distances, 1)[:, :5], atol=1e-3)
    np.testing.assert_array_equal(reading.outlier_scores, reading.distances[:, 4])
    indexed = [row.path for row in reader.facts.index]
    for place, neighbours, nearest in zip(rows, reading.neighbours, reading.distances, strict=True):
        path = phantom_table.rows[place].path
        if path in indexed:  # a training slice is its own nearest
            assert indexed[neighbours[0]] == path
            assert nearest[0] < 1e-3


def test_means_of_a_linear_map_and_offsets_are_the_logits(phantom_model, phantom_table, use_shared_cache, tmp_path):
    extracted = extract(phantom_table, ROW, local_weights(ROW, None), FeatureOptions())
    head = any_heads(extracted.values, 4)["linear"]
    known = load_model(phantom_model)
    record = known.facts.as_json()
    record["head"] |= {"kind": "logistic", "strength": 1, "chosen": []}
    reader = open_reader(save_model(tmp_path / "model", record, replace(known.tensors, head=head)))
    rows = range(0, len(phantom_table.rows), 7)
    greys = np.stack([square_of(phantom_table, phantom_table.rows[i], ROW.size, ROW.interpolation, True) for i in rows])
    logits = extracted.values[list(rows)] @ head.linear.weights.T + head.linear.offsets
    assert reader.facts.head.map_method == "linear"
    np.testing.assert_allclose(reader.read(greys).maps.mean((2, 3)) + head.linear.offsets, logits, atol=1e-3)


def test_a_slice_s_answer_does_not_depend_on_the_others(phantom_model, use_shared_cache):
    reader = open_reader(phantom_model)
    together = reader.read(GREYS)
    for i, grey in enumerate(GREYS):
        np.testing.assert_allclose(reader.read(grey[None]).distances[0], together.distances[i], atol=1e-5)


def test_a_bundled_model_needs_no_other_weights(phantom_model, own_cache, tmp_path, monkeypatch):
    """What it holds here is found nowhere else: the packaged weights with one tensor changed."""
    tensors = load_file(as_safetensors(ROW, local_weights(ROW, None)))
    tensors["conv_stem.weight"] = tensors["conv_stem.weight"] * np.float32(1.5)
    file = tmp_path / f"{ROW.tag}.safetensors"
    file.write_bytes(save(tensors))
    mine = Weights("folder", file)
    model = load_model(phantom_model)
    record = model.facts.as_json()
    record["backbone"]["weights"] = {
        "origin": "folder", "digest": mine.digest, "tensors": tensors_digest(ROW, mine)
    }  # fmt: skip
    lone = save_model(tmp_path / "lone", record, model.tensors)
    bundled = save_model(tmp_path / "bundled", record, model.tensors, {bundled_name(ROW.tag): file.read_bytes()})
    file.unlink()
    with pytest.raises(HilumError, match="other weights"):
        open_reader(lone)
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    answers = open_reader(bundled).read(GREYS).distances
    assert np.abs(answers - open_reader(phantom_model).read(GREYS).distances).max() > 1e-3
    # The bundle counts for more than a folder of the environment, and less than one that is asked for.
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / f"{ROW.tag}.safetensors").write_bytes(save({}))
    monkeypatch.setenv("HILUM_WEIGHTS", str(tmp_path / "elsewhere"))
    np.testing.assert_array_equal(open_reader(bundled).read(GREYS).distances, answers)
    with pytest.raises(HilumError):
        open_reader(bundled, tmp_path / "elsewhere")


def test_random_weights_are_the_same_each_time_and_of_their_seed(phantom_model, tmp_path, monkeypatch):
    model = load_model(phantom_model)

    def answers(name, seed):
        record = model.facts.as_json()
        record["backbone"].update(seed=seed, weights={"origin": "random", "digest": "random", "tensors": "random"})
        record["preparation"]["size"] = 64
        monkeypatch.setenv("HILUM_CACHE", str(tmp_path / f"cache-{name}"))
        folder = save_model(tmp_path / name, record, model.tensors)
        return open_reader(folder).read(GREYS[:, :64, :64]).distances

    first = answers("first", 3)
    np.testing.assert_array_equal(answers("again", 3), first)
    assert np.abs(answers("other", 4) - first).max() > 1e-4


def test_a_damaged_graph_in_the_cache_or_another_model_s_is_made_again(phantom_model, own_cache):
    wanted = open_reader(phantom_model).read(GREYS)
    (graph,) = (path for path in (own_cache / "models").iterdir() if load_facts(phantom_model).digest in path.name)
    altered = bytearray(graph.read_bytes())
    altered[len(altered) // 2] ^= 1  # somewhere in the weights, where nothing else would see it
    another = write_model(own_cache / "another.onnx").read_bytes()
    for damaged in (bytes(altered), another, b""):
        graph.write_bytes(damaged)
        again = open_reader(phantom_model).read(GREYS)
        np.testing.assert_array_equal(again.distances, wanted.distances)
        assert is_sealed(graph)
    assert {path.suffix for path in graph.parent.iterdir()} == {".onnx"}  # nothing is left beside it


def test_a_damaged_folder_is_refused_also_when_its_graph_is_cached(model, use_shared_cache):
    open_reader(model)
    data = bytearray((model / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (model / "model.safetensors").write_bytes(data)
    with pytest.raises(HilumError, match=r"model\.safetensors is not the file"):
        open_reader(model)


def test_a_model_of_a_backbone_that_changed_is_refused(model):
    resealed(model, lambda record: record["backbone"].update(tag="tf_efficientnet_lite0.better"))
    with pytest.raises(HilumError, match=r"lite0\.better, but this hilum has tf_efficientnet_lite0\.in1k"):
        open_reader(model)


def test_a_model_of_an_unknown_backbone_is_refused(model):
    resealed(model, lambda record: record["backbone"].update(name="of_the_future"))
    with pytest.raises(HilumError, match="of_the_future"):
        open_reader(model)


def test_no_model_there(tmp_path):
    with pytest.raises(HilumError, match="does not exist"):
        open_reader(tmp_path / "nowhere")
    with pytest.raises(HilumError, match="holds no model"):
        open_reader(tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"head": {"scales": "last"}}, {"backbone": {"width": 7}}],
    ids=["scales", "width"],
)
def test_a_folder_that_does_not_fit_its_backbone_is_refused(model, change):
    resealed(model, lambda record: {**record, **{name: {**record[name], **part} for name, part in change.items()}})
    with pytest.raises(HilumError, match=r"do(es)? not fit"):
        open_reader(model)


def test_a_folder_that_needs_more_memory_than_there_is(model, tmp_path, monkeypatch):
    """At 4,096 pixels the maps take gigabytes; the limit is lowered here, to be quick and kind to the machine."""
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(limits, "most_memory", lambda: 2**30)
    resealed(model, lambda record: record["preparation"].update(size=4096))
    with pytest.raises(HilumError, match="or memory is short"):
        open_reader(model)


@pytest.mark.parametrize(("name", "scales"), [("kernel", "earlier"), ("both", "last"), ("hierarchical", "both")])
def test_a_folder_with_any_head_answers_as_its_arrays_do(
    name, scales, phantom_model, phantom_table, use_shared_cache, tmp_path
):
    rows = phantom_table.rows[:40:8]
    extracted = extract(phantom_table, ROW, local_weights(ROW, None), FeatureOptions(scales=scales))
    head = any_heads(extracted.values, 4)[name]
    known = load_model(phantom_model)
    record = known.facts.as_json()
    record["head"] = {"kind": name, "strength": None, "scales": scales, "width": extracted.values.shape[1]}
    folder = save_model(tmp_path / "model", record, replace(known.tensors, head=head))
    greys = np.stack([square_of(phantom_table, row, ROW.size, ROW.interpolation, True) for row in rows])
    reader = open_reader(folder)
    reading = reader.read(greys)
    shares = np.exp(head.logits(extracted.values[:40:8]) / known.tensors.temperature)
    np.testing.assert_allclose(reading.probabilities, shares / shares.sum(1, keepdims=True), atol=1e-4)
    assert reader.facts.head.map_method == "hirescam"
    assert np.abs(reading.maps).max((2, 3)).min() > 0
    before = open_reader(phantom_model).read(greys)
    np.testing.assert_array_equal(reading.neighbours, before.neighbours)  # in the last scale, whatever the head sees
    np.testing.assert_allclose(reading.outlier_scores, before.outlier_scores, atol=1e-5)


def test_a_head_too_large_for_a_file_is_refused(phantom_model):
    known = load_model(phantom_model)
    index = np.broadcast_to(np.float32(0), (400_000, ROW.width))
    with pytest.raises(HilumError, match=r"more than an ONNX file can hold .*Train on fewer slices"):
        onnx_bytes(replace(known, tensors=replace(known.tensors, index=index)), local_weights(ROW, None))
