"""Turns an audit into the content of audit.json (docs/audit.md)."""

from hilum.audit import conflicts, odd, splits, twins
from hilum.audit.audit import Audit
from hilum.audit.findings import findings
from hilum.records.audit import AUDIT_SCHEMA, AuditRecord
from hilum.records.base import opening
from hilum.versions import versions

NOTICE = "Research use only. The audit describes files; it finds nothing about a patient."


def audit_record(audit: Audit, command: str | None) -> AuditRecord:
    """The content of audit.json."""
    table = audit.table
    record = AuditRecord.made(
        {
            **opening(AUDIT_SCHEMA, NOTICE, command, table.synthetic),
            "data": {
                "folder": table.root.resolve().name,
                "digest": table.digest,
                "classes": table.classes,
                "counts": table.counts,
            },
            "skipped": table.skipped,
            **twins.counted(audit),
            **conflicts.counted(audit),
            **splits.counted(audit),
            **odd.counted(audit),
            "floors": audit.floors,
            "notes": [*table.notes, *audit.notes],
            "versions": versions(),
        }
    )
    return record.model_copy(update={"findings": findings(record)})
