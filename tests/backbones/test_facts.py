"""Facts of a backbone: fixed, comparable, and with defaults that hold for most of timm."""

import dataclasses

import pytest

from hilum.backbones.facts import Backbone

FACTS = {
    "name": "own",
    "title": "Own",
    "tag": "own.in1k",
    "size": 224,
    "mean": (0.5, 0.5, 0.5),
    "std": (0.5, 0.5, 0.5),
    "interpolation": "bicubic",
    "width": 512,
    "cam_layer": None,
    "licence": "apache-2.0",
}


def test_equal_facts_are_one_backbone_to_a_cache():
    assert {Backbone(**FACTS): "network"}[Backbone(**FACTS)] == "network"
    assert Backbone(**FACTS) != Backbone(**{**FACTS, "size": 256})
    with pytest.raises(dataclasses.FrozenInstanceError):
        Backbone(**FACTS).size = 256


def test_a_backbone_of_timm_has_two_scales_and_weights_on_the_hub_unless_said_otherwise():
    backbone = Backbone(**FACTS)
    assert (backbone.scales, backbone.on_hub, backbone.checkpoint) == (2, True, None)
