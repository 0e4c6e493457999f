"""`hilum audit`."""

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli.common import ERR, GroupsOption, StrictOption, WindowOption, put, say, show_line, show_lines
from hilum.progress import tracker_for


def audit(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Folder with the slices.", show_default=False)] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file: path,label and, if wanted, split,group.")] = None,
    groups: GroupsOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the audit; by default audits/FOLDER-TIME.", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier audit in the folder.")] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    negative: Annotated[str, typer.Option(help="The class that is no cancer.")] = "normal",
    window: WindowOption = "auto",
    strict: StrictOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print audit.json, and nothing else, to standard output.")
    ] = False,
) -> None:
    """Say what is wrong with a folder of slices, before any score: copies, leaks, shortcuts, wrong organs."""
    from hilum.audit.audit import run_audit
    from hilum.audit.folder import AUDIT, write_audit_to
    from hilum.outputs import OutputFolder
    from hilum.report.audit import audit_lines
    from hilum.slices.table import read_table

    source = folder or table
    name = source.resolve().stem if source else "audit"
    place = out or Path("audits") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    output = context.with_resource(OutputFolder(place, AUDIT, overwrite=overwrite))
    track = tracker_for(ERR)
    slices = read_table(
        folder,
        table=table,
        groups=groups,
        window=window,
        seed=seed,
        strict=strict,
        complete=False,
        say=show_line,
        track=track,
    )
    audited = run_audit(slices, negative=negative, seed=seed, track=track)
    record = write_audit_to(output, audited, shlex.join(["hilum", *sys.argv[1:]]))
    show_lines(audited.notes)
    if as_json:
        put((place / "audit.json").read_bytes())
        return
    for line in [*audit_lines(record), f"Audit: {place / 'audit.html'}"]:
        say(line)
