"""Networks that are made to do harm, with the mark of a whole file: each ends in a sentence, within its limits."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from helpers import brightness
from onnx import TensorProto, helper, numpy_helper

from hilum.errors import HilumError
from hilum.model import onnx_process
from hilum.model.onnx_process import Network
from hilum.model.reader import Reader
from hilum.model.seal import sealed

GREYS = np.random.default_rng(0).random((3, brightness.SIZE, brightness.SIZE), np.float32)


@pytest.fixture
def altered(tmp_path):
    """Writes the brightness model with nodes put before its own, or tensors or outputs in the place of its own."""

    def write(nodes=(), tensors=None, outputs=None, inputs=None, instead=None, domain=None):
        path = tmp_path / "model.onnx"
        model = onnx.load_model_from_string(brightness.write_model(path).read_bytes())
        graph = model.graph
        for node in graph.node:
            if instead and node.output[0] in instead:
                node.CopyFrom(instead[node.output[0]])
        for number, node in enumerate(nodes):
            graph.node.insert(number + 2, node)  # behind those that make the mean
        for name, value in (tensors or {}).items():
            for old in [old for old in graph.initializer if old.name == name]:
                graph.initializer.remove(old)
            graph.initializer.append(
                value if isinstance(value, TensorProto) else numpy_helper.from_array(np.asarray(value), name)
            )
        for part, changes in ((graph.output, outputs), (graph.input, inputs)):
            for info in part:
                if changes and info.name in changes:
                    info.CopyFrom(changes[info.name])
        if domain:
            model.opset_import.append(helper.make_opsetid(domain, 1))
        path.write_bytes(sealed(model.SerializeToString()))
        return path

    return write


def _info(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def _loop(turns):
    """A loop over a number that it leaves as it is, from the mean `[n, 1]` to `half`."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["still"]), helper.make_node("Identity", ["kept"], ["next"])],
        "body",
        [
            _info("turn", TensorProto.INT64, []),
            _info("on", TensorProto.BOOL, []),
            _info("kept", TensorProto.FLOAT, [1]),
        ],
        [_info("still", TensorProto.BOOL, []), _info("next", TensorProto.FLOAT, [1])],
    )
    return helper.make_node("Loop", [turns, "", "half"], ["looped"], body=body)


LOOPED = {"difference": helper.make_node("Sub", ["mean", "looped"], ["difference"])}


def _refused(path, reason):
    with pytest.raises(HilumError, match=reason):
        Reader(path, 1).read(GREYS)


def test_a_loop_without_end_is_stopped_on_opening(altered, monkeypatch):
    monkeypatch.setattr(onnx_process, "SECONDS", 2)
    path = altered([_loop("turns")], {"turns": np.int64(2**62)}, instead=LOOPED)
    _refused(path, r"model\.onnx was stopped after 2 seconds: hilum did not export it, or this machine is too slow")


def test_a_loop_that_waits_for_a_slice_is_stopped_too(altered, monkeypatch):
    """As often as a slice's mean is off that of the slice that is tried on opening; later slices are answered."""
    monkeypatch.setattr(onnx_process, "SECONDS_A_SLICE", 3)
    nodes = [
        helper.make_node("Sub", ["mean", "half"], ["off"]),
        helper.make_node("ReduceMax", ["off"], ["most"], keepdims=0),
        helper.make_node("Mul", ["most", "many"], ["counted"]),
        helper.make_node("Cast", ["counted"], ["turns"], to=TensorProto.INT64),
        _loop("turns"),
    ]
    reader = Reader(altered(nodes, {"many": np.float32(2**60)}, instead=LOOPED), 1)
    dark = np.full_like(GREYS[:1], 0.2)
    before = reader.read(dark)
    with pytest.raises(HilumError, match="was stopped after 3 seconds"):
        reader.read(np.full_like(GREYS[:1], 0.9))
    np.testing.assert_array_equal(reader.read(dark).probabilities, before.probabilities)


def _bomb(shape, start="half"):
    """From a tensor of one number to `looped`, by way of a tensor of a shape."""
    return [
        helper.make_node("Expand", [start, shape], ["huge"]),
        helper.make_node("ReduceMax", ["huge"], ["looped"], keepdims=0),
    ]


