"""`hilum audit`."""

from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import STEPS, TRACK, command_line, new_folder, read_slices, show_lines, show_profile, show_record
from hilum.cli.help import OUTPUT, SCORING, choice, option, switch
from hilum.cli.plans import AUDITING
from hilum.options import FLOORS
from hilum.text import seen_from_here


def audit(
    context: typer.Context,
    folder: flags.Folder = None,
    table: flags.Table = None,
    groups: flags.Groups = None,
    window: flags.Window = "auto",
    strict: flags.Strict = False,
    negative: flags.Negative = "normal",
    look_alike: flags.LookAlike = None,
    floor: Annotated[
        str,
        choice(
            SCORING,
            FLOORS,
            "Floors: cheap is simple models of file facts, 32x32 pixels and the border; full adds EfficientNet-Lite0 "
            "on pictures with the lungs blanked.",
        ),
    ] = "cheap",
    out: Annotated[
        Path | None, option(OUTPUT, "FOLDER", "Audit folder to write; by default audits/FOLDER-TIME.")
    ] = None,
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an earlier audit in the audit folder.")] = False,
    as_json: Annotated[bool, switch(OUTPUT, "--json", "Print audit.json instead of a summary.")] = False,
    seed: flags.Seed = 0,
    profile: flags.Timed = False,
) -> None:
    """Check slices for copies, leaks, shortcuts and wrong organs.

    Writes audit.html and audit.json to an audit folder. Only simple baselines are trained.

    Example: hilum audit slices --groups patients.csv
    """
    given = dict(locals())
    if profile:
        context.call_on_close(show_profile)
    from hilum.audit.folder import AUDIT, write_audit_to
    from hilum.options import check_floor, check_likeness, check_seed
    from hilum.outputs import OutputFolder
    from hilum.report.audit import audit_lines

    place = out or new_folder("audits", folder or table)
    output = context.with_resource(OutputFolder(place, AUDIT, overwrite=overwrite))
    check_seed(seed)
    check_floor(floor)
    check_likeness(look_alike)
    STEPS.plan(*AUDITING)
    slices = read_slices(given, complete=False)
    from hilum.audit.audit import run_audit  # slow to import, so only once the inputs are checked

    audited = run_audit(slices, negative=negative, floor=floor, look_alike=look_alike, seed=seed, track=TRACK)
    record = write_audit_to(output, audited, command_line())
    show_lines(audited.notes)
    show_record(place / "audit.json", as_json, [*audit_lines(record), f"Audit: {seen_from_here(place / 'audit.html')}"])
