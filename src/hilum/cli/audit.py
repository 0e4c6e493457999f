"""`hilum audit`."""

from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import ERR, command_line, new_folder, put, say, show_line, show_lines
from hilum.progress import tracker_for


def audit(
    context: typer.Context,
    folder: flags.Folder = None,
    table: flags.Table = None,
    groups: flags.Groups = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the audit; by default audits/FOLDER-TIME.", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier audit in the folder.")] = False,
    seed: flags.Seed = 0,
    negative: flags.Negative = "normal",
    window: flags.Window = "auto",
    strict: flags.Strict = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print audit.json, and nothing else, to standard output.")
    ] = False,
) -> None:
    """Say what is wrong with a folder of slices, before any score: copies, leaks, shortcuts, wrong organs."""
    from hilum.audit.audit import run_audit
    from hilum.audit.folder import AUDIT, write_audit_to
    from hilum.options import check_seed
    from hilum.outputs import OutputFolder
    from hilum.report.audit import audit_lines
    from hilum.slices.table import read_table

    place = out or new_folder("audits", folder or table)
    output = context.with_resource(OutputFolder(place, AUDIT, overwrite=overwrite))
    check_seed(seed)
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
    record = write_audit_to(output, audited, command_line())
    show_lines(audited.notes)
    if as_json:
        put((place / "audit.json").read_bytes())
        return
    for line in [*audit_lines(record), f"Audit: {place / 'audit.html'}"]:
        say(line)
