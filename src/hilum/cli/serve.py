"""`hilum serve`."""

import webbrowser
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import TRACK, say
from hilum.cli.help import ADVANCED, DATA, OUTPUT, argument, option, switch
from hilum.errors import HilumError


def serve(
    model: Annotated[
        Path | None, argument("MODEL", "Model folder or exported .onnx file; optional with --runs.")
    ] = None,
    runs: Annotated[
        Path | None,
        option(DATA, "FOLDER", "Folder of runs from `hilum compare` and `hilum evaluate` to show."),
    ] = None,
    slices_folder: Annotated[
        Path | None,
        option(
            DATA,
            "FOLDER",
            "Folder of slices that the model or the runs used, to show their pictures.",
            "--slices",
        ),
    ] = None,
    weights: flags.Weights = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="NUMBER",
            rich_help_panel=OUTPUT,
            help="Port; by default 8000, or a free one if that is taken.",
        ),
    ] = None,
    no_open: Annotated[bool, switch(OUTPUT, "--no-open", "Do not open a browser.")] = False,
    host: Annotated[
        str,
        option(
            ADVANCED, "ADDRESS", "Address to listen on; an address that other machines can reach needs --token-file."
        ),
    ] = "127.0.0.1",
    token_file: Annotated[
        Path | None,
        option(
            ADVANCED,
            "FILE",
            "File with a token, which the page asks for and other clients send as the header "
            "Authorization: Bearer TOKEN.",
        ),
    ] = None,
) -> None:
    """Serve a page that classifies slices and shows runs.

    The page is open to this machine only, unless --host and --token-file say otherwise.

    Example: hilum serve model --runs runs
    """
    from hilum.model.open import open_reader
    from hilum.report.words import warnings_of
    from hilum.serve.app import create_app
    from hilum.serve.server import address_of, listen
    from hilum.serve.server import run as run_server
    from hilum.serve.settings import Settings, access_for, is_loopback

    if model is None and runs is None:
        raise HilumError("There is nothing to serve. Give a MODEL, or --runs with a folder of runs.")
    for folder, name in ((runs, "--runs"), (slices_folder, "--slices")):
        if folder is not None and not folder.is_dir():
            raise HilumError(f"The folder {folder} does not exist. Give {name} a folder.")
    access = access_for(host, token_file)
    reader = None if model is None else open_reader(model, weights, track=TRACK)
    settings = Settings(access=access, model=model, weights=weights, runs=runs, slices_folder=slices_folder)
    bound = listen(host, port)
    address = address_of(bound)

    def started() -> None:
        say(f"hilum is at {address} until Ctrl-C. Research use only. Uploads stay in memory.")
        for warning in [] if reader is None else warnings_of(reader.facts):
            say(f"{warning}.")
        if not is_loopback(host):
            say(
                "Other machines can reach it. The API, reports and metrics need the token; the empty page, "
                "/openapi.json and /healthz do not. Between machines, use a tunnel such as ssh -L: it is plain HTTP."
            )
        if not no_open:
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # a text browser would block

    try:
        run_server(create_app(reader, settings, started), bound, settings.caps.head_seconds)
    except KeyboardInterrupt:
        say("Stopped.")
