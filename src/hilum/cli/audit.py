"""`hilum audit`."""

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli.common import ERR, GroupsOption, StrictOption, WindowOption, put, say, show_lines, show_notes
from hilum.progress import tracker_for


def audit(
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
    from hilum.audit.folder import check_audit_folder, write_audit_folder
    from hilum.report.audit import audit_lines
    from hilum.slices.table import read_table

    source = folder or table
    name = source.resolve().stem if source else "audit"
    place = out or Path("audits") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    check_audit_folder(place, overwrite)
    track = tracker_for(ERR)
    slices = read_table(
        folder, table=table, groups=groups, window=window, seed=seed, strict=strict, complete=False, track=track
    )
    show_notes(slices)
    audited = run_audit(slices, negative=negative, seed=seed, track=track)
    show_lines(audited.notes)
    record = write_audit_folder(audited, place, overwrite=overwrite, command=shlex.join(["hilum", *sys.argv[1:]]))
    if as_json:
        put((place / "audit.json").read_bytes())
        return
    for line in [*audit_lines(record), f"Audit: {place / 'audit.html'}"]:
        say(line)
