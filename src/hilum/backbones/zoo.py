"""The backbones: one row a network, with the facts that its weights demand."""

from functools import cache

from hilum.backbones.facts import Backbone
from hilum.options import check_name

_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_HALF = (0.5, 0.5, 0.5)

ZOO: tuple[Backbone, ...] = (
    Backbone(
        name="xception",
        title="Xception",
        tag="legacy_xception.tf_in1k",
        size=299,
        mean=_HALF,
        std=_HALF,
        interpolation="bicubic",
        width=2048,
        cam_layer="act4",
        licence="apache-2.0",
        on_hub=False,
        checkpoint="https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-cadene/xception-43020ad28.pth",
    ),
    Backbone(
        name="vgg16",
        title="VGG16",
        tag="vgg16.tv_in1k",
        size=224,
        mean=_IMAGENET_MEAN,
        std=_IMAGENET_STD,
        interpolation="bilinear",
        width=512,
        cam_layer="features.30",
        licence="bsd-3-clause",
        checkpoint="vgg16-397923af.pth",
    ),
    Backbone(
        name="resnet50",
        title="ResNet50",
        tag="resnet50.tv_in1k",
        size=224,
        mean=_IMAGENET_MEAN,
        std=_IMAGENET_STD,
        interpolation="bilinear",
        width=2048,
        cam_layer="layer4",
        licence="bsd-3-clause",
        checkpoint="resnet50-0676ba61.pth",
    ),
    Backbone(
        name="inception_v3",
        title="InceptionV3",
        tag="inception_v3.tf_in1k",
        size=299,
        mean=_HALF,
        std=_HALF,
        interpolation="bicubic",
        width=2048,
        cam_layer="Mixed_7c",
        licence="apache-2.0",
    ),
    Backbone(
        name="densenet121",
        title="DenseNet121",
        tag="densenet121.tv_in1k",
        size=224,
        mean=_IMAGENET_MEAN,
        std=_IMAGENET_STD,
        interpolation="bicubic",
        width=1024,
        cam_layer="features.norm5",
        licence="apache-2.0",
        checkpoint="densenet121-a639ec97.pth",
    ),
    Backbone(
        name="convnext_tiny",
        title="ConvNeXtTiny",
        tag="convnext_tiny.fb_in1k",
        size=224,
        mean=_IMAGENET_MEAN,
        std=_IMAGENET_STD,
        interpolation="bicubic",
        width=768,
        cam_layer="stages.3",
        licence="apache-2.0",
        checkpoint="convnext_tiny_1k_224_ema.pth",
    ),
    Backbone(
        name="efficientnet_v2_l",
        title="EfficientNetV2L",
        tag="tf_efficientnetv2_l.in1k",
        size=384,
        mean=_HALF,
        std=_HALF,
        interpolation="bicubic",
        width=1280,
        cam_layer="bn2",
        licence="apache-2.0",
        checkpoint="tf_efficientnetv2_l-d664b728.pth",
    ),
    Backbone(
        name="efficientnet_lite0",
        title="EfficientNet-Lite0",
        tag="tf_efficientnet_lite0.in1k",
        size=224,
        mean=_HALF,
        std=_HALF,
        interpolation="bicubic",
        width=1280,
        cam_layer="bn2",
        licence="apache-2.0",
        checkpoint="tf_efficientnet_lite0-0aa007d2.pth",
    ),
    Backbone(
        name="densenet169",
        title="DenseNet169",
        tag="densenet169.tv_in1k",
        size=224,
        mean=_IMAGENET_MEAN,
        std=_IMAGENET_STD,
        interpolation="bicubic",
        width=1664,
        cam_layer="features.norm5",
        licence="apache-2.0",
        checkpoint="densenet169-b2777c0a.pth",
    ),
)

# The seven of the published comparison, and the one whose weights come in a package. Others are compared where their
# weights are on this machine.
DEFAULT_NAMES = tuple(row.name for row in ZOO[:8])
CNN = "cnn"


def backbone(name: str) -> Backbone:
    """The row of a name, or of `timm:NAME` for any other model of timm.

    Raises:
        HilumError: There is no such row, or timm knows no such model or no weights for it.
    """
    if name.startswith("timm:"):
        return _timm_row(name)
    rows = {row.name: row for row in ZOO}
    check_name("model", name, rows, f", any timm model as timm:NAME and, in a comparison, {CNN}")
    return rows[name]


@cache
def _timm_row(name: str) -> Backbone:
    from hilum.backbones.network import timm_facts  # torch and timm are loaded for these names only

    return timm_facts(name)
