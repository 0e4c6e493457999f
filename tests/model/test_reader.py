"""Reading an exported file: what it says of itself, and which files are refused."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from helpers.brightness import write_model
from helpers.model_records import NAME, record_for
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import load_model
from hilum.model.facts import LARGEST
from hilum.model.open import open_reader
from hilum.model.reader import Reader
from hilum.model.seal import sealed


@pytest.fixture(scope="module")
def graph(exported):
    return onnx.load(exported)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch") / "model.onnx"


def _refused(path, reason):
    with pytest.raises(HilumError, match=reason):
        Reader(path)


def _foreign(metadata=None, size=8, name="grey_8"):
    """A small network of somebody else."""
    one = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1, size, size])
    other = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 1, size, size])
    model = helper.make_model(
        helper.make_graph([helper.make_node("Identity", [name], ["probabilities"])], "foreign", [one], [other]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    helper.set_model_props(model, metadata or {})
    return model.SerializeToString()


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["dark", "grey", "bright", "none"]},
        {"classes": ["dark", "grey"]},
    ],
)
def test_a_network_that_does_not_fit_its_own_record_is_refused(tmp_path, changes):
    reader = Reader(write_model(tmp_path / "odd.onnx", **changes))
    with pytest.raises(HilumError, match="gives answers that do not fit its own record"):
        reader.read(np.zeros((2, 8, 8), np.float32))


def test_it_answers_as_the_folder_does(exported, phantom_model, use_shared_cache):
    greys = np.random.default_rng(1).random((2, 224, 224), np.float32)
    one, other = Reader(exported), open_reader(phantom_model)
    assert one.facts == other.facts
    for field in ("probabilities", "outlier_scores", "maps", "neighbours", "distances"):
        np.testing.assert_array_equal(getattr(one.read(greys), field), getattr(other.read(greys), field))
    assert one.read(greys).probabilities.sum(1) == pytest.approx([1, 1])


def test_its_metadata_says_what_a_stranger_needs(exported, phantom_model):
    """Read as any program reads ONNX."""
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    record = load_model(phantom_model).facts.as_json()
    assert json.loads(metadata["hilum"]) == record
    assert json.loads(metadata["classes"]) == [
        *("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")
    ]
    assert json.loads(metadata["preparation"]) == record["preparation"]
    assert json.loads(metadata["thresholds"]) == record["thresholds"]
    assert metadata["map"] == load_model(phantom_model).facts.head.map_method == "hirescam"
    assert metadata["notice"].startswith("Research use only.")
    assert [(each.name, each.shape[1:]) for each in session.get_inputs()] == [("grey_224", [1, 224, 224])]
    onnx.checker.check_model(onnx.load(exported))


@pytest.mark.parametrize("share", [0, 1e-6, 0.001, 0.3, 0.9, 0.999])
def test_a_file_cut_short(exported, tmp_path, share):
    data = exported.read_bytes()
    (tmp_path / "model.onnx").write_bytes(data[: int(share * len(data))])
    _refused(tmp_path / "model.onnx", "cut short or altered")


@settings(max_examples=20)
@given(st.data())
def test_a_file_with_any_byte_altered_or_the_end_cut(exported, scratch, data):
    content = bytearray(exported.read_bytes())
    if data.draw(st.booleans()):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[-data.draw(st.integers(1, 100)) :]
    scratch.write_bytes(content)
    _refused(scratch, "cut short or altered")


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\x08\x07", b"no model", b"\x89PNG\r\n", b"PK\x03\x04", _foreign()], ids=range(7)
)
def test_files_that_hilum_did_not_export(tmp_path, data):
    (tmp_path / "model.onnx").write_bytes(data)
    _refused(tmp_path / "model.onnx", r"model\.onnx is not an intact hilum export")


def test_no_file_there(tmp_path):
    _refused(tmp_path / "model.onnx", "does not exist")
    _refused(tmp_path, "does not exist")


def test_what_a_rewriting_program_makes_of_it_is_refused(graph, tmp_path):
    """Its facts may say one thing and its graph do another, and nobody measured what it does."""
    graph = onnx.ModelProto.FromString(graph.SerializeToString())
    graph.graph.doc_string = "made smaller"
    onnx.save(graph, tmp_path / "model.onnx")
    _refused(tmp_path / "model.onnx", "altered")


# From here on with the mark of a whole file, as somebody would make it who means harm.


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a readable ONNX file"),
        (b"no model", "not a readable ONNX file"),
        (_foreign(), "not valid JSON"),
        (_foreign({"hilum": "{}"}), "not a hilum model file"),
        (
            _foreign({"hilum": json.dumps(record_for(backbone(NAME), index=[("1.png", "a", "0")]))}),
            "does not have the inputs",
        ),
        (_foreign({"hilum": '"' + "x" * LARGEST + '"'}), "reads at most 64 MB"),
    ],
    ids=["empty", "text", "foreign", "no facts", "other graph", "too large"],
)
def test_foreign_content_with_a_mark(tmp_path, data, reason):
    (tmp_path / "model.onnx").write_bytes(sealed(data))
    _refused(tmp_path / "model.onnx", reason)


@pytest.mark.parametrize("place", ["data.bin", "../data.bin", "/etc/passwd"])
def test_data_beside_the_file_is_not_read(graph, tmp_path, place):
    (tmp_path / "models").mkdir()
    path = tmp_path / "models" / "model.onnx"
    graph = onnx.ModelProto.FromString(graph.SerializeToString())
    largest = max(graph.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    for name in ("models/data.bin", "data.bin"):
        (tmp_path / name).write_bytes(largest.raw_data)
    largest.ClearField("raw_data")
    largest.data_location = TensorProto.EXTERNAL
    largest.external_data.add(key="location", value=place)
    path.write_bytes(sealed(graph.SerializeToString()))
    _refused(path, "not a readable ONNX file")
