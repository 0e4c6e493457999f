"""What a comparison is asked for: one field, one keyword; and names that are not known."""

import re
from dataclasses import fields

import pytest

from hilum.backbones.weights import RANDOM
from hilum.backbones.zoo import DEFAULT_NAMES, ZOO, backbone
from hilum.comparison.options import CompareKeywords, CompareOptions, RunKeywords, RunOptions, default_models
from hilum.errors import BadOption, HilumError
from hilum.training.options import TrainKeywords, TrainOptions

LITE0 = "efficientnet_lite0"


def _names(kind):
    return {field.name for field in fields(kind)}


def test_keywords_are_the_fields():
    looser = {"models", "ensembles", "protocols"}  # which `compare` takes in other forms
    assert CompareKeywords.__annotations__.keys() == _names(CompareOptions) - looser
    of_no_use = _names(RunOptions) - RunKeywords.__annotations__.keys()
    assert TrainKeywords.__annotations__.keys() == _names(TrainOptions) - of_no_use - {"backbone"}


def test_what_is_asked_for_is_put_in_order():
    options = CompareOptions.asked(
        [LITE0, "cnn", "vgg16", LITE0], ensemble=[["vgg16", LITE0], [LITE0, "vgg16"]], protocols=["strict"]
    )
    assert options.models == (LITE0, "cnn", "vgg16")
    assert options.ensembles == ((LITE0, "vgg16"),)
    assert options.protocols == ("given", "no-copies", "no-look-alikes", "strict")


def test_a_single_name_is_one_name():
    options = CompareOptions.asked("vgg16", protocols="strict", views="left")
    assert options == CompareOptions.asked(["vgg16"], protocols=["strict"], views=("left",))
    with pytest.raises(BadOption, match="needs two or more frozen backbones, but got only vgg16"):
        CompareOptions.asked(["vgg16", LITE0], ensemble="vgg16")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"models": ["resnet5"]}, "There is no model 'resnet5'. Did you mean 'resnet50'? Known are xception, "),
        ({"models": ["timm:resnett18"]}, "has no model 'resnett18'. Did you mean 'resnet18'?"),
        ({"floor": "ful"}, "There is no floor 'ful'. Did you mean 'full'? Known are full, cheap."),
        ({"head": "softmx"}, "There is no head 'softmx'. Did you mean 'softmax'? Known are logistic, kernel, both, "),
        ({"engine": "torsh"}, "There is no engine 'torsh'. Did you mean 'torch'?"),
        ({"protocols": ["gruped"]}, "There is no protocol 'gruped'. Did you mean 'grouped'?"),
        (
            {"ensemble": [LITE0, "vgg61"]},
            f"ensemble names vgg61, which is not a frozen backbone of this comparison. Did you mean 'vgg16'? "
            f"Its frozen backbones are: {LITE0}, vgg16.",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(options, says):
    with pytest.raises(HilumError, match=re.escape(says)):
        CompareOptions.asked(**{"models": ["cnn", LITE0, "vgg16"], **options})


@pytest.mark.parametrize("margin", [0, -0.02, 0.5, float("nan")])
def test_a_margin_that_makes_no_sense_is_refused(margin):
    assert CompareOptions.asked([LITE0], margin=0.02).margin == 0.02
    with pytest.raises(BadOption, match=re.escape(f"must be above 0 and below 0.5, not {margin:g}.")):
        CompareOptions.asked([LITE0], margin=margin)


def test_a_misspelt_keyword_is_refused():
    with pytest.raises(TypeError, match="sead"):
        CompareOptions.asked([LITE0], sead=1)


def test_random_weights_are_looked_for_nowhere():
    assert RunOptions(random_weights=True).weights_of(backbone("vgg16"), "/no/such/folder") is RANDOM


def test_the_default_models(tmp_path):
    assert default_models() == DEFAULT_NAMES  # without the CNN
    assert set(default_models()) == {row.name for row in ZOO} - {"densenet169"}
    (tmp_path / "densenet169.tv_in1k.safetensors").touch()
    assert default_models(tmp_path) == (*DEFAULT_NAMES, "densenet169")
