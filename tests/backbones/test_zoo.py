"""The zoo's facts, beside hand-written values, timm's own, torchvision's own and the networks themselves."""

import re

import pytest
import timm
import torchvision

from hilum.backbones.zoo import CNN, DEFAULT_NAMES, ZOO, backbone
from hilum.errors import HilumError

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# tag: size, mean and std, interpolation, features
FACTS = {
    "legacy_xception.tf_in1k": (299, HALF, "bicubic", 2048),
    "vgg16.tv_in1k": (224, IMAGENET, "bilinear", 512),
    "resnet50.tv_in1k": (224, IMAGENET, "bilinear", 2048),
    "inception_v3.tf_in1k": (299, HALF, "bicubic", 2048),
    "densenet121.tv_in1k": (224, IMAGENET, "bicubic", 1024),
    "convnext_tiny.fb_in1k": (224, IMAGENET, "bicubic", 768),
    "tf_efficientnetv2_l.in1k": (384, HALF, "bicubic", 1280),
    "tf_efficientnet_lite0.in1k": (224, HALF, "bicubic", 1280),
    "densenet169.tv_in1k": (224, IMAGENET, "bicubic", 1664),
}
TORCHVISION = {
    "vgg16": torchvision.models.VGG16_Weights,
    "resnet50": torchvision.models.ResNet50_Weights,
    "densenet121": torchvision.models.DenseNet121_Weights,
    "densenet169": torchvision.models.DenseNet169_Weights,
}
each_row = pytest.mark.parametrize("row", ZOO, ids=lambda row: row.name)


def test_the_rows_are_the_published_seven_and_two_more():
    assert {row.tag for row in ZOO} == set(FACTS)
    assert [row.title for row in ZOO] == [
        "Xception", "VGG16", "ResNet50", "InceptionV3", "DenseNet121", "ConvNeXtTiny", "EfficientNetV2L",
        "EfficientNet-Lite0", "DenseNet169",
    ]  # fmt: skip
    names = [row.name for row in ZOO]
    assert len(set(names)) == len(names)
    assert CNN not in names
    assert set(DEFAULT_NAMES) == set(names) - {"densenet169"}


@each_row
def test_facts_by_hand(row):
    assert (row.size, (row.mean, row.std), row.interpolation, row.width) == FACTS[row.tag]


@each_row
def test_facts_are_those_of_the_weights(row):
    config = timm.get_pretrained_cfg(row.tag)
    assert config.input_size == (3, row.size, row.size)
    assert (config.mean, config.std) == (row.mean, row.std)
    assert config.interpolation == row.interpolation
    assert config.license == row.licence
    assert config.hf_hub_id == (f"timm/{row.tag}" if row.on_hub else None)


@pytest.mark.parametrize("name", ["convnext_tiny", "efficientnet_v2_l"])
def test_the_size_is_that_of_training_where_testing_has_another(name):
    row = backbone(name)
    assert row.size < timm.get_pretrained_cfg(row.tag).test_input_size[1]


@each_row
def test_the_checkpoint_is_the_file_that_torch_keeps(row):
    if row.name in TORCHVISION:
        address = TORCHVISION[row.name].IMAGENET1K_V1.url
    else:
        address = timm.get_pretrained_cfg(row.tag).url or None
    if not row.on_hub:  # nowhere else to fetch it from: the whole address is needed
        assert row.checkpoint == address
    else:
        assert row.checkpoint == (address and address.rpartition("/")[2])


def test_names_lead_to_their_rows():
    assert all(backbone(row.name) is row for row in ZOO)


@pytest.mark.parametrize("name", ["resnet", "Xception", "", "cnn", "densenet121.tv_in1k"])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(HilumError) as raised:
        backbone(name)
    assert repr(name) in str(raised.value)
    assert all(row.name in str(raised.value) for row in ZOO)
    assert "timm:NAME" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "tag", "size", "norm", "width"),
    [
        ("resnet10t", "resnet10t.c3_in1k", 176, IMAGENET, 512),
        ("resnet10t.c3_in1k", "resnet10t.c3_in1k", 176, IMAGENET, 512),
        ("vit_tiny_patch16_224", "vit_tiny_patch16_224.augreg_in21k_ft_in1k", 224, HALF, 192),
        ("swin_tiny_patch4_window7_224", "swin_tiny_patch4_window7_224.ms_in1k", 224, IMAGENET, 768),
        ("vgg16.tv_in1k", "vgg16.tv_in1k", 224, IMAGENET, 512),
    ],
)
def test_any_timm_model(name, tag, size, norm, width):
    row = backbone(f"timm:{name}")
    assert (row.name, row.tag, row.size, (row.mean, row.std)) == (f"timm:{name}", tag, size, norm)
    assert row.width == width
    assert row.on_hub
    assert row.licence == timm.get_pretrained_cfg(tag).license


@pytest.mark.parametrize("name", ["no_such_network", "resnet10t.no_such_weights", ""])
def test_an_unknown_timm_model(name):
    with pytest.raises(HilumError, match=re.escape(repr(name))):
        backbone(f"timm:{name}")
