"""Training a model to use, as Python users call it."""

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from hilum.api.model import Model
from hilum.audit.audit import Audit
from hilum.backbones.zoo import backbone as backbone_named
from hilum.comparison.external import External
from hilum.errors import extras_named
from hilum.model.artefact import MODEL
from hilum.notebook import automatic
from hilum.options import check_keywords
from hilum.outputs import OutputFolder
from hilum.progress import Tracker
from hilum.slices.table import SliceTable, check_table
from hilum.training.options import TrainKeywords, TrainOptions
from hilum.training.train import train as train_head


@extras_named()
def train(
    table: SliceTable,
    backbone: str = "efficientnet_lite0",
    *,
    weights: str | Path | None = None,
    audited: Audit | None = None,
    external: Mapping[str, External | SliceTable] | None = None,
    track: Tracker = automatic,
    **options: Unpack[TrainKeywords],
) -> Model:
    """Trains a model to use: a head on a frozen backbone, and measures how far its answers can be trusted.

    The head is like those of a comparison, fitted on the distinct slices without label conflicts of the splits that
    `on` names. Temperature, thresholds and outlier limit come from out-of-fold predictions on the same slices, with
    look-alikes kept together.

    Args:
        table: The slices, from `read_table`.
        backbone: Name of the backbone, from the zoo or as `timm:NAME`.
        weights: Folder with files `<tag>.safetensors`, looked into first.
        audited: The audit of this table, if it was made already.
        external: Slices from elsewhere by a name for the record, from `read_labelled`, with mapped classes in an
            `External`. They choose nothing; the model's answers are measured on them too.
        track: Progress display; by default bars in a notebook and nothing in a script.
        **options: Fields of `TrainOptions`: `on`, `bundle`, `with_thumbnails`, `effort`, `size`, `crop`, `scales`,
            `views`, `engine`, `random_weights`, `head`, `class_weight`, `negative`, `floor`, `look_alike` and `seed`.

    Returns:
        The model, which is kept until the program ends; `Model.save` and `Model.export` keep it for good.

    Raises:
        HilumError: An option makes no sense, the weights were not found, or a class has too few groups of slices.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> model = hilum.train(table, "efficientnet_lite0")
        >>> model.save("my-model").name
        'my-model'
    """
    check_table(table, "train")
    check_keywords(train, TrainKeywords, options)
    asked = TrainOptions(backbone=backbone, **options)
    found = asked.weights_of(backbone_named(backbone), weights, track)
    trained = train_head(table, asked, found, audited=audited, external=external, track=track)
    place = Path(tempfile.mkdtemp(prefix="hilum-"))
    with OutputFolder(place / "model", MODEL) as out:
        trained.write(out)
    model = Model(out.place, weights, track=track)
    weakref.finalize(model, shutil.rmtree, place, ignore_errors=True)
    return model