@pytest.mark.parametrize(
    "nodes",
    [
        _bomb("shape"),
        [
            helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
            helper.make_node("ReduceMax", ["huge"], ["looped"], keepdims=0),
        ],
        [helper.make_node("ReduceMax", ["mean"], ["one"], keepdims=0), *_bomb("shape", "one")],
        [
            helper.make_node("Tile", ["half", "shape"], ["huge"]),
            helper.make_node("ReduceMax", ["huge"], ["looped"], keepdims=0),
        ],
        [
            helper.make_node("Expand", ["half", "wide"], ["row"]),
            helper.make_node("Reshape", ["row", "tall"], ["column"]),
            helper.make_node("Mul", ["row", "column"], ["huge"]),
            helper.make_node("ReduceMax", ["huge"], ["looped"], keepdims=0),
        ],
    ],
    ids=["expanded", "constant", "expanded slice", "tiled", "outer product"],
)
def test_more_memory_than_there_is(altered, nodes):
    tensors = {"shape": np.int64([2**42]), "wide": np.int64([2**21]), "tall": np.int64([2**21, 1])}
    _refused(
        altered(nodes, tensors, instead=LOOPED),
        r"model\.onnx (needs more than half|is not a readable|fails on a slice)",
    )


@pytest.mark.parametrize(
    ("operation", "options", "info"),
    [
        ("Cast", {"to": TensorProto.STRING}, _info("distances", TensorProto.STRING, ["n", 1])),
        ("Cast", {"to": TensorProto.BFLOAT16}, _info("distances", TensorProto.BFLOAT16, ["n", 1])),
        ("SequenceConstruct", {}, helper.make_tensor_sequence_value_info("distances", TensorProto.FLOAT, ["n", 1])),
    ],
    ids=["string", "bfloat16", "sequence"],
)
def test_outputs_of_another_kind(altered, operation, options, info):
    kinds = {"distances": helper.make_node(operation, ["difference"], ["distances"], **options)}
    squeezed = {"outlier_score": helper.make_node("Squeeze", ["mean", "second"], ["outlier_score"])}
    path = altered(instead={**kinds, **squeezed}, outputs={"distances": info})
    _refused(path, "not have the inputs and outputs|not a readable ONNX file")


@pytest.mark.parametrize("kind", [TensorProto.DOUBLE, TensorProto.STRING, TensorProto.FLOAT8E4M3FN])
def test_an_input_of_another_kind(altered, kind):
    size = brightness.SIZE
    path = altered(inputs={"grey_8": _info("grey_8", kind, ["n", 1, size, size])})
    _refused(path, "not have the inputs and outputs|not a readable ONNX file")


@pytest.mark.parametrize("kind", [TensorProto.INT4, TensorProto.STRING])
def test_constants_of_another_kind(altered, kind):
    value = b"0" if kind == TensorProto.STRING else 0
    tensor = helper.make_tensor("half", kind, [1], [value])
    _refused(altered(tensors={"half": tensor}), "not a readable ONNX file")


def test_an_operation_of_somebody_else(altered):
    node = helper.make_node("Steal", ["half"], ["looped"], domain="of.somebody")
    _refused(altered([node], instead=LOOPED, domain="of.somebody"), "not a readable ONNX file")


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("Flatten", ["grey_8"], ["distances"]),
        helper.make_node("Abs", ["grey_8"], ["distances"]),
        helper.make_node("Concat", ["mean", "mean"], ["distances"], axis=1),
        helper.make_node("Log", ["nothing_off"], ["distances"]),
    ],
    ids=["64 neighbours", "rank", "more than places", "minus infinity"],
)
def test_answers_of_another_shape_or_no_number(altered, node):
    score = {"outlier_score": helper.make_node("Squeeze", ["mean", "second"], ["outlier_score"])}
    zero = helper.make_node("Mul", ["mean", "nothing"], ["nothing_off"])
    info = helper.make_empty_tensor_value_info("distances")
    info.type.tensor_type.elem_type = TensorProto.FLOAT
    path = altered([zero], instead={"distances": node, **score}, outputs={"distances": info})
    _refused(path, "answers that do not fit its own record")


