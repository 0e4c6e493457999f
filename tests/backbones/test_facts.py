"""Facts of a backbone: fixed, comparable, and with defaults that hold for most of timm."""

import dataclasses

import pytest

from hilum.backbones.facts import Backbone
from hilum.backbones.zoo import backbone
from hilum.options import SCALES

FACTS = {
    "name": "own",
    "title": "Own",
    "tag": "own.in1k",
    "size": 224,
    "mean": (0.5, 0.5, 0.5),
    "std": (0.5, 0.5, 0.5),
    "interpolation": "bicubic",
    "width": 512,
    "licence": "apache-2.0",
}


def test_equal_facts_are_one_backbone_to_a_cache():
    assert {Backbone(**FACTS): "network"}[Backbone(**FACTS)] == "network"
    assert Backbone(**FACTS) != Backbone(**{**FACTS, "size": 256})
    with pytest.raises(dataclasses.FrozenInstanceError):
        Backbone(**FACTS).size = 256


def test_a_backbone_of_timm_has_two_scales_and_weights_on_the_hub_unless_said_otherwise():
    made = Backbone(**FACTS)
    assert (made.scales, made.on_hub, made.checkpoint) == (2, True, None)


def test_a_backbone_with_one_scale_gives_its_last_and_says_so():
    both, one = (backbone(name) for name in ("densenet169", "timm:vit_tiny_patch16_224"))
    for asked in SCALES:
        assert (both.scales_of(asked), both.scales_note(asked)) == (asked, [])
        assert one.scales_of(asked) == "last"
    assert one.scales_note("last") == []
    (note,) = one.scales_note("earlier")
    assert note.endswith("has one scale, so its features are of the last, not of earlier.")
