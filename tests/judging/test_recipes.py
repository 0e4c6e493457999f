"""The recipes of docs/judge.md, taken out of the page and run on drawn slices."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

import hilum
from hilum.judging.reading import read_given
from hilum.judging.trained import read_trained_on

PAGE = Path(__file__).resolve().parents[2] / "docs" / "judge.md"
RECIPES = {
    name.lower(): code
    for name, code in re.findall(
        r"^\*\*([\w-]+)\*\*,[^`]*(?:`[^`\n]+`[^`]*)*?```python\n(.*?)```", PAGE.read_text(), re.M | re.S
    )
}
LIST = next(code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) if "train.txt" in code)


@pytest.fixture
def table(phantom, tmp_path, monkeypatch):
    """The slices in a folder `slices` of the working folder."""
    (tmp_path / "slices").symlink_to(phantom)
    monkeypatch.chdir(tmp_path)
    return hilum.read_table("slices")


@pytest.fixture
def net():
    """A model that tells slices apart by their brightness."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(48, 4)).eval()


def run(name, table, **names):
    """Runs a recipe with what it takes as given, and reads what it wrote."""
    exec(compile(RECIPES[name], f"{PAGE.name}, {name}", "exec"), {"pd": pd, **names})
    return read_given("predictions.csv", table)


def check(given, table, classes, expected):
    """Checks that all slices of test are there, in the table's order, with the probabilities that are expected."""
    (answers,) = given.scored
    assert [table.rows[row].path for row in answers.rows] == [row.path for row in table.rows if row.split == "test"]
    assert given.reading.classes == tuple(sorted(classes)) == table.classes
    assert given.notes == ()
    for row, shares in zip(answers.rows, answers.probabilities[0], strict=True):
        assert shares == pytest.approx(expected(table.root / table.rows[row].path), abs=1e-5)


def of_net(net, transform):
    """The answer of a model on a file alone."""
    from PIL import Image

    def answer(path):
        with torch.inference_mode():
            return net(transform(Image.open(path).convert("RGB"))[None]).softmax(1)[0].numpy()

    return answer


def of_name(path):
    """Probabilities that only tell files apart."""
    shares = 1 + np.frombuffer(path.name.encode()[-8:-4], np.uint8) % 10
    return shares / shares.sum()


def in_order(files):
    return np.array([of_name(Path(file)) for file in files], np.float32)


def test_the_page_has_a_recipe_for_each_library():
    assert list(RECIPES) == ["keras", "torch", "timm", "fastai", "autogluon", "scikit-learn"]


def test_torch(table, net):
    transform = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
    names = {"torch": torch, "ImageFolder": ImageFolder, "DataLoader": DataLoader}
    given = run("torch", table, model=net, transform=transform, **names)
    check(given, table, sorted(path.name for path in Path("slices/test").iterdir()), of_net(net, transform))


def test_timm(table):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = timm.create_model("resnet10t", num_classes=4).eval()
    given = run("timm", table, model=model, timm=timm, torch=torch, DataLoader=DataLoader)
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
    check(given, table, table.classes, of_net(model, transform))


def test_scikit_learn(table):
    rows = table.rows
    X = np.random.default_rng(0).normal(size=(len(rows), 3))
    y, paths = (np.array([getattr(row, name) for row in rows]) for name in ("label", "path"))
    groups = np.array([row.path.split("-")[1] for row in rows])
    model = LogisticRegression()
    names = {"StratifiedGroupKFold": StratifiedGroupKFold, "X": X, "y": y, "groups": groups, "paths": paths}
    (answers,) = run("scikit-learn", table, model=model, **names).scored
    assert list(answers.rows) == list(range(len(rows)))
    for fold, (learnt, held_out) in enumerate(StratifiedGroupKFold(3).split(X, y, groups)):
        assert (answers.folds[0, held_out] == fold).all()
        expected = LogisticRegression().fit(X[learnt], y[learnt]).predict_proba(X[held_out])
        assert np.allclose(answers.probabilities[0, held_out], expected, atol=1e-12)


def test_keras_with_a_stand_in(table):
    class ImageDataGenerator:
        def __init__(self, rescale):
            pass

        def flow_from_directory(self, folder, size, shuffle):
            assert not shuffle
            files = sorted(path for path in Path(folder).rglob("*.png"))
            classes = sorted({path.parent.name for path in files})
            return SimpleNamespace(
                filepaths=list(map(str, files)), class_indices={name: i for i, name in enumerate(classes)}
            )

    model = SimpleNamespace(predict=lambda generator: in_order(generator.filepaths))
    given = run("keras", table, ImageDataGenerator=ImageDataGenerator, model=model)
    check(given, table, table.classes, of_name)


def test_fastai_with_a_stand_in(table):
    files = sorted(Path("slices/test").rglob("*.png"), reverse=True)
    dls = SimpleNamespace(test_dl=lambda files: files, vocab=list(table.classes))
    learn = SimpleNamespace(dls=dls, get_preds=lambda dl: (torch.tensor(in_order(dl)), None))
    given = run("fastai", table, learn=learn, get_image_files=lambda folder: files)
    check(given, table, table.classes, of_name)


def test_autogluon_with_a_stand_in(table):
    test = pd.DataFrame({"image": [str(path.absolute()) for path in Path("slices/test").rglob("*.png")]})

    def predict_proba(data, as_pandas):
        assert as_pandas
        return pd.DataFrame(in_order(data["image"]), index=data.index, columns=list(table.classes))

    check(
        run("autogluon", table, predictor=SimpleNamespace(predict_proba=predict_proba), test=test),
        table,
        table.classes,
        of_name,
    )


def test_the_list_of_training_files(table):
    exec(compile(LIST, PAGE.name, "exec"), {"Path": Path, "train_data": ImageFolder("slices/train")})
    assert np.array_equal(read_trained_on("train.txt", table).rows, table.in_split("train"))
