"""The comparison: what is asked for runs on the same slices, and what is missing or odd is said."""

import shutil

import numpy as np
import pytest
from helpers.real_slices import every_nth
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

import hilum
from hilum.audit.audit import first_look
from hilum.errors import HilumError
from hilum.slices.table import read_table

LITE0 = "efficientnet_lite0"
pytestmark = pytest.mark.usefixtures("use_shared_cache")


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")


def _result(compared, name):
    return next(result for result in compared.results if result.name == name)


def test_models_that_ran_and_one_that_could_not(compared, phantom_table):
    assert [result.name for result in compared.results] == ["cnn", LITE0]
    (missing,) = compared.unavailable
    assert (missing.name, missing.title, missing.tag) == ("vgg16", "VGG16", "vgg16.tv_in1k")
    assert "HILUM_OFFLINE" in missing.reason
    assert compared.settings.models == ("cnn", LITE0, "vgg16")
    assert compared.table is phantom_table
    assert compared.settings.negative == "normal"
    assert not compared.settings.random_weights


def test_every_model_is_scored_on_the_same_slices(compared, phantom_table):
    for result in compared.results:
        assert result.probabilities.shape == (48, 4)
        np.testing.assert_allclose(result.probabilities.sum(1), 1, atol=1e-6)
        rows = phantom_table.in_split("valid")
        labels, probabilities = phantom_table.labels[rows], result.probabilities[rows]
        assert result.valid.n == rows.sum()
        assert result.valid.loss == pytest.approx(log_loss(labels, probabilities, labels=range(4)), abs=1e-9)
        assert result.valid.accuracy == accuracy_score(labels, probabilities.argmax(1))
        assert np.array_equal(result.valid.confusion, confusion_matrix(labels, probabilities.argmax(1)))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["cnn", LITE0], "names cnn, which is not a frozen backbone"),
        (["xception", LITE0], "names xception"),
        ([LITE0], "needs two or more"),
    ],
)
def test_an_ensemble_that_cannot_be_is_refused(phantom_table, asked, says):
    with pytest.raises(HilumError, match=says):
        hilum.compare(phantom_table, ["cnn", LITE0, "vgg16"], ensemble=asked)


def test_an_ensemble_that_lacks_weights_is_said(phantom_table, phantom_audit):
    names = [LITE0, "vgg16"]
    compared = hilum.compare(phantom_table, names, ensemble=names, protocols=["given"], audited=phantom_audit)
    assert "vgg16" in compared.unavailable[-1].reason
    assert compared.unavailable[-1].name == f"{LITE0}+vgg16"


def test_what_did_not_go_as_a_protocol_says_is_among_the_notes(compared):
    title = compared.audit.slices.title
    notes = [f"{title(name)}: {note}" for name, plan in compared.plans.items() for note in plan.notes]
    assert any("folds instead of 5: there are" in note for note in notes)
    assert set(notes) <= set(compared.notes)


def test_only_of_the_public_set_it_is_said_that_defaults_were_chosen_on_it(compared, chest_ctscan, tmp_path):
    table = read_table(every_nth(chest_ctscan, tmp_path / "real", 25))
    real = hilum.compare(table, [LITE0], protocols=["given"], audited=first_look(table))
    said = "chosen on train and valid of this public set"
    assert any(said in note for note in real.notes)
    assert not any(said in note for note in compared.notes)


def test_protocols_can_be_limited(compared, phantom_table):
    other = hilum.compare(phantom_table, [LITE0], protocols=["no-copies"], audited=compared.audit)
    assert other.results[0].predictions.keys() == {"given", "no-copies", "no-look-alikes"}
    assert other.curve == ()
    with pytest.raises(HilumError, match=r"no protocol 'cross'.*strict"):
        hilum.compare(phantom_table, [LITE0], protocols=["cross"], audited=compared.audit)


