"""EfficientNet-Lite0's packaged weights: every tensor in its place, and a cat seen as a cat."""

import numpy as np
import pytest
import skimage.data
import timm
import torch
from PIL import Image

from hilum.backbones.lite0 import packaged_file, renamed
from hilum.backbones.network import feature_tensors
from hilum.backbones.zoo import backbone

CATS = {281, 282, 283, 284, 285}  # tabby, tiger cat, Persian, Siamese, Egyptian


@pytest.fixture(scope="module")
def original():
    return torch.load(packaged_file(), map_location="cpu", weights_only=True)


@pytest.fixture(scope="module")
def network(original):
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    network.load_state_dict(renamed(original, network.state_dict()))  # strict: none is missing, none is left over
    return network.eval()


def test_every_tensor_is_used_once(original, network):
    names = renamed(original, network.state_dict())
    assert len(names) == len(original)
    assert feature_tensors(network).keys() <= names.keys() == network.state_dict().keys()
    assert sorted(tensor.data_ptr() for tensor in names.values()) == sorted(
        tensor.data_ptr() for tensor in original.values()
    )


def test_a_cat_is_a_cat(network):
    row = backbone("efficientnet_lite0")
    cat = Image.fromarray(skimage.data.chelsea())
    cat = cat.resize((row.size, row.size), Image.Resampling.BICUBIC)
    picture = torch.from_numpy((np.asarray(cat, np.float32) / 255 - row.mean) / row.std).float()
    with torch.inference_mode():
        chances = network(picture.permute(2, 0, 1)[None]).softmax(1)[0]
    assert int(chances.argmax()) in CATS
    assert chances[sorted(CATS)].sum() > 0.5


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors: tensors[:-1],
        lambda tensors: [*tensors, tensors[-1]],
        lambda tensors: [*tensors[1:], tensors[0]],
        sorted,  # biases before weights of equal shape
    ],
    ids=["one less", "one more", "moved", "sorted"],
)
def test_another_checkpoint_is_refused(original, network, change):
    names = change(list(original))
    tensors = {f"{number}.{name}": original[name] for number, name in enumerate(names)}
    with pytest.raises(ValueError, match=r"is not a tensor of EfficientNet-Lite0|zip\(\)"):
        renamed(tensors, network.state_dict())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_conv_stem.weight", "conv_stem.weight"),
        ("_blocks.0._project_conv.weight", "blocks.0.0.conv_pw.weight"),
        ("_blocks.1._expand_conv.weight", "blocks.1.0.conv_pw.weight"),
        ("_blocks.4._bn2.bias", "blocks.2.1.bn3.bias"),
        ("_blocks.15._depthwise_conv.weight", "blocks.6.0.conv_dw.weight"),
        ("_fc.bias", "classifier.bias"),
    ],
)
def test_names_by_hand(original, network, name, expected):
    assert renamed(original, network.state_dict())[expected] is original[name]
