"""Which planted faults the audit finds in a set of synthetic slices, and how often it raises a false alarm.

Usage: OMP_NUM_THREADS=1 python benchmarks/planted.py [--slices 480] [--each 20] [--seed 0]

Faults are planted in a phantom, each made from a slice of its own as far as there are enough. A second phantom is
audited twice, clean and with faults of a whole class: its files saved otherwise, and numbered by split.
"""

import argparse
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import hilum
from hilum.audit.record import audit_record

_PREFIX = "synthetic-planted-"
_SECOND = 320  # slices of the second phantom
_GREY = Image.Resampling.BICUBIC
Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _jpeg(image: Image.Image, path: Path) -> None:
    image.convert("L").save(path.with_suffix(".jpg"), "JPEG", quality=60)


def _cropped(image: Image.Image) -> Image.Image:
    across, down = image.width // 50, image.height // 50
    return image.crop((across, down, image.width - across, image.height - down))


def _ring(image: Image.Image, random: np.random.Generator) -> Image.Image:
    marked, radius = image.convert("RGB"), int(random.integers(10, 30))
    x, y = (int(random.integers(radius, side - radius)) for side in image.size)
    colour = tuple(random.permutation([255, int(random.integers(256)), 0]).tolist())
    ImageDraw.Draw(marked).ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour)
    return marked


