"""Methods, and which of them a model has."""

from pathlib import Path

import pytest
from helpers.answers import facts_for

from hilum.errors import HilumError
from hilum.explain.methods import METHODS, PROVEN, check_method, default_method, method_of, warning_of


def test_methods_are_known():
    for method in (None, *METHODS):
        check_method(method)
    with pytest.raises(HilumError, match=r"There is no method 'magic'\. Known are linear, gradcam, "):
        check_method("magic")


def test_a_folder_has_every_method_and_an_exported_file_its_own(tmp_path):
    facts = facts_for()
    own = default_method(facts)
    assert own == "linear"
    for method in METHODS:
        assert method_of(method, facts, tmp_path) == method
    for model in (tmp_path, Path("model.onnx")):
        assert method_of(None, facts, model) == method_of(own, facts, model) == own
    with pytest.raises(HilumError, match="Give the model folder, or use --method linear"):
        method_of("gradcam", facts, Path("model.onnx"))


def test_who_did_not_pass_the_trials_is_warned_of():
    assert PROVEN.issubset(METHODS)
    for method in METHODS:
        assert (warning_of(method) is None) == (method in PROVEN)
    assert "Do not read them as the place of a lesion." in warning_of("scorecam")


def test_a_head_without_a_linear_map_has_its_own(tmp_path):
    facts = facts_for(head={"kind": "kernel", "scales": "earlier"})
    for model in (tmp_path, Path("model.onnx")):
        assert method_of(None, facts, model) == method_of("hirescam", facts, model) == "hirescam"
        with pytest.raises(HilumError, match=r"has no linear map\. Leave out --method for its own map, hirescam"):
            method_of("linear", facts, model)
