"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path | None, typer.Argument(help="Folder of slices.")]
Table = Annotated[Path | None, typer.Option(help="CSV file with columns path, label and optionally split, group.")]
Groups = Annotated[
    Path | None,
    typer.Option(help="CSV file with columns path, group (patient or series); replaces groups of look-alikes."),
]
Window = Annotated[str, typer.Option(help="DICOM window: lung, mediastinum, bone, file or auto.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail if any file cannot be read.")]
Weights = Annotated[
    Path | None,
    typer.Option("--weights", help="Folder of TAG.safetensors files; also read from HILUM_WEIGHTS."),
]
RandomWeights = Annotated[
    bool, typer.Option("--random-weights", help="Use random backbone weights, to try a command out.")
]
Size = Annotated[int | None, typer.Option(help="Input size in pixels; by default each backbone's own.")]
Crop = Annotated[bool, typer.Option(" /--no-crop", show_default=False, help="Do not crop slices to the body.")]
Scales = Annotated[int, typer.Option(help="Number of last backbone stages to take features from: 1 or 2.")]
Engine = Annotated[
    str, typer.Option(help="Inference engine: onnxruntime, torch, or auto (torch on a GPU, else onnxruntime).")
]
Negative = Annotated[str, typer.Option(help="Name of the non-cancer class.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Model = Annotated[Path, typer.Argument(help="Model folder or exported .onnx file.")]
ModelWindow = Annotated[
    str | None,
    typer.Option(help="DICOM window: lung, mediastinum, bone, file or auto; by default the model's."),
]