def test_the_same_again_and_from_an_empty_cache(compared, phantom_table, phantom_audit, tmp_path, monkeypatch):
    options = {"cnn_epochs": 2, "protocols": ["given"], "audited": phantom_audit}
    again = hilum.compare(phantom_table, ["cnn", LITE0, "vgg16"], **options)
    assert _result(again, LITE0).seconds.cached
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "empty"))
    afresh = hilum.compare(phantom_table, [LITE0, "vgg16"], **options)
    assert not _result(afresh, LITE0).seconds.cached
    assert again.best.name == compared.best.name
    for other in (again, afresh):
        assert other.unavailable == compared.unavailable
        for result in other.results:
            first = _result(compared, result.name)
            np.testing.assert_array_equal(first.probabilities, result.probabilities)
            assert first.history == result.history
            assert first.valid == result.valid


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"scales": 3}, r"^scales must be last, earlier, both, not 3"),
        ({"cnn_epochs": -1}, "^cnn_epochs must be 1 or more"),
        ({"repeats": 0}, "^repeats must be"),
        ({"negative": "healthy"}, "no class 'healthy'.*adenocarcinoma"),
        ({"models": ["cnn", "alexnet"]}, "no model 'alexnet'"),
        ({"weights": "/no/such/folder"}, "/no/such/folder does not exist"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_settings_that_make_no_sense(phantom_table, options, match):
    with pytest.raises(HilumError, match=match):
        hilum.compare(phantom_table, **{"models": ["cnn"], "cnn_epochs": 1, **options})


def test_no_model_to_be_had(phantom_table, phantom_audit):
    with pytest.raises(HilumError, match=r"No model could be compared.*vgg16: .*resnet50: ") as raised:
        hilum.compare(phantom_table, ["vgg16", "resnet50"], audited=phantom_audit)
    assert "hilum weights pull" in str(raised.value)


def test_a_damaged_weights_file_is_no_missing_one(phantom_table, phantom_audit, tmp_path):
    (tmp_path / "vgg16.tv_in1k.safetensors").write_bytes(b"damaged")
    with pytest.raises(HilumError, match=r"vgg16\.tv_in1k\.safetensors"):
        hilum.compare(phantom_table, [LITE0, "vgg16"], protocols=["given"], weights=tmp_path, audited=phantom_audit)


@pytest.fixture(scope="module")
def renamed(phantom, tmp_path_factory, shared_cache):
    """The phantom's slices with `normal` called `healthy`, and their audit."""
    root = tmp_path_factory.mktemp("renamed") / "slices"
    shutil.copytree(phantom, root)
    for split in ("train", "valid", "test"):
        (root / split / "normal").rename(root / split / "healthy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        table = read_table(root)
        return table, first_look(table)


@pytest.mark.parametrize(("asked", "negative"), [("normal", None), (None, None), ("healthy", "healthy")])
def test_the_negative_class(renamed, asked, negative):
    table, audited = renamed
    compared = hilum.compare(table, [LITE0], protocols=["given"], negative=asked, audited=audited)
    assert compared.settings.negative == negative
    binary = compared.scores.figures["given"][LITE0].binary
    if negative is None:
        assert binary is None
    else:
        assert binary.negative == "healthy"
        rows = table.in_split("test")
        called = compared.results[0].probabilities[rows].argmax(1) == table.classes.index("healthy")
        truly = table.labels[rows] == table.classes.index("healthy")
        assert binary.specificity.value == pytest.approx(called[truly].mean())
        assert binary.sensitivity.value == pytest.approx(1 - called[~truly].mean())


@pytest.mark.slow
def test_the_largest_backbone_at_its_own_size(tmp_path):
    table = read_table(hilum.write_phantom(tmp_path / "phantom", 36, 0).folder)
    options = {"random_weights": True, "protocols": ["given"], "audited": first_look(table)}
    (result,) = hilum.compare(table, ["efficientnet_v2_l"], **options).results
    assert result.facts["size"] == 384
    assert np.isfinite(result.probabilities).all()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [(LITE0, 0.88), ("xception", 0.84), ("densenet169", 0.90)])
def test_real_slices(chest_ctscan, weights_folder, name, least):
    table = read_table(chest_ctscan)
    compared = hilum.compare(table, [name], protocols=["given"], weights=weights_folder, audited=first_look(table))
    figures = compared.scores.figures["given"][name]
    assert figures.n == 315
    assert figures.f1_macro.value >= least
