"""The report of an audit: a self-contained page and a few lines for the terminal."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from hilum.records.audit import AuditRecord, Counts, Finding
from hilum.records.figures import likeness_text
from hilum.report.words import plural, warnings_of

LINES = 10  # findings shown on the terminal
NAMED = 2  # files named for each finding on the terminal
LINE_LENGTH = 320
_NOUNS = {"serious": "serious finding", "notice": "notice"}
GROUPS = 12  # groups of near-duplicates, and conflicts of each kind, shown on the page


def audit_lines(record: AuditRecord) -> list[str]:
    """The lines for the terminal: counts, then the findings, serious ones first.

    Args:
        record: The contents of `audit.json`.

    Returns:
        At most 15 plain lines without rich's markup: print them with `markup=False`.
    """
    lines = [*(f"{line}." for line in warnings_of(record)), counts_sentence(record)]
    findings = record.findings
    if not findings:
        return [*lines, "The audit found nothing wrong with the files."]
    lines.append("What is wrong with the data, worst first:")
    for finding in findings[:LINES]:
        text = f"{finding.severity.capitalize()}: {finding.title.rstrip('.')}. {finding.text}{_files(finding)}"
        lines.append(textwrap.shorten(text, LINE_LENGTH, placeholder=" …"))
    if (more := len(findings) - LINES) > 0:
        lines.append(f"And {plural(more, 'finding')} more, in the report.")
    return lines


def counts_sentence(record: AuditRecord) -> str:
    """How many files there are, and how many groups they form."""
    groups = record.groups
    return (
        f"{plural(record.files, 'file')}, {record.distinct:,} with distinct content: "
        f"{plural(groups.same_slice, 'group')} of the same slice, "
        f"{plural(groups.look_alike, 'group')} of slices that look alike (above {likeness_text(groups.likeness)})."
    )


def severity_counts(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Each severity that was found, with the number of its findings in words."""
    counts = Counter[str](finding.severity for finding in findings)
    return [(severity, plural(counts[severity], noun)) for severity, noun in _NOUNS.items() if counts[severity]]


def severity_lines(record: AuditRecord) -> list[str]:
    """The titles of the findings, each with its count, a line for each severity, where the page has the rest."""
    lines = []
    for severity in _NOUNS:
        titles = Counter(finding.title.rstrip(".") for finding in record.findings if finding.severity == severity)
        if titles:
            words = (f"{one[0].lower()}{one[1:]}{f' ({count})' if count > 1 else ''}" for one, count in titles.items())
            lines.append(f"{severity.capitalize()}: {'; '.join(words)}.")
    return lines


def _files(finding: Finding) -> str:
    """The names of a finding's first files, unless its text names some."""
    paths = finding.paths
    if not paths or any(path in finding.text for path in paths):
        return ""
    return f" Files: {', '.join(paths[:NAMED])}{', …' if len(paths) > NAMED else '.'}"


def audit_page(record: AuditRecord, pictures: Callable[[str], bytes | None], headings: Mapping[str, str]) -> str:
    """The page of an audit.

    Args:
        record: The contents of `audit.json`.
        pictures: Function from a slice's path to the bytes of a small picture, or None if there is none.
        headings: Heading of the slices that stand out in each way, by its name in `record.slices`.
    """
    from hilum.report.charts import groups_chart
    from hilum.report.page import page_of
    from hilum.report.style import svg

    curve = record.groups.curve
    return page_of(
        "audit.html.j2",
        record=record,
        pictures=pictures,
        curve_svg=svg(groups_chart(record, curve)) if curve else None,
        # Groups in several splits first, then groups of several classes.
        near=sorted(record.near_duplicates, key=lambda group: (-len({*group.splits}), -len({*group.labels})))[:GROUPS],
        conflicts=record.label_conflicts[:GROUPS],
        alike=record.alike_conflicts[:GROUPS],
        headings=headings,
        counts=count_rows(record.data),
    )


def count_rows(data: Counts) -> list[tuple[str, list[int], int]]:
    """Rows of the table of files: class, count in each split, and their sum; the last row is all classes."""
    rows = []
    for name in data.classes:
        numbers = [split.get(name, 0) for split in data.counts.values()]
        rows.append((name, numbers, sum(numbers)))
    sums = [sum(split.values()) for split in data.counts.values()]
    return [*rows, ("all", sums, sum(sums))]