@pytest.mark.parametrize(
    ("tensor", "value"),
    [("slopes", np.full((1, 3), np.inf, np.float32)), ("offsets", np.full(3, np.nan, np.float32))],
)
def test_probabilities_that_are_no_numbers_are_said_of_their_slice(altered, tensor, value):
    reading = Reader(altered(tensors={tensor: value}), 1).read(GREYS)
    assert not np.isfinite(reading.probabilities).any()


@pytest.mark.parametrize("kind", ["Sigmoid", "Neg"])
def test_probabilities_that_are_none_are_refused(altered, kind):
    _refused(
        altered(instead={"probabilities": helper.make_node(kind, ["logits"], ["probabilities"])}),
        "answers that do not fit",
    )


def test_a_process_that_the_system_ends_is_replaced(tmp_path):
    reader = Reader(brightness.write_model(tmp_path / "model.onnx"), 1)
    before = reader.read(GREYS)
    os.kill(reader._network._process._process.pid, signal.SIGKILL)
    np.testing.assert_array_equal(reader.read(GREYS).probabilities, before.probabilities)


def test_processes_that_the_system_ends_again_and_again_are_said(tmp_path, monkeypatch):
    reader = Reader(brightness.write_model(tmp_path / "model.onnx"), 1)
    os.kill(reader._network._process._process.pid, signal.SIGKILL)
    ended = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with monkeypatch.context() as patch:
        patch.setattr(onnx_process, "_COMMAND", ended)
        with pytest.raises(HilumError, match=r"was ended \(SIGKILL\): the system is short of memory, or the file is"):
            reader.read(GREYS)
        with pytest.raises(HilumError, match=r"was ended \(SIGKILL\)"):
            Reader(tmp_path / "model.onnx", 1)
    reader.read(GREYS)


def test_an_answer_that_was_not_taken_meets_no_other_question(tmp_path):
    network = Network(brightness.write_model(tmp_path / "model.onnx"), 1)
    wanted = network.run(GREYS[:1, None], lambda shapes: None)

    def stop(shapes):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.run(GREYS[:, None], stop)
    again = network.run(GREYS[:1, None], lambda shapes: None)
    for one, other in zip(wanted, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_threads_that_ask_at_once_get_their_own_answers(tmp_path):
    reader = Reader(brightness.write_model(tmp_path / "model.onnx"), 1)
    squares = [np.full((1, 8, 8), level, np.float32) for level in np.linspace(0, 1, 24)]
    alone = [reader.read(square).probabilities for square in squares]
    with ThreadPoolExecutor(8) as pool:
        together = [reading.probabilities for reading in pool.map(reader.read, squares)]
    np.testing.assert_array_equal(together, alone)


def test_a_forked_child_asks_a_process_of_its_own(tmp_path):
    reader = Reader(brightness.write_model(tmp_path / "model.onnx"), 1)
    before = reader.read(GREYS).probabilities
    child = os.fork()
    if child == 0:
        same = (reader.read(GREYS).probabilities == before).all()
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    np.testing.assert_array_equal(reader.read(GREYS).probabilities, before)


# Opens a model, says the number of the process that runs it, and waits or ends.
OPENER = """
import sys
from pathlib import Path
from hilum.model.reader import Reader
reader = Reader(Path(sys.argv[1]), 1)
print(reader._network._process._process.pid, flush=True)
sys.stdin.read(int(sys.argv[2]))
"""


@pytest.mark.parametrize("killed", [False, True])
def test_its_process_ends_with_hilum(tmp_path, killed):
    path = brightness.write_model(tmp_path / "model.onnx")
    command = [sys.executable, "-c", OPENER, str(path), "1" if killed else "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        number = int(process.stdout.readline())
        if killed:
            process.kill()
        process.wait(60)
    gone = threading.Event()
    for _ in range(200):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        gone.wait(0.05)
    pytest.fail("the process goes on")


def test_onnx_runtime_is_not_loaded_here(tmp_path):
    """What a hostile file might do to it, it does in another process."""
    path = brightness.write_model(tmp_path / "model.onnx")
    code = "import sys; sys.stdin = open('/dev/null')\n" + OPENER + "assert 'onnxruntime' not in sys.modules\n"
    done = subprocess.run([sys.executable, "-c", code, str(path), "0"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_facts_with_what_is_no_number(tmp_path):
    _refused(brightness.write_model(tmp_path / "model.onnx", curve=[[0.5, 1.0, float("nan")]]), "all finite numbers")
