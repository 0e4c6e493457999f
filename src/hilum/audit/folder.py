"""Writes audit.json, audit.html and config.json to a folder, and never overwrites files that hilum did not make."""

from pathlib import Path
from typing import TYPE_CHECKING

from hilum.outputs import Kind, OutputFolder, write_json, write_text
from hilum.records.audit import AUDIT_SCHEMA, AuditRecord
from hilum.records.config import CONFIG
from hilum.report.audit import audit_page

if TYPE_CHECKING:
    from hilum.audit.audit import Audit

_PAGE = "audit.html"
AUDIT = Kind("audit", "audit.json", AUDIT_SCHEMA, frozenset({_PAGE, CONFIG}))


def write_audit_folder(
    audit: "Audit", folder: str | Path, *, overwrite: bool = False, command: str | None = None
) -> AuditRecord:
    """Writes `audit.json`, the self-contained `audit.html`, and `config.json` with the options.

    Args:
        audit: The audit.
        folder: A folder that does not exist or is empty; with `overwrite`, also an earlier audit without other files.
        overwrite: Whether an earlier audit is replaced.
        command: Command line that made the audit.

    Returns:
        The content of audit.json.

    Raises:
        HilumError: The folder holds something that must not be overwritten, or cannot be written.
    """
    with OutputFolder(folder, AUDIT, overwrite=overwrite) as out:
        return write_audit_to(out, audit, command)


def write_audit_to(out: OutputFolder, audit: "Audit", command: str | None) -> AuditRecord:
    """Does what `write_audit_folder` does, to an open output of the kind `AUDIT`."""
    # Imported here, because the command opens its output before it loads anything heavy.
    from hilum.audit.config import audit_config
    from hilum.audit.picture_checks import HEADINGS
    from hilum.audit.record import audit_record

    record = audit_record(audit, command)
    with out.writing() as made:
        write_json(made / AUDIT.record, record.as_json())
        write_json(made / CONFIG, audit_config(audit).as_json())
        write_text(made / _PAGE, audit_page(record, audit.picture, HEADINGS))
    return record
