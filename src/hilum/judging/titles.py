"""Names and meanings of the protocols of a judgement."""

from hilum.scoring.protocols import RULES, Protocol, Slices

MEANINGS: dict[Protocol, str] = {
    "given": "All slices that were reported, copies and label conflicts included.",
    "no-copies": "Distinct slices that were reported, without label conflicts and without those of which the same "
    "slice was trained on, as far as that is known.",
    "no-look-alikes": "Distinct slices that were reported, without label conflicts and without those of which a "
    "look-alike was trained on (where ids are given: a slice with the same id).",
    **{name: RULES[name].meaning for name in ("grouped", "strict")},
}


def title_of(protocol: Protocol, slices: Slices) -> str:
    """The name of a protocol for readers: `as reported`, `no look-alikes (0.87)`."""
    if protocol == "given":
        return "as reported"
    title = slices.title(protocol)
    return title + slices.title("strict").removeprefix("strict") if protocol == "no-look-alikes" else title
