"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path | None, typer.Argument(help="Folder with the slices.")]
Table = Annotated[Path | None, typer.Option(help="CSV file: path,label and, if wanted, split,group.")]
Groups = Annotated[
    Path | None,
    typer.Option(help="CSV file: path,group (patient or series), which overrides look-alikes."),
]
Window = Annotated[str, typer.Option(help="How DICOM becomes grey: lung, mediastinum, bone, file or auto.")]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at a file that cannot be read.")]
Weights = Annotated[
    Path | None,
    typer.Option("--weights", help="Folder with TAG.safetensors files; also HILUM_WEIGHTS."),
]
RandomWeights = Annotated[bool, typer.Option("--random-weights", help="Leave the backbones random, to try out.")]
Size = Annotated[int | None, typer.Option(help="Input side in pixels instead of each backbone's own.")]
Crop = Annotated[bool, typer.Option(" /--no-crop", help="Use slices whole instead of cropped to the body.")]
Scales = Annotated[int, typer.Option(help="Of each backbone, the last 1 or 2 that features come from.")]
Engine = Annotated[str, typer.Option(help="onnxruntime, torch, or auto: torch on a GPU, else onnxruntime.")]
Negative = Annotated[str, typer.Option(help="Name of the non-cancer class.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Model = Annotated[Path, typer.Argument(help="Model folder, or .onnx file.")]
ModelWindow = Annotated[
    str | None,
    typer.Option(help="Of DICOM: lung, mediastinum, bone, file or auto; by default the model's."),
]
