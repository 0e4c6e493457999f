"""What an audit of a folder says: a self-contained page and a few lines for the terminal."""

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from hilum.records.audit import AuditRecord, Counts, Finding
from hilum.report.words import plural, warnings_of

LINES = 10  # findings on the terminal
NAMED = 2  # files of each there
LINE_LENGTH = 320
GROUPS = 12  # of near duplicates, and of conflicts, on the page


def audit_lines(record: AuditRecord) -> list[str]:
    """What is said on the terminal: how much there is, then the findings, serious ones first.

    Args:
        record: The contents of `audit.json`.

    Returns:
        At most 15 plain lines without rich's markup: print them with `markup=False`.
    """
    groups = record.groups
    counts = (
        f"{plural(record.files, 'file')}, {record.distinct:,} with distinct content: "
        f"{plural(groups.same_slice, 'group')} of the same slice, "
        f"{plural(groups.look_alike, 'group')} of slices that look alike."
    )
    lines = [*(f"{line}." for line in warnings_of(record)), counts]
    findings = record.findings
    if not findings:
        return [*lines, "The audit found nothing wrong with the files."]
    lines.append("What is wrong with the data, worst first:")
    for finding in findings[:LINES]:
        word = "Serious" if finding.severity == "serious" else "Notice"
        text = f"{word}: {finding.title.rstrip('.')}. {finding.text}{_files(finding)}"
        lines.append(textwrap.shorten(text, LINE_LENGTH, placeholder=" …"))
    if (more := len(findings) - LINES) > 0:
        lines.append(f"And {plural(more, 'finding')} more, in the report.")
    return lines


def _files(finding: Finding) -> str:
    """Names the first files of a finding whose text names none."""
    paths = finding.paths
    if not paths or any(path in finding.text for path in paths):
        return ""
    return f" Files: {', '.join(paths[:NAMED])}{', …' if len(paths) > NAMED else '.'}"


def write_audit(
    record: AuditRecord, pictures: Callable[[str], bytes | None], path: Path, headings: Mapping[str, str]
) -> Path:
    """Write the page of an audit.

    Args:
        record: The contents of `audit.json`.
        pictures: Gives a slice's path the bytes of a small PNG, or None where there is none.
        path: Where the page goes.
        headings: Headings of the slices that stand out in some way, by its name in `record.slices`.

    Returns:
        The path. Nothing else is read or written.
    """
    from hilum.report.charts import groups_chart
    from hilum.report.page import write_page
    from hilum.report.style import svg

    curve = record.groups.curve
    return write_page(
        "audit.html.j2",
        path,
        record=record,
        pictures=pictures,
        curve_svg=svg(groups_chart(record, curve)) if curve else None,
        # Those that lie in several splits first, then those of several classes.
        near=sorted(record.near_duplicates, key=lambda group: (-len({*group.splits}), -len({*group.labels})))[:GROUPS],
        conflicts=record.label_conflicts[:GROUPS],
        headings=headings,
        counts=count_rows(record.data),
    )


def count_rows(data: Counts) -> list[tuple[str, list[int], int]]:
    """Files a class, one figure a split, and the sum; the last row counts all classes."""
    rows = []
    for name in data.classes:
        numbers = [split.get(name, 0) for split in data.counts.values()]
        rows.append((name, numbers, sum(numbers)))
    sums = [sum(split.values()) for split in data.counts.values()]
    return [*rows, ("all", sums, sum(sums))]
