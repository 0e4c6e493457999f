"""Audits that many tests read: of the real set, and of a phantom with planted faults."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw

import hilum
from hilum.audit.audit import run_audit
from hilum.audit.record import audit_record


@pytest.fixture(scope="session")
def real_record(chest_ctscan, shared_cache):
    """The audit of the public set, as data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return audit_record(run_audit(hilum.read_table(chest_ctscan)), "hilum audit").as_json()


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """A phantom in which faults were planted, and what they are: name of the fault to paths."""
    folder = tmp_path_factory.mktemp("planted") / "set"
    hilum.write_phantom(folder, 96, 5)
    (folder / "table.csv").unlink()
    train = sorted((folder / "train").glob("*/*.png"))
    test = {path.parent.name: path.parent for path in sorted((folder / "test").glob("*/*.png"))}
    faults = {}

    def put(name, image, label, split="test", number=0):
        path = folder / split / label / f"synthetic-planted-{name}-{number}.png"
        image.save(path)
        faults.setdefault(name, []).append(path.relative_to(folder).as_posix())

    for number, path in enumerate(train[::12]):
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
        return audit_record(run_audit(hilum.read_table(planted[0])), None).as_json()


@pytest.fixture
def with_ids(tmp_path):
    """A phantom without its table, and a groups file of its patients."""
    folder = tmp_path / "ids"
    hilum.write_phantom(folder, 60, 2)
    shutil.move(folder / "table.csv", tmp_path / "table.csv")
    groups = tmp_path / "groups.csv"
    with (tmp_path / "table.csv").open() as file, groups.open("w", newline="") as out:
        rows = list(csv.DictReader(file))
        csv.writer(out).writerows([("path", "group"), *((row["path"], row["group"]) for row in rows)])
    return folder, groups, rows
