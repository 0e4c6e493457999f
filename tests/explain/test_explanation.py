import json

import numpy as np
import pytest
from helpers.answers import CLASSES, Fixed, body, facts_for, thorax, write_scan
from PIL import Image

from hilum.errors import HilumError
from hilum.explain.explanation import explain, frame_of
from hilum.explain.methods import warning_of
from hilum.slices.frames import Frame
from hilum.trust.abstention import Limits

LIMITS = Limits(0.6, 0.5)
NO_LUNGS = "No lungs were found, so nobody can say how much of the evidence for b lies outside them."
UNPROVEN = warning_of("linear")


def test_an_explanation_holds_the_answer_its_map_and_its_neighbours():
    thresholds = {"answer": 0.6, "outlier": 0.5, "set": 0.15}
    found = explain(Fixed(facts_for(thresholds=thresholds)), body(), "slice.png", LIMITS)
    assert json.loads(json.dumps(found.as_json(), allow_nan=False)) == {
        "path": "slice.png",
        "frame": None,
        "decision": "class",
        "class": "b",
        "probabilities": {"a": 0.1, "b": 0.7, "c": 0.2},
        "outlier_score": 0.3,
        "reason": "sure enough: 0.70, limit 0.60",
        "prediction_set": ["b", "c"],
        "map": {
            "method": "linear", "class": "b", "box": [20, 10, 80, 50], "shape": [2, 2], "values": [[2, 1], [1, 1]],
        },
        "outside_lungs": None,
        "remarks": [NO_LUNGS, UNPROVEN],
        "neighbours": [
            {"path": f"train/{label}/{i}.png", "label": label, "distance": distance, "content": f"{i}" * 64}
            for i, label, distance in zip((3, 0, 4, 1, 2), "bacab", (0.1, 0.15, 0.2, 0.25, 0.3), strict=True)
        ],
    }  # fmt: skip


def test_a_class_is_in_the_set_by_its_own_threshold():
    thresholds = {"answer": 0.6, "outlier": 0.5, "set": {"a": 0.05, "b": 0.71, "c": 0}}
    assert explain(Fixed(facts_for(thresholds=thresholds)), body(), "x", LIMITS).prediction_set == ("a", "c")


@pytest.mark.parametrize(
    ("limits", "doubt", "decision"),
    [(Limits(0.8, 0.5), None, "abstain"), (Limits(0.6, 0.2), None, "outlier"), (LIMITS, "a localizer", "outlier")],
)
def test_the_likeliest_class_is_mapped_where_the_model_does_not_answer_too(limits, doubt, decision):
    frame = Frame(body().pixels, "DICOM", "I", False, number=2, doubt=doubt)
    found = explain(Fixed(facts_for()), frame, "slice", limits)
    assert (found.row.decision, found.row.label, found.row.frame, found.map.label) == (decision, None, 2, "b")


def test_another_method_s_map_is_of_the_likeliest_class_on_the_cropped_square():
    asked = []

    def mapper(square, number):
        asked.append((square.shape, square.min(), number))
        return np.eye(3, dtype=np.float32)

    found = explain(Fixed(facts_for()), body(), "slice.png", LIMITS, "gradcam", mapper)
    assert asked == [((224, 224), pytest.approx(0.8), CLASSES.index("b"))]
    assert found.map.method == "gradcam"
    assert found.as_json()["map"]["values"] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_an_answer_that_is_no_number_is_not_explained():
    with pytest.raises(HilumError, match=r"slice\.png cannot be explained: the model's answer on it is not a number"):
        explain(Fixed(facts_for(), probabilities=(np.nan, 0, 0)), body(), "slice.png", LIMITS)


def test_a_model_without_crop_sees_everything():
    preparation = {"size": 32, "interpolation": "bilinear", "crop": False, "window": "auto"}
    found = explain(Fixed(facts_for(preparation=preparation)), body(), "slice.png", LIMITS)
    assert found.map.box == (0, 0, 90, 60)


def test_frames_are_counted_from_1(tmp_path):
    path = tmp_path / "slice.png"
    Image.fromarray(np.full((5, 7), 51, np.uint8)).save(path)
    for number in (None, 1):
        np.testing.assert_allclose(frame_of(path, "auto", number).pixels, 0.2)
    for number in (0, -1):
        with pytest.raises(HilumError, match="Frames are counted from 1"):
            frame_of(path, "auto", number)
    with pytest.raises(HilumError, match=r"slice\.png has only one frame"):
        frame_of(path, "auto", 2)


def test_the_frame_of_a_dicom_file_that_was_asked_for_is_explained(tmp_path):
    # In the lung window of -600 and 1500, 0 HU is 0.9 and -450 HU is 0.6.
    path = write_scan(tmp_path / "scan.dcm", thorax(0), thorax(-450))
    for number, frame, grey in ((None, 1, 0.9), (1, 1, 0.9), (2, 2, 0.6)):
        found = explain(Fixed(facts_for()), frame_of(path, "lung", number), "scan.dcm", LIMITS)
        assert found.as_json()["frame"] == frame
        assert found.pixels.max() == pytest.approx(grey, abs=2e-3)
        assert found.map.box == (20, 10, 80, 50)
    with pytest.raises(HilumError, match=r"scan\.dcm cannot be explained: it has no frame 3, only 2"):
        frame_of(path, "lung", 3)


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path):
    (tmp_path / "empty.png").touch()
    for name, reason in (("empty.png", "the file is empty"), ("none.png", "cannot be opened")):
        with pytest.raises(HilumError, match=f"{name} cannot be explained: .*{reason}"):
            frame_of(tmp_path / name, "auto")