def _text(grey: int, over_body: bool = False) -> Change:
    def change(image: Image.Image, random: np.random.Generator) -> Image.Image:
        size = int(random.integers(9, 15))
        place = (image.width // 3, image.height // 3) if over_body else (2, 2)
        ImageDraw.Draw(image).text(
            place, f"R {random.integers(10, 99)} mm", fill=grey, font=ImageFont.load_default(size)
        )
        return image

    return change


def _ruler(image: Image.Image, random: np.random.Generator) -> Image.Image:
    pen, gap = ImageDraw.Draw(image), int(random.integers(6, 11))
    for tick in range(6):
        pen.line((4 + tick * gap, image.height - 9, 4 + tick * gap, image.height - 3), fill=255)
    return image


def _arrow(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """A white arrow that points at some place inside the body."""
    x, y = (int(random.integers(side // 3, 2 * side // 3)) for side in image.size)
    pen, length = ImageDraw.Draw(image), int(random.integers(20, 40))
    pen.line((x + length, y - length, x, y), fill=255, width=2)
    pen.polygon([(x, y), (x + 9, y - 2), (x + 2, y - 9)], fill=255)
    return image


def _belly(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """A body without lungs, with gas in front."""
    width, height = image.size
    belly = Image.new("L", image.size, 2)
    pen = ImageDraw.Draw(belly)
    pen.ellipse((8, 20, width - 8, height - 20), fill=105)
    pen.ellipse((20, 30, width - 20, height - 30), fill=128)
    pen.ellipse((width // 2 - 15, height - 80, width // 2 + 15, height - 50), fill=200)
    for _ in range(int(random.integers(1, 7))):
        x, y, radius = (int(random.integers(*span)) for span in ((60, width - 60), (55, 80), (3, 9)))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=5)
    return _noisy(belly, random)


def _pelvis(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Muscle and bone in fat, in a window so narrow that fat is dark."""
    width, height = image.size
    pelvis = Image.new("L", image.size)
    pen = ImageDraw.Draw(pelvis)
    pen.ellipse((8, 20, width - 8, height - 20), fill=45)
    pen.ellipse((24, 36, width - 24, height - 36), fill=120)
    middle, low = width // 2, height // 2
    for side in (-1, 1):
        pen.ellipse((middle + side * 35 - 14, low - 10, middle + side * 35 + 14, low + 40), fill=45)
        pen.ellipse((middle + side * 70 - 10, low - 30, middle + side * 70 + 10, low + 20), fill=230)
    radius = int(random.integers(20, 30))
    pen.ellipse((middle - radius, low - 50, middle + radius, low - 50 + 2 * radius), fill=105)
    return _noisy(pelvis, random)


def _blank(image: Image.Image, random: np.random.Generator) -> Image.Image:
    flat = Image.new("L", image.size, int(random.integers(256)))
    return Image.fromarray(
        (np.asarray(flat) + random.normal(0, 2, (image.height, image.width))).clip(0, 255).astype("u1")
    )


def _noisy(image: Image.Image, random: np.random.Generator) -> Image.Image:
    noise = random.normal(0, 4, (image.height, image.width)) * (np.asarray(image) > 0)
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype("u1"))


_TWINS: dict[str, Change] = {
    "exact copy": lambda image, _: image,
    "turned by a right angle": lambda image, random: image.rotate(90 * int(random.integers(1, 4)), expand=True),
    "mirrored": lambda image, _: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "brightened": lambda image, random: image.point(lambda grey: grey * random.uniform(1.05, 1.2) + 5),
    "recompressed as JPEG": lambda image, _: image,
    "scaled to 0.8": lambda image, _: image.resize([round(0.8 * side) for side in image.size], _GREY),
    "cropped by a fiftieth a side": lambda image, _: _cropped(image),
    "noisier": _noisy,
}
_MARKS: dict[str, tuple[str, Change]] = {
    "coloured ring": ("marked", _ring),
    "text beside the body": ("text", _text(255)),
    "ruler beside the body": ("text", _ruler),
    "faint text beside the body": ("text", _text(90)),
    "text over the body": ("text", _text(255, over_body=True)),
    "arrow over the body": ("text", _arrow),
    "blank picture": ("blank", _blank),
    "belly without lungs": ("doubt", _belly),
    "pelvis in a narrow window": ("doubt", _pelvis),
}


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--slices", type=int, default=480, help="of the phantom")
    parser.add_argument("--each", type=int, default=20, help="faults a kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HILUM_CACHE"] = str(Path(folder, "cache"))
        _single_files(Path(folder, "first"), options.slices, options.each, options.seed)
        _whole_class(Path(folder), options.seed + 1)


def _single_files(folder: Path, slices: int, each: int, seed: int) -> None:
    _phantom(folder, slices, seed)
    clean = {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}
    kinds = _plant(folder, each, np.random.default_rng(seed))
    table = hilum.read_table(folder)
    audit = hilum.run_audit(table, seed=seed)
    place = {row.path: number for number, row in enumerate(table.rows)}
    groups = audit.groups
    print(f"{len(clean)} clean slices, {sum(map(len, kinds.values()))} planted\n")
    print("| planted | files | found | recall |\n|---|---:|---:|---:|")
    for kind, twins in kinds.items():
        if kind in _MARKS:
            found = sum(bool(getattr(audit.looks[place[path]], _MARKS[kind][0])) for path in twins)
        elif kind == "under another label":
            found = sum(bool(groups.conflicting[place[path]]) for path in twins)
        else:
            found = sum(groups.same_slice[place[path]] == groups.same_slice[place[twins[path]]] for path in twins)
        print(f"| {kind} | {len(twins)} | {found} | {found / len(twins):.0%} |")
    print("\n| false alarm among clean slices | files | share |\n|---|---:|---:|")
    rows = [place[path] for path in clean]
    alarms = {
        "coloured marks": sum(audit.looks[row].marked for row in rows),
        "text": sum(audit.looks[row].text for row in rows),
        "blank": sum(audit.looks[row].blank for row in rows),
        "no chest": sum(audit.looks[row].doubt is not None for row in rows),
        **_alike({path: (int(groups.same_slice[place[path]]), place[path]) for path in clean}),
    }
    for alarm, count in alarms.items():
        print(f"| {alarm} | {count} of {len(clean)} | {count / len(clean):.1%} |")


def _alike(clean: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Clean slices in one same-slice group with another clean slice, of the same patient and of others."""
    patients = defaultdict(list)
    for path, (group, _) in clean.items():
        patients[group].append(_patient(path))
    own = other = 0
    for path, (group, _) in clean.items():
        own += patients[group].count(_patient(path)) > 1
        other += len(set(patients[group])) > 1
    return {"same slice as another of its patient": own, "same slice as one of another patient": other}


def _patient(path: str) -> str:
    return path.rsplit("-", 1)[0].rsplit("/", 1)[1]


def _plant(folder: Path, each: int, random: np.random.Generator) -> dict[str, dict[str, str]]:
    """Plants every kind; the planted paths and the path that each was made from."""
    train = [path.relative_to(folder) for path in sorted((folder / "train").rglob("*.png"))]
    order = iter(random.permutation(len(train)).tolist() * 20)
    kinds: dict[str, dict[str, str]] = defaultdict(dict)

    def put(kind: str, change: Change, split: str | None, other_label: bool = False) -> None:
        source = train[next(order)]
        labels = sorted(path.name for path in (folder / "train").iterdir())
        label = source.parts[1]
        if other_label:
            label = labels[(labels.index(label) + 1) % len(labels)]
        into = split or str(random.choice(["train", "valid", "test"]))
        target = folder / into / label / f"{_PREFIX}{kind.replace(' ', '_')}-{len(kinds[kind])}.png"
        with Image.open(folder / source) as image:
            changed = change(image.convert("L"), random)
        if "JPEG" in kind:
            _jpeg(changed, target)
            target = target.with_suffix(".jpg")
        else:
            changed.save(target)
        kinds[kind][target.relative_to(folder).as_posix()] = source.as_posix()

    for _ in range(each):
        for kind, change in _TWINS.items():
            put(kind, change, None)
        put("exact copy in test", _TWINS["exact copy"], "test")
        put("brightened copy in test", _TWINS["brightened"], "test")
        put("under another label", _TWINS["brightened"], None, other_label=True)
        for kind, (_, change) in _MARKS.items():
            put(kind, change, None)
    return dict(kinds)


def _whole_class(folder: Path, seed: int) -> None:
    print("\n| second phantom | clean | planted |\n|---|---:|---:|")
    clean, planted = (_phantom(folder / name, _SECOND, seed) for name in ("clean", "planted"))
    for path in sorted(planted.rglob("normal/*.png")):
        with Image.open(path) as image:
            image.resize([round(1.2 * side) for side in image.size], _GREY).save(path.with_suffix(".jpg"), quality=90)
        path.unlink()
    renamed = _number_by_split(planted, "adenocarcinoma")
    rows: dict[str, list[str]] = defaultdict(list)
    for name in (clean, planted):
        # Phantom chests are so alike that look-alikes make too few groups for an AUC to be told.
        table = hilum.read_table(name, groups=_groups_file(name, renamed))
        record = audit_record(hilum.run_audit(table, seed=seed), None).as_json()
        facts = record["floors"]["given"]["file facts"]
        rows["AUC of the file's facts for `normal` (given)"].append(f"{facts['binary']['auc']['value']:.2f}")
        titles = [finding["title"] for finding in record["findings"]]
        rows["called a shortcut to the negative class"].append(_yes("Shortcut to the negative class" in titles))
        apart = [row for row in record["splits"]["numbers"] if row["apart"]]
        rows["classes and splits told apart by file numbers"].append(
            f"{len(apart)} of {len(record['splits']['numbers'])}{_named(row['label'] for row in apart)}"
        )
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


def _number_by_split(folder: Path, label: str) -> dict[Path, str]:
    """Numbers the files of a class, train first; the new paths and whose they are."""
    renamed: dict[Path, str] = {}
    for split in ("train", "valid", "test"):
        for path in sorted((folder / split / label).iterdir()):
            numbered = path.with_name(f"synthetic-{len(renamed) + 1:03d}.png")
            renamed[path.rename(numbered)] = _patient(path.as_posix())
    return renamed


def _groups_file(folder: Path, renamed: dict[Path, str]) -> Path:
    """The patients of a phantom as `--groups` takes them."""
    pictures = [path for path in sorted(folder.rglob("synthetic-*")) if path.is_file()]
    rows = [
        f"{path.relative_to(folder).as_posix()},{renamed.get(path) or _patient(path.as_posix())}" for path in pictures
    ]
    groups = folder.with_suffix(".csv")
    groups.write_text("\n".join(["path,group", *rows, ""]), "utf-8")
    return groups


def _phantom(folder: Path, slices: int, seed: int) -> Path:
    hilum.write_phantom(folder, slices, seed)
    (folder / "table.csv").unlink()  # nobody tells the audit whose slices they are
    return folder


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _named(labels: Iterable[str]) -> str:
    names = sorted(set(labels))
    return f" ({', '.join(names)})" if names else ""


if __name__ == "__main__":
    main()
