"""Records that somebody changed, with a digest that fits: refused by a sentence, or as good as any other."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
from helpers.model_records import NAME, record_for, resealed
from PIL import Image

from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.evaluation import contents
from hilum.evaluation.evaluate import evaluate_model
from hilum.explain.explanation import explain, frame_of
from hilum.model.artefact import load_facts
from hilum.model.facts import parse_facts
from hilum.model.reader import Reading
from hilum.predict.session import predict_files
from hilum.report.evaluation import FIGURES as DRAWN
from hilum.report.evaluation import terminal_lines
from hilum.report.words import warnings_of
from hilum.serve.about import about
from hilum.serve.settings import Caps
from hilum.slices.table import read_labelled
from hilum.trust.abstention import Limits

FIGURE = {"value": 0.7, "low": 0.6, "high": None}
FIGURES = {"f1_macro": FIGURE}
RECORD = record_for(
    backbone(NAME),
    index=[(f"train/{label}/1.png", label, f"{number:064x}") for number, label in enumerate("abc")],
    negative="a",
    thresholds={"answer": 0.6, "outlier": 0.5, "set": 0.1},
    trust={"n": 60},
    data={"folder": "slices"},
    files={"model.safetensors": "0" * 64},
    scores={
        "protocols": {"strict": FIGURES},
        "out_of_fold": FIGURES,
        "floors": {"strict": {"border alone": FIGURES, "file facts": FIGURES}},
    },
)
DEEP = json.loads("[" * 400 + "]" * 400)
ODD = (
    None, True, False, 0, 1, -1, 0.5, 2, 10**400, 1e308, -1e308, float("nan"), float("inf"),
    "", "a", "x" * 20_000, "\ud800", "\x1b[31m=1+1", "../../etc/passwd",
    [], ["a"], [[]], [0.5, 1, 0], DEEP, {}, {"a": {}}, {"value": "x"}, {"f1_macro": None}, {"f1_macro": DEEP},
)  # fmt: skip


def _places(value, way=()):
    """Every place of a record, of lists the first."""
    if way:
        yield way
    if isinstance(value, dict):
        for name in value:
            yield from _places(value[name], (*way, name))
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*way, 0))


UNREAD = {"created", "command", "licence", "mean", "std", "kind", "strength", "temperature"}  # but for the card
PLACES = sorted({way for way in _places(RECORD) if not UNREAD & set(way)}, key=str)


def _changed(way, value):
    record = copy.deepcopy(RECORD)
    part = record
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    return record


class Fixed:
    """Answers as a network would whose outputs fit a record."""

    def __init__(self, facts):
        self.facts, self.place, self.weights = facts, Path("model.onnx"), None

    def read(self, greys):
        n, classes = len(greys), len(self.facts.classes)
        shares = np.full((n, classes), 1 / classes, np.float32)
        zeros = np.zeros((n, 1), np.float32)
        maps = np.zeros((n, classes, 7, 7), np.float32)
        return Reading(shares, zeros[:, 0] + 0.1, maps, zeros.astype(np.intp), zeros + 0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Labelled slices of the classes of the record."""
    place, random = tmp_path_factory.mktemp("slices"), np.random.default_rng(0)
    for label in "abc":
        (place / label).mkdir()
        for number in range(2):
            pixels = random.integers(0, 255, (48, 48), np.uint8)
            Image.fromarray(pixels).save(place / label / f"{number}.png")
    return place


@pytest.fixture(scope="module")
def use(folder, tmp_path_factory):
    """Everything that reads a record, on a reader."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(tmp_path_factory.mktemp("cache")))
        table = read_labelled(folder)
    one = folder / "a" / "0.png"

    def with_facts(facts):
        reader = Fixed(facts)
        limits = Limits(facts.threshold_for(), facts.thresholds.outlier)
        about(facts, ["linear"], Caps())
        warnings_of(facts)
        for wanted in ({"coverage": 0.5}, {"risk": 1}):
            facts.threshold_for(**wanted)
        predict_files(reader, [str(one)], lambda row: json.dumps(row.as_json()), limits=limits, stdin=None)
        json.dumps(explain(reader, frame_of(one, facts.preparation.window), "0.png", limits).as_json())
        evaluation = evaluate_model(reader, table)
        terminal_lines(evaluation.record)
        contents.page(evaluation, dict.fromkeys(DRAWN, b""))  # drawing would take too long here
        json.dumps([*contents.cells(evaluation)])
        evaluation._repr_html_()

    return with_facts


def test_the_record_that_is_changed_is_sound(use):
    use(parse_facts(json.dumps(RECORD), "it"))


@pytest.mark.parametrize("way", PLACES, ids=lambda way: ".".join(map(str, way)))
def test_an_odd_value_is_refused_or_does_no_harm(way, use):
    for value in ODD:
        try:
            facts = parse_facts(json.dumps(_changed(way, value)), "it")
            use(facts)
        except HilumError:
            continue  # anything else fails the test


@pytest.mark.parametrize(
    ("way", "value", "said"),
    [
        (("trust",), [], "trust must be an object"),
        (("trust", "n"), -1, "trust.n must be a whole number from 0 to"),
        (("scores",), [], "scores must be an object"),
        (("scores", "protocols", "strict"), None, "scores.protocols.strict must be an object"),
        (("scores", "floors", "strict", "border alone", "f1_macro"), {"value": []}, "value must be a finite number"),
        (("scores", "out_of_fold", "f1_macro", "low"), 10**400, "f1_macro.low must be a finite number"),
        (("thresholds", "answer"), True, "thresholds.answer must be a number from 0 to 1"),
        (("curve", 0), [0.5, 1.0], r"curve\[0\] must have 3 values"),
        (("index", 0, 1), "d", "every label in index must be one of the classes"),
        (("synthetic",), "no", "synthetic must be true or false"),
        (("backbone", "title"), 5, "backbone.title must be text"),
        (("data", "folder"), None, "data.folder must be text"),
        (("head", "scales"), True, "head.scales must be last, earlier or both"),
    ],
)  # fmt: skip
def test_the_sentence_names_the_field(way, value, said):
    with pytest.raises(HilumError, match=f"it is damaged: .*{said}"):
        parse_facts(json.dumps(_changed(way, value)), "it")


@pytest.mark.parametrize("value", [[], {"n": "x"}, 5])
def test_a_folder_whose_digest_was_made_again_is_refused_too(tiny, value):
    resealed(tiny, lambda record: record.update(trust=value))
    with pytest.raises(HilumError, match=r"model\.json is damaged: trust"):
        load_facts(tiny)
