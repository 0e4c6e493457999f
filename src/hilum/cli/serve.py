"""`hilum serve`."""

import webbrowser
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import TRACK, say
from hilum.errors import HilumError


def serve(
    model: Annotated[Path | None, typer.Argument(help="Model folder, or .onnx file.")] = None,
    weights: flags.Weights = None,
    runs: Annotated[Path | None, typer.Option(help="Folder of run folders to show.")] = None,
    slices: Annotated[
        Path | None,
        typer.Option(help="Folder of the slices that MODEL and the runs name, for pictures."),
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="By default 8000, or any that is free.")] = None,
    host: Annotated[str, typer.Option(help="Any but this machine's own needs --token-file.")] = "127.0.0.1",
    token_file: Annotated[Path | None, typer.Option(help="File with the token that requests must bring.")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
) -> None:
    """Open a page on this machine that says what a model makes of slices, and shows runs."""
    from hilum.model.open import open_model
    from hilum.report.words import warnings_of
    from hilum.serve.app import create_app
    from hilum.serve.server import address_of, listen
    from hilum.serve.server import run as run_server
    from hilum.serve.settings import Settings, access_for, is_loopback

    if model is None and runs is None:
        raise HilumError("Give a MODEL to serve, or --runs with a folder of runs.")
    for folder, option in ((runs, "--runs"), (slices, "--slices")):
        if folder is not None and not folder.is_dir():
            raise HilumError(f"The folder {folder} does not exist. Give {option} a folder.")
    access = access_for(host, token_file)
    reader = None if model is None else open_model(model, weights, track=TRACK)
    settings = Settings(access=access, model=model, weights=weights, runs=runs, slices=slices)
    bound = listen(host, port)
    address = address_of(bound)

    def started() -> None:
        say(f"hilum is at {address} until Ctrl-C. Research use only; uploads stay in memory.")
        for warning in [] if reader is None else warnings_of(reader.facts):
            say(f"{warning}.")
        if not is_loopback(host):
            say(
                "Others can reach it; its API, reports and metrics need the token, the bare page, /openapi.json and "
                "/healthz do not. It speaks plain HTTP: between machines use a tunnel, as ssh -L makes one."
            )
        if not no_open:
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # a text browser would hold us up

    try:
        run_server(create_app(reader, settings, started), bound, settings.caps.head)
    except KeyboardInterrupt:
        say("Stopped.")
