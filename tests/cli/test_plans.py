"""Plans: a command says its steps before the first, and takes just these."""

import re

import pytest

from hilum.cli.plans import AUDITING, comparing, running
from hilum.comparison.options import CompareOptions

_STEP = r"^\d:\d\d:\d\d (\d+) of (\d+) .*: (?:\d+\.\d s|from the cache)$"


def numbers(err):
    """The numbers of the steps that were told, and those of how many."""
    return [(int(number), int(of)) for number, of in re.findall(_STEP, err, re.MULTILINE)]


def asked(*models, **options):
    return CompareOptions.asked(list(models), **options)


def test_a_model_has_two_steps_and_the_cnn_one():
    assert running("densenet169") == ("features: DenseNet169", "heads: DenseNet169")
    assert running("cnn") == ("small CNN",)


def test_models_whose_weights_cannot_be_had_have_no_steps(monkeypatch, tmp_path):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    end = ("intervals", "similarity curve", "figures")
    both = ("efficientnet_lite0", "vgg16")
    lite0, vgg16 = map(running, both)
    assert comparing(asked(*both), None) == (*AUDITING, *lite0, *end)
    assert comparing(asked(*both, random_weights=True), None) == (*AUDITING, *lite0, *vgg16, *end)
    (tmp_path / "vgg16.tv_in1k.safetensors").touch()
    assert comparing(asked(*both), tmp_path) == (*AUDITING, *lite0, *vgg16, *end)
    monkeypatch.delenv("HILUM_OFFLINE")
    assert comparing(asked(*both), None) == (*AUDITING, *lite0, *vgg16, *end)


def test_without_grouped_and_strict_there_is_no_similarity_curve():
    assert "similarity curve" not in comparing(asked("cnn", protocols=["given"]), None)


def test_a_comparison_takes_the_steps_that_it_told(ran):
    assert numbers(ran.err) == [(number, 9) for number in range(1, 10)]
    assert "left out" not in ran.err


@pytest.mark.parametrize("again", [False, True])
def test_no_number_is_missing_from_an_audit_whether_or_not_it_is_cached(run, phantom, monkeypatch, tmp_path, again):
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "cache"))
    for place in ["first", *(["second"] if again else [])]:
        code, _, err = run("audit", phantom, "--out", place)
    assert code == 0
    assert numbers(err) == [(number, 4) for number in range(1, 5)]
    assert err.count("from the cache") == (3 if again else 0)
