"""What an audit found, in sentences: the serious first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SHOWN = 12
_FLOOR_MARGIN = 0.15  # over what guessing the shares of the classes gives, before a floor is called high


def findings(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Findings of an audit record: `severity` (`serious` or `notice`), `title`, `text`, and up to 12 `paths`."""
    parts = (_copies, _shared_ids, _conflicts, _look_alikes, _splits, _floors, _slices)
    found = [finding for part in parts for finding in part(record)]
    return sorted(found, key=lambda finding: finding["severity"] != "serious")


def _finding(severity: str, title: str, text: str, paths: Sequence[str] = ()) -> dict[str, Any]:
    return {"severity": severity, "title": title, "text": text, "paths": list(paths[:_SHOWN])}


def _copies(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    files, distinct = record["files"], record["distinct"]
    if distinct < files:
        text = (
            f"{files - distinct:,} of {files:,} files are exact copies of others; {distinct:,} pictures are distinct."
        )
        yield _finding("notice", "Copies", text)
    ways: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for leak in record["leaks"]:
        if leak["same_slice"]:
            ways[leak["from"], leak["to"]].append(leak)
    for (origin, into), leaks in ways.items():
        counts = [f"{leak['same_slice']} of {leak['files']} files of {_words(leak['label'])}" for leak in leaks]
        found, identical = (sum(leak[key] for leak in leaks) for key in ("same_slice", "identical"))
        kinds = [
            f"{count} {how}" for count, how in ((identical, "identical"), (found - identical, "nearly so")) if count
        ]
        text = f"In {into}, {_listed(counts)} show a slice that is also in {origin} ({', '.join(kinds)})."
        worst = max(leak["same_slice"] / leak["files"] for leak in leaks)
        yield _finding("serious" if worst > 0.1 else "notice", f"Leak from {origin} to {into}", text)


def _shared_ids(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    ways: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for leak in record["leaks"]:
        if leak.get("group"):
            ways[leak["from"], leak["to"]].append(leak)
    for (origin, into), leaks in ways.items():
        counts = [f"{leak['group']} of {leak['files']} files of {_words(leak['label'])}" for leak in leaks]
        text = f"In {into}, {_listed(counts)} have a patient or series id that {origin} has too."
        yield _finding("serious", f"Same ids in {origin} and {into}", text)


def _conflicts(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    conflicts = record["label_conflicts"]
    if conflicts:
        verb = "slice carries" if len(conflicts) == 1 else "slices carry"
        text = f"{len(conflicts)} {verb} more than one label: {'; '.join(' = '.join(pair) for pair in conflicts[:3])}."
        yield _finding("serious", "Label conflict", text, [path for pair in conflicts for path in pair])


def _look_alikes(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    groups = record["groups"]
    if groups["given"] is None:
        text = (
            f"No patient or series ids were given, so no chest can be shown to be unseen. At correlation 0.99 the "
            f"pictures form {groups['same_slice']:,} groups, at 0.90 {groups['look_alike']:,} "
            f"(the largest {groups['largest']['look_alike']:,}); keeping these apart is harder than not, and proves "
            "nothing about patients."
        )
        yield _finding("serious", "No patient ids", text)


def _splits(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    splits = record["splits"]
    lacking: dict[str, list[str]] = defaultdict(list)
    for missing in splits["missing"]:
        lacking[missing["split"]].append(_words(missing["label"]))
    for split, classes in lacking.items():
        yield _finding("serious", "Missing class", f"{split} has no {_listed(classes)}.")
    apart: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for separation in splits["numbers"]:
        if separation["apart"]:
            apart[separation["other"]].append(separation)
    for other, separations in apart.items():
        if len(separations) == 1:
            text = separations[0]["sentence"]
        else:
            own, of, train, of_train = (
                sum(row[key] for row in separations) for key in ("other_side", "others", "train_side", "train")
            )
            labels = _listed([_words(row["label"]) for row in separations])
            text = (
                f"In each of {labels} one file number divides train from {other}: {own} of {of} numbered {other} files "
                f"and {train} of {of_train} train files lie on their own side of it."
            )
        yield _finding("notice", "File numbers tell the splits apart", text)
    strong = [fact for fact in splits["facts"] if fact["label"] is None and fact["auc"] >= 0.8]
    if strong:
        named = ", ".join(f"{fact['fact']} (AUC {fact['auc']:.2f})" for fact in strong)
        yield _finding("notice", "Train and test look different", f"Train and test are told apart by: {named}.")


def _floors(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    protocol = next((name for name in ("unseen", "given", "grouped", "strict") if record["floors"].get(name)), None)
    if protocol is None:
        return
    scores = {name: figures["f1_macro"]["value"] for name, figures in record["floors"][protocol].items()}
    name = max(scores, key=scores.__getitem__)
    high = scores[name] > 1 / len(record["data"]["classes"]) + _FLOOR_MARGIN
    listed = ", ".join(f"{key} {value:.2f}" for key, value in scores.items())
    text = f"Simple models of what is not the disease reach macro-F1 {scores[name]:.2f} ({protocol}: {listed})."
    yield _finding("serious" if high else "notice", "Shortcuts", text)
    binary = [
        figures["binary"]["auc"]["value"]
        for figures in record["floors"][protocol].values()
        if figures["binary"] and figures["binary"]["auc"]["value"] is not None
    ]
    if binary and max(binary) > 0.9:
        text = f"Cancer is told from the negative class by such shortcuts alone: AUC {max(binary):.3f} ({protocol})."
        yield _finding("serious", "Shortcut to the negative class", text)


def _slices(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    slices = record["slices"]
    if slices["doubts"]:
        paths = [doubt["path"] for doubt in slices["doubts"]]
        yield _finding("notice", "Perhaps no chest slice", f"{_files(paths)} may not show an axial chest slice.", paths)
    for key, title, text in (
        ("colour_marks", "Colour marks", "carry colour marks"),
        ("text", "Text or rulers", "seem to carry burnt-in text or rulers"),
        ("blank", "Almost blank", "are almost blank"),
    ):
        if slices[key]:
            classes = ""
            if key == "colour_marks":
                counts = slices["colour_marks_by_class"]
                classes = f" ({', '.join(f'{count} {_words(label)}' for label, count in counts.items() if count)})"
            yield _finding("notice", title, f"{_files(slices[key])} {text}{classes}.", slices[key])


def _files(paths: Sequence[str]) -> str:
    return f"{len(paths)} file{'' if len(paths) == 1 else 's'}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _words(label: str) -> str:
    return label.replace("_", " ")
