"""Audits that many tests read: of the real set, and of a phantom with planted faults."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw

import hilum
from hilum.audit.audit import first_look, run_audit
from hilum.audit.record import audit_record


@pytest.fixture(scope="session")
def real_record(chest_ctscan, shared_cache, made_once):
    """The audit of the public set, as data; only slow tests need all of its 1,000 slices."""

    def make(path):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HILUM_CACHE", str(shared_cache))
            record = audit_record(run_audit(hilum.read_table(chest_ctscan)), "hilum audit")
        path.write_text(json.dumps(record.as_json(), allow_nan=False))

    return json.loads(made_once("real-audit.json", make).read_text())


@pytest.fixture(scope="session")
def real_part(chest_ctscan, made_once):
    """The 215 normal slices of the public set, and the two files of its label conflict."""
    conflict = [path for name in ("l4.png", "sq2.png") for path in chest_ctscan.glob(f"train/*/{name}")]

    def make(folder):
        for path in [*chest_ctscan.glob("*/normal/*"), *conflict]:
            place = folder / path.relative_to(chest_ctscan)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)

    return made_once("real-part", make)


@pytest.fixture(scope="session")
def part_record(real_part, shared_cache):
    """A first look at the part of the public set, as data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return audit_record(first_look(hilum.read_table(real_part, complete=False)), None).as_json()


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """A phantom in which faults were planted, and what they are: name of the fault to paths."""
    folder = tmp_path_factory.mktemp("planted") / "set"
    hilum.write_phantom(folder, 48, 5)
    (folder / "table.csv").unlink()
    train = sorted((folder / "train").glob("*/*.png"))
    test = {path.parent.name: path.parent for path in sorted((folder / "test").glob("*/*.png"))}
    faults = {}

    def put(name, image, label, split="test", number=0):
        path = folder / split / label / f"synthetic-planted-{name}-{number}.png"
        image.save(path)
        faults.setdefault(name, []).append(path.relative_to(folder).as_posix())

    for number, path in enumerate(train[::4]):
        label = path.parent.name
        image = Image.open(path).convert("L")
        put("copy", image, label, number=number)
        put("mirrored", image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), label, number=number)
        put("turned", image.transpose(Image.Transpose.ROTATE_90), label, number=number)
        put("brighter", image.point(lambda level: min(255, int(level * 1.1 + 4))), label, number=number)
        other = next(name for name in test if name != label)
        put("conflict", image.point(lambda level: min(255, level + 1)), other, "train", number=number)
        marked = image.convert("RGB")
        ImageDraw.Draw(marked).ellipse((60, 60, 110, 110), outline=(255, 0, 0), width=3)
        put("marked", marked, label, number=number)
    for number in range(4):
        pelvis = Image.new("L", (260, 200))
        pen = ImageDraw.Draw(pelvis)
        pen.ellipse((10 + number, 20, 250, 180), fill=110)
        pen.ellipse((60, 60, 90, 120 + number), fill=200)
        pen.ellipse((170, 60, 200, 120), fill=200)
        put("pelvis", pelvis, "normal", number=number)
    put("blank", Image.fromarray(np.full((200, 260), 30, np.uint8)), "normal")
    return folder, faults


@pytest.fixture(scope="session")
def planted_record(planted, shared_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return audit_record(first_look(hilum.read_table(planted[0])), None).as_json()


@pytest.fixture
def with_ids(phantom, tmp_path, use_shared_cache):
    """The shared phantom, a groups file of its patients that may be changed, and the rows of its table."""
    groups = tmp_path / "groups.csv"
    with (phantom / "table.csv").open() as file, groups.open("w", newline="") as out:
        rows = list(csv.DictReader(file))
        csv.writer(out).writerows([("path", "group"), *((row["path"], row["group"]) for row in rows)])
    return phantom, groups, rows


@pytest.fixture
def alike_across(tmp_path):
    """Two classes of unlike slices, and a pair across them that is alike."""
    rng = np.random.default_rng(0)
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(6):
            Image.fromarray(rng.integers(0, 255, (96, 96), np.uint8)).save(tmp_path / label / f"{number}.png")
    base = rng.normal(128, 40, (96, 96))
    for label in "ab":
        noisy = (base + rng.normal(0, 12, base.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(tmp_path / label / "alike.png")
    return hilum.read_table(tmp_path)
