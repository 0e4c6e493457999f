"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated, Any

import typer


def switch(name: str, help_: str) -> Any:  # noqa: ANN401 - as typer.Option is typed
    """An option that is on or off, which takes no value."""
    return typer.Option(name, metavar="", show_default=False, help=help_)


Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of slices: a folder per class, or train, valid and test with a folder per class "
        "each; optional with --table."
    ),
]
Table = Annotated[
    Path | None,
    typer.Option(
        help="CSV file with columns path, label and optionally split, group; paths relative to FOLDER, if given."
    ),
]
Groups = Annotated[
    Path | None,
    typer.Option(
        help="CSV file with columns path, group (patient or series); used instead of the groups of --table and of "
        "look-alikes (see --look-alike)."
    ),
]
LookAlike = Annotated[
    float | None,
    typer.Option(
        help="Correlation above which the strict protocol keeps slices without ids together, from 0.5 to 1; by default "
        "0.87, or less if the slices show that it would still mean one chest."
    ),
]
External = Annotated[
    list[str] | None,
    typer.Option(
        help="NAME=FOLDER of labelled slices from elsewhere, which choose nothing and on which every model is scored; "
        "may be repeated."
    ),
]
Mapped = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="NAME:CLASS=CLASS for a class of --external with another name. If the second is no class of FOLDER, "
        "the slices of NAME are read as two classes, --negative and all others; may be repeated.",
    ),
]
_WINDOWS = "DICOM window: lung, mediastinum, bone, file (the file's own) or auto (the file's own, else lung for CT)"
Window = Annotated[str, typer.Option(help=f"{_WINDOWS}.")]
Strict = Annotated[
    bool,
    switch("--strict", "Fail if any file cannot be read; unrelated to the strict protocol."),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        help="Folder of files TAG.safetensors, with the timm tags that `hilum backbones` lists; by default the one in "
        "the environment variable HILUM_WEIGHTS.",
    ),
]
RandomWeights = Annotated[bool, switch("--random-weights", "Use random backbone weights, to try a command out.")]
Size = Annotated[int | None, typer.Option(help="Input size in pixels; by default each backbone's own.")]
Crop = Annotated[bool, switch(" /--no-crop", "Do not crop slices to the body.")]
Scales = Annotated[
    str,
    typer.Option(
        help="Backbone stages to take features from: last, earlier (the last but one, at twice the resolution) or both."
    ),
]
Effort = Annotated[
    str,
    typer.Option(
        help="Effort of training: fast, one forward pass a slice and one more for its floor; or thorough, whose heads "
        "also learn from five further views of each slice, six forward passes each. A prediction is one forward pass "
        "with both."
    ),
]
Views = Annotated[
    str | None,
    typer.Option(
        help="Comma-separated further views of slices for heads to learn from: mirrored, left, right, up, down; or "
        "none; by default those of --effort."
    ),
]
Engine = Annotated[
    str, typer.Option(help="Inference engine: onnxruntime, torch, or auto (torch on a GPU, else onnxruntime).")
]
Negative = Annotated[str, typer.Option(help="Name of the non-cancer class; all classes are still scored.")]
Head = Annotated[
    str,
    typer.Option(
        help="Head to train on the features: logistic, kernel, both (their average), hierarchical (cancer or not, then "
        "which; without a non-cancer class, one kernel machine) or softmax."
    ),
]
ClassWeight = Annotated[
    str,
    typer.Option(help="Weights of the classes in a head: none, or balanced, so that a rare class counts as much."),
]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Floor = Annotated[
    str,
    typer.Option(
        help="Floors: cheap (file facts, 32x32 pixels, border alone), or full, which adds the same network on pictures "
        "with the lungs blanked and takes about twice as long."
    ),
]
Timed = Annotated[
    bool,
    switch("--profile", "Print afterwards where the time went, step by step, and how busy the processor was."),
]
Model = Annotated[Path, typer.Argument(help="Model folder or exported .onnx file.")]
ModelWindow = Annotated[
    str | None,
    typer.Option(help=f"{_WINDOWS}; by default the model's."),
]
