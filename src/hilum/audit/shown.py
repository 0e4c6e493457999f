"""How an audit shows itself: as a line, and as HTML in a notebook."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hilum import html
from hilum.audit.picture_checks import HEADINGS
from hilum.errors import extras_named
from hilum.report.audit import audit_page, counts_sentence, severity_counts
from hilum.report.words import listed, plural, warnings_of

if TYPE_CHECKING:
    from hilum.audit.audit import Audit
    from hilum.records.audit import Finding

_SHOWN = 4  # pictures of a finding
_WIDTH = 120  # of a picture in pixels


def line(audit: "Audit") -> str:
    """The number of findings, in one line."""
    record = audit.record
    return f"Audit({plural(record.files, 'file')} in {record.data.folder}: {_numbers(record.findings)})"


def page(audit: "Audit") -> str:
    """The findings, serious ones first, with thumbnails of what they show."""
    record = audit.record
    return html.block(
        *(html.paragraph(f"{line}.", strong=True) for line in warnings_of(record)),
        html.paragraph(f"{counts_sentence(record)} The audit found {_numbers(record.findings)}."),
        *(part for finding in record.findings for part in _finding(audit, finding)),
        html.bullets(record.notes),
    )


def report(audit: "Audit") -> html.Shown:
    """The whole report in a frame."""
    with extras_named():
        return html.report_of(audit, audit_page(audit.record, audit.picture, HEADINGS))


def _numbers(findings: "tuple[Finding, ...]") -> str:
    words = [words for _, words in severity_counts(findings)]
    return listed(words) if words else "nothing wrong with the files"


def _finding(audit: "Audit", finding: "Finding") -> Iterator[str]:
    yield html.paragraph(f"{finding.severity.capitalize()}: {finding.title}", strong=True)
    yield html.paragraph(finding.text)
    if finding.paths:
        shown = [
            (html.thumbnail(audit.picture(path), "jpeg", f"Slice {path}", _WIDTH), [path])
            for path in finding.paths[:_SHOWN]
        ]
        yield html.gallery(shown, _WIDTH)
