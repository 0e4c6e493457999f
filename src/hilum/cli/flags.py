"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated

from hilum.backbones.zoo import ZOO
from hilum.cli.help import ADVANCED, DATA, MODELS, SCORING, argument, choice, option, switch
from hilum.heads.options import CLASS_WEIGHTS, HEADS
from hilum.options import EFFORTS, ENGINES, FLOORS, SCALES

WINDOWS = ("lung", "mediastinum", "bone", "file", "auto")  # `hilum.slices.windows`, which takes long to load


def backbone_names(incomplete: str) -> list[str]:
    """Comma-separated names that start as a value does, for a shell to offer."""
    before, comma, _ = incomplete.rpartition(",")
    return [f"{before}{comma}{row.name}" for row in ZOO]


Folder = Annotated[
    Path | None,
    argument(
        "FOLDER",
        "Folder of slices: a folder per class, or train, valid and test with a folder per class each; optional with "
        "--table.",
    ),
]
Table = Annotated[
    Path | None,
    option(
        DATA,
        "FILE",
        "CSV file with columns path, label and optionally split, group; paths relative to FOLDER, if given.",
    ),
]
Groups = Annotated[
    Path | None,
    option(
        DATA,
        "FILE",
        "CSV file with columns path, group (patient or series); used instead of the groups of --table and of "
        "look-alikes (see --look-alike).",
    ),
]
LookAlike = Annotated[
    float | None,
    option(
        SCORING,
        "NUMBER",
        "Correlation above which the strict protocol keeps slices without ids together, from 0.5 to 1; by default "
        "0.87, or less if the slices show that it would still mean one chest.",
    ),
]
External = Annotated[
    list[str] | None,
    option(
        DATA,
        "NAME=FOLDER",
        "Labelled slices from elsewhere, which choose nothing and on which every model is scored; may be repeated.",
    ),
]
Mapped = Annotated[
    list[str] | None,
    option(
        DATA,
        "NAME:CLASS=\nCLASS",
        "Class of --external with another name. If the second is no class of FOLDER, the slices of NAME are read as "
        "two classes, --negative and all others; may be repeated.",
        "--map",
    ),
]
_WINDOW = "DICOM window; file is the file's own, auto is the file's own, else lung for CT"
Window = Annotated[str, choice(DATA, WINDOWS, f"{_WINDOW}.")]
ModelWindow = Annotated[str | None, choice(DATA, WINDOWS, f"{_WINDOW}; by default the model's.")]
Strict = Annotated[bool, switch(DATA, "--strict", "Fail if any file cannot be read; unrelated to the strict protocol.")]
Crop = Annotated[
    bool,
    switch(DATA, "--crop/--no-crop", "Crop slices to the body (the default), or use them whole."),
]
Weights = Annotated[
    Path | None,
    option(
        MODELS,
        "FOLDER",
        "Folder of .safetensors files named by their timm tags, which `hilum backbones` lists; by default the one in "
        "the environment variable HILUM_WEIGHTS.",
    ),
]
Head = Annotated[
    str,
    choice(
        MODELS,
        HEADS,
        "Head to train on the features; both is the average of logistic and kernel, and hierarchical asks whether it "
        "is cancer, then which (without a non-cancer class, it is one kernel machine).",
    ),
]
ClassWeight = Annotated[
    str,
    choice(MODELS, CLASS_WEIGHTS, "Weights of the classes in a head; balanced makes a rare class count as much."),
]
Effort = Annotated[
    str,
    choice(
        MODELS,
        EFFORTS,
        "Effort of training: fast is one forward pass a slice and one more for its floor; with thorough, heads also "
        "learn from five further views of each slice, six forward passes each. A prediction is one forward pass with "
        "both.",
    ),
]
Negative = Annotated[str, option(SCORING, "CLASS", "Name of the non-cancer class; all classes are still scored.")]
Floor = Annotated[
    str,
    choice(
        SCORING,
        FLOORS,
        "Floors: cheap is simple models of file facts, 32x32 pixels and the border; full adds the same network on "
        "pictures with the lungs blanked and takes about twice as long.",
    ),
]
Size = Annotated[int | None, option(ADVANCED, "PIXELS", "Side of the input; by default each backbone's own.")]
Scales = Annotated[
    str,
    choice(
        ADVANCED,
        SCALES,
        "Stages of the backbone to take features from; earlier is the last but one, at twice the resolution.",
    ),
]
Views = Annotated[
    str | None,
    option(
        ADVANCED,
        "NAMES",
        "Further views of slices for heads to learn from, joined by commas: mirrored, left, right, up, down; or none; "
        "by default those of --effort.",
    ),
]
Engine = Annotated[str, choice(ADVANCED, ENGINES, "Inference engine; auto is torch on a GPU, else onnxruntime.")]
RandomWeights = Annotated[
    bool, switch(ADVANCED, "--random-weights", "Use random backbone weights, to try a command out.")
]
Seed = Annotated[int, option(ADVANCED, "NUMBER", "Random seed.")]
Timed = Annotated[
    bool,
    switch(
        ADVANCED, "--profile", "Print afterwards where the time went, step by step, and how busy the processor was."
    ),
]
Model = Annotated[Path, argument("MODEL", "Model folder or exported .onnx file.")]
