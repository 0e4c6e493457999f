"""Extraction: each distinct picture once, cached by all that features depend on, and safe against kills and changes."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import engine_name, start_engine
from hilum.backbones.network import FeatureNetwork, create
from hilum.backbones.weights import RANDOM, Weights, local_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.extract import _last, extract, extract_features
from hilum.features.views import view_of
from hilum.options import FeatureOptions
from hilum.progress import silent
from hilum.slices.pixels import square_of
from hilum.slices.resize import crop_and_resize
from hilum.slices.table import read_table
from hilum.storage import cache_folder

LITE0 = backbone("efficientnet_lite0")
ENGINE = engine_name("onnxruntime")
SIZE = 64


@pytest.fixture
def folder(tmp_path):
    """Twelve different pictures of a bright ellipse, one of them in two files of different bytes."""
    root = tmp_path / "slices"
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:90, :120]
    for split in ("train", "valid", "test"):
        for label in ("normal", "other"):
            (root / split / label).mkdir(parents=True)
            for number in range(2):
                ellipse = ((rows - 45) / 30) ** 2 + ((columns - 60) / (30 + 5 * number)) ** 2 < 1
                grey = 180 * ellipse + generator.integers(0, 40, ellipse.shape)
                Image.fromarray(grey.astype(np.uint8)).save(root / split / label / f"{number}.png")
    twin = Image.open(root / "train/normal/0.png")
    twin.save(root / "test/normal/twin.png", compress_level=0)
    assert (root / "test/normal/twin.png").read_bytes() != (root / "train/normal/0.png").read_bytes()
    return root


@pytest.fixture
def table(folder):
    return read_table(folder)


def _extract(table, **options):
    options = {"engine": ENGINE, "size": SIZE, "scales": "last", **options}
    weights, track = options.pop("weights", local_weights(LITE0, None)), options.pop("track", silent)
    return extract(table, LITE0, weights, FeatureOptions(**options), track)


def _shards():
    return sorted((cache_folder() / "features").rglob("*.safetensors"))


def _entries():
    return sum(len(load_file(path)["keys"]) for path in _shards())


def _place(table, path):
    return [row.path for row in table.rows].index(path)


def test_each_distinct_picture_is_run_once(table):
    tracked = []

    @contextlib.contextmanager
    def track(title, total):
        tracked.append([title, total, 0])

        def advance():
            tracked[-1][2] += 1

        yield advance

    features = _extract(table, track=track)
    title = f"features: {LITE0.title}"
    assert tracked == [[f"{title}, preparing the network", 1, 1], [title, 12, 12]]
    _extract(table, track=track)
    assert tracked[2:] == [[title, 0, 0]]
    assert _entries() == table.distinct == 12
    assert features.values.shape == (13, LITE0.width)
    assert features.values.dtype == np.float32
    twins = features.values[[_place(table, "train/normal/0.png"), _place(table, "test/normal/twin.png")]]
    np.testing.assert_array_equal(*twins)
    assert len(np.unique(features.values, axis=0)) == 12


def test_features_are_the_networks_of_the_prepared_slice(table):
    features = _extract(table, weights=RANDOM, seed=4).values
    engine = start_engine(ENGINE, lambda: FeatureNetwork(LITE0, create(LITE0, SIZE, 4)), SIZE)
    batch = np.zeros((len(table.rows), 1, SIZE, SIZE), np.float32)
    for number, row in enumerate(table.rows):
        pixels = np.asarray(Image.open(table.root / row.path), np.float32) / 255
        batch[number, 0] = crop_and_resize(pixels, row.facts.body, SIZE, "bicubic")
    np.testing.assert_allclose(features, engine.run(batch), rtol=1e-4, atol=1e-5)


def test_the_second_run_takes_them_from_the_cache(table):
    first = _extract(table)
    shards = [(path, path.stat().st_mtime_ns) for path in _shards()]
    again = _extract(table)
    assert (first.cached, again.cached) == (False, True)
    np.testing.assert_array_equal(first.values, again.values)
    assert [(path, path.stat().st_mtime_ns) for path in _shards()] == shards
    assert again.decoding == pytest.approx(first.decoding)  # what it cost when it was done
    assert again.network == pytest.approx(first.network)
    assert first.decoding > 0
    assert first.network > 0


def test_torch_is_loaded_only_to_convert_a_network(table, folder):
    _last.clear()  # networks of other tests, whose graphs are in other caches
    _extract(table)
    script = SCRIPT + "print(len(features.values), {'torch', 'timm'} & sys.modules.keys())"
    for emptied in (None, "features"):
        if emptied:
            shutil.rmtree(cache_folder() / emptied)
        done = _start(folder, 0, script).communicate(timeout=300)
        assert done[0].strip() == "13 set()", done


def test_the_cache_knows_pictures_whatever_their_place_split_and_label(table, folder, tmp_path):
    first = _extract(table)
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    (moved / "train/normal/1.png").rename(moved / "test/other/renamed.png")
    other = read_table(moved)
    again = _extract(other)
    assert again.cached
    np.testing.assert_array_equal(
        again.values[_place(other, "test/other/renamed.png")], first.values[_place(table, "train/normal/1.png")]
    )


def test_only_new_pictures_are_run(table, folder):
    _extract(table)
    Image.fromarray(np.random.default_rng(9).integers(0, 255, (80, 80), np.uint8)).save(folder / "valid/other/new.png")
    more = _extract(read_table(folder))
    assert not more.cached
    assert _entries() == 13
    assert len(_shards()) == 2


@pytest.mark.parametrize(
    "change", [{"size": 96}, {"crop": False}, {"engine": engine_name("torch")}, {"weights": RANDOM}], ids=repr
)
def test_other_settings_give_other_entries(table, change):
    first = _extract(table)
    other = _extract(table, **change)
    assert not other.cached
    assert _entries() == 24
    if "engine" in change:
        np.testing.assert_allclose(other.values, first.values, rtol=0, atol=1e-4 * np.abs(first.values).max())
    else:
        assert np.abs(other.values - first.values).max() > 1e-2 * np.abs(first.values).max()


def test_a_view_has_entries_of_its_own(table):
    weights, options = local_weights(LITE0, None), FeatureOptions(engine=ENGINE, size=SIZE)
    plain, view, again = (extract(table, LITE0, weights, options, view=view) for view in (None, "up", "up"))
    assert [of.cached for of in (plain, view, again)] == [False, False, True]
    assert not np.isclose(plain.values, view.values).all(1).any()
    engine = start_engine(ENGINE, lambda: FeatureNetwork(LITE0, load_network(LITE0, weights, SIZE, 0), "earlier"), SIZE)
    moved = [view_of(square_of(table, row, SIZE, "bicubic", True), "up") for row in table.rows]
    np.testing.assert_allclose(view.values, engine.run(np.stack(moved)[:, None]), rtol=1e-4, atol=1e-5)


def test_other_seeds_of_random_weights_give_other_features(table):
    first, other, same = (_extract(table, weights=RANDOM, seed=seed) for seed in (0, 1, 0))
    assert not other.cached
    assert same.cached
    assert not np.allclose(first.values, other.values)
    assert first.recipe.weights == "random"


def test_the_seed_means_nothing_to_real_weights(table):
    first = _extract(table, seed=0)
    assert _extract(table, seed=1).cached
    assert first.recipe.seed is None


def test_the_same_tensors_in_another_file_are_other_weights(table, tmp_path):
    from hilum.backbones.checkpoints import pull_weights

    first = _extract(table)
    path, _ = pull_weights(LITE0, tmp_path / "weights", None)
    other = _extract(table, weights=Weights("folder", path))
    assert not other.cached
    np.testing.assert_array_equal(first.values, other.values)


def test_a_damaged_shard_is_computed_again(table):
    first = _extract(table)
    (shard,) = _shards()
    data = bytearray(shard.read_bytes())
    data[-20] ^= 1
    shard.write_bytes(data)
    again = _extract(table)
    assert not again.cached
    np.testing.assert_array_equal(first.values, again.values)
    assert _extract(table).cached


@pytest.mark.parametrize("change", ["removed", "emptied", "resized", "redrawn"])
def test_a_file_that_changed_after_reading(table, folder, change):
    path = folder / "valid" / "other" / "1.png"
    if change == "removed":
        path.unlink()
    elif change == "emptied":
        path.write_bytes(b"")
    else:
        size = (50, 50) if change == "resized" else (120, 90)
        Image.new("L", size, 77).save(path)
    with pytest.raises(HilumError, match=str(path)):
        _extract(table)
    assert _shards() == []


def test_weights_that_give_no_numbers(table, tmp_path):
    from safetensors.torch import load_file as load_tensors
    from safetensors.torch import save_file

    from hilum.backbones.checkpoints import pull_weights

    path, _ = pull_weights(LITE0, tmp_path, None)
    tensors = load_tensors(path)
    tensors["conv_head.weight"][0] = float("nan")
    save_file(tensors, path)
    with pytest.raises(HilumError, match="not finite"):
        _extract(table, weights=Weights("folder", path))
    assert _shards() == []


def test_a_cache_that_cannot_be_written(table, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file in the cache's place")
    monkeypatch.setenv("HILUM_CACHE", str(blocked))
    with pytest.raises(HilumError, match="HILUM_CACHE"):
        _extract(table)


def test_by_name_and_own_settings(table):
    features, both = (extract_features(table, "efficientnet_lite0", **of) for of in ({}, {"scales": "both"}))
    assert (features.shape, both.shape) == ((13, 112), (13, 112 + 1280))
    np.testing.assert_array_equal(features, extract_features(table, LITE0.name, scales="earlier"))
    for scales, columns in (("last", slice(112, None)), ("earlier", slice(112))):
        np.testing.assert_array_equal(both[:, columns], extract_features(table, LITE0.name, scales=scales))
    expected = extract(table, LITE0, local_weights(LITE0, None), FeatureOptions())
    assert expected.cached
    assert expected.recipe.size == 224
    np.testing.assert_array_equal(features, expected.values)
    with pytest.raises(HilumError, match="'nothing'"):
        extract_features(table, "nothing")


@pytest.mark.parametrize("crop", [True, False])
def test_a_prepared_slice_is_a_grey_square(table, crop):
    row = table.rows[0]
    square = square_of(table, row, 40, "bilinear", crop)
    assert square.shape == (40, 40)
    assert square.dtype == np.float32
    assert square.min() >= 0
    assert square.max() <= 1
    assert (square[:, 0].mean() < 0.15) == (not crop or row.facts.body is None)  # the margin beside the ellipse


# ------------------------------------------------------------------------------------------- processes and kills

SCRIPT = """
import os, sys
from pathlib import Path
from hilum.backbones.weights import local_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import extract
from hilum.options import FeatureOptions
from hilum.slices.table import read_table
import contextlib, signal
row = backbone("efficientnet_lite0")
kill_at, done = int(sys.argv[2]), 0

@contextlib.contextmanager
def track(title, total):
    def advance():
        global done
        done += 1
        if done == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
    yield advance

table = read_table(Path(sys.argv[1]))
options = FeatureOptions(engine="onnxruntime", size=64, scales="last")
features = extract(table, row, local_weights(row, None), options, track)
"""


def _start(folder, kill_at, script=SCRIPT):
    # With pytest's own caches: the environment as the fixtures made it.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder), str(kill_at)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_kill_costs_at_most_a_chunk(folder):
    generator = np.random.default_rng(1)
    for number in range(84):
        Image.fromarray(generator.integers(0, 255, (40, 40), np.uint8)).save(folder / f"train/other/more{number}.png")
    process = _start(folder, kill_at=80)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    assert _entries() == 64
    table = read_table(folder)
    after = _extract(table)
    assert not after.cached
    assert _entries() == 96
    shutil.rmtree(cache_folder())
    np.testing.assert_allclose(_extract(table).values, after.values, rtol=1e-4, atol=1e-5)
