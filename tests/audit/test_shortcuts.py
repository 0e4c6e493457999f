"""Shortcuts: what they see and what they cannot, and that a planted one is found while chance stays chance."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import hilum
from hilum.audit.groups import find_groups
from hilum.audit.picture_checks import looks
from hilum.audit.shortcuts import BORDER, FILE_FACTS, PIXELS, SIDE, border, floors, shortcut_features
from hilum.records.figures import BLANKED
from hilum.scoring.protocols import Slices
from hilum.scoring.scoring import plans_for


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    """A phantom whose normal slices are saved in colour."""
    folder = tmp_path_factory.mktemp("shortcut") / "set"
    hilum.write_phantom(folder, 36, 1)
    for path in folder.rglob("normal/*.png"):
        with Image.open(path) as image:
            coloured = image.convert("RGB")
        coloured.save(path)
    return folder


@pytest.fixture(autouse=True)
def _features_are_kept(shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))


def _slices(labels, split):
    alone = np.arange(len(labels))
    return Slices(labels, split, alone, alone, alone, False, np.zeros(len(labels), np.bool_))


def test_the_border_is_the_outer_four_pixels():
    pictures = np.zeros((2, SIDE, SIDE), np.float32)
    pictures[:, 4:-4, 4:-4] = 1
    ring = border(pictures)
    assert ring.shape == (2, SIDE**2 - (SIDE - 8) ** 2)
    assert not ring.any()


def test_features_have_a_row_a_slice_and_say_what_they_should(phantom):
    table = hilum.read_table(phantom)
    seen = looks(table)
    features, missing = shortcut_features(table, seen, "full")
    assert missing == []
    assert features.keys() == {FILE_FACTS, PIXELS, BORDER, BLANKED}
    assert {len(values) for values in features.values()} == {len(table.rows)}
    facts = features[FILE_FACTS]
    assert facts[:, 2].tolist() == [row.facts.width for row in table.rows]
    assert facts[:, 4].tolist() == [row.facts.bytes for row in table.rows]
    assert facts[:, 6].tolist() == [look.edge_grey for look in seen]
    pictures = features[PIXELS].reshape(-1, SIDE, SIDE)
    np.testing.assert_array_equal(border(pictures), features[BORDER])


def test_cheap_floors_need_no_network(phantom):
    table = hilum.read_table(phantom)
    features, missing = shortcut_features(table, looks(table), "cheap")
    assert missing == []
    assert features.keys() == {FILE_FACTS, PIXELS, BORDER}


def test_a_planted_shortcut_is_found(phantom):
    table = hilum.read_table(phantom)
    facts = shortcut_features(table, looks(table), "cheap")[0][FILE_FACTS]
    slices = find_groups(table).slices_of(table)
    plans, _ = plans_for(slices, ("given",), repeats=1, seed=0)
    scores, draws = floors({FILE_FACTS: facts}, plans, slices, table.classes, "normal")
    assert scores["given"][FILE_FACTS].binary.auc.value == 1.0
    assert draws["given"][FILE_FACTS][0] == scores["given"][FILE_FACTS].f1_macro.value


def test_features_that_know_the_class_score_and_noise_does_not():
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 400)
    split = np.repeat([0, 1, 2], [240, 40, 120])
    slices = _slices(labels, split)
    plans, _ = plans_for(slices, ("given",), repeats=1, seed=0)
    told = labels[:, None] + random.normal(0, 0.01, (400, 3))
    features = {FILE_FACTS: random.normal(size=(400, 3)), PIXELS: told}
    scores = floors(features, plans, slices, ("cancer", "normal"), "normal")[0]["given"]
    assert scores[PIXELS].accuracy.value == 1.0
    chance = scores[FILE_FACTS].accuracy
    assert 0.35 < chance.value < 0.65
    assert chance.low < 0.55


def test_there_is_no_floor_of_what_does_not_vary_where_it_would_be_trained():
    labels, split = np.tile([0, 1], 20), np.repeat([0, 1, 2], [24, 4, 12])
    slices = _slices(labels, split)
    plans, _ = plans_for(slices, ("given", "strict"), repeats=1, seed=0)
    noise = np.random.default_rng(0).normal(size=(40, 3))
    features = {PIXELS: np.zeros((40, 3)), BORDER: np.where(split[:, None] == 0, 0.5, noise), BLANKED: noise}
    figures, draws = floors(features, plans, slices, ("a", "b"), None)
    assert {name: list(of) for name, of in figures.items()} == {"given": [BLANKED], "strict": [BORDER, BLANKED]}
    assert {name: list(of) for name, of in draws.items()} == {name: list(of) for name, of in figures.items()}


_WITHOUT_TORCH = """
import sys

class WithoutTorch:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, WithoutTorch())
import hilum
from hilum.audit.audit import first_look
from hilum.audit.shortcuts import shortcut_features
table = hilum.read_table(sys.argv[1])
features, missing = shortcut_features(table, first_look(table).looks, "full")
print(list(features), missing)
"""


def test_without_torch_the_floor_of_a_network_is_left_out(phantom, tmp_path):
    own_cache = {**os.environ, "HILUM_CACHE": str(tmp_path / "cache")}  # where no other test left the features
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TORCH, phantom], capture_output=True, text=True, check=True, env=own_cache
    )
    assert done.stdout.startswith("['file facts', '32x32 pixels', 'border alone'] ")
    assert "The floor of blanked lungs is left out: This needs the package torch" in done.stdout
