"""What is said of a model's answers, on the card, the terminal and the page."""

import pytest

from hilum.records.model import ModelRecord
from hilum.records.trained import TrainedRecord
from hilum.report.trust_words import trust_lines

SPAN = {"value": 0.75, "low": 0.5, "high": 0.9}
SAID = "0.750 [0.50–0.90]"


@pytest.fixture
def measured(model_record):
    """A record with figures of a kind, under strict and on slices from elsewhere."""
    trust = model_record["trust"]
    model_record["thresholds"]["answer"] = 0.71
    at = {"coverage": SPAN, "accuracy": SPAN, "accuracy_by_group": SPAN}
    trust["answers"] |= {"at_threshold": at, "at_90_coverage": at}
    trust["calibration"]["after"] |= {"error": 0.031, "band": [0.02, 0.04]}
    trust["conformal"] |= {"coverage": SPAN, "coverage_by_class": [SPAN] * 4, "mean_size": 1.5}
    trust["outliers"]["refused"] = SPAN
    figures = model_record["scores"]["out_of_fold"]
    trust["elsewhere"] = {
        "iq": {
            "slices": {
                "folder": "there", "digest": "0" * 64, "files": 9, "classes": ["malignant", "normal"],
                "read_as": {"ill": "malignant"}, "left_out": {}, "notes": [],
            },
            "figures": figures | {
                "n": 9, "groups": 3, "f1_macro": SPAN, "auc_macro": SPAN,
                "calibration": {"error": 0.3, "band": [0.0, 0.1], "brier": 0.1, "bins": []},
            },
            "answers": trust["answers"],
            "conformal": trust["conformal"] | {"coverage_by_class": [SPAN, SPAN]},
            "outliers": trust["outliers"],
        }
    }  # fmt: skip
    return model_record


FIGURES = (
    f"answers {SAID} of the slices, {SAID} rightly ({SAID} with each group counting once); at the limit that answers "
    f"nine in ten held-out slices, {SAID}, {SAID} rightly; 90% prediction sets hold the truth of {SAID} "
)


def test_the_promise_comes_first_then_strict_then_elsewhere(measured):
    first, strict, there = trust_lines(TrainedRecord.made(measured))
    assert first.startswith(
        "It abstains below a top probability of 0.71. The model promises nothing: it takes at least 45 groups"
    )
    assert strict == (
        "Measured under strict (ids), on groups that the fit had not seen: calibration error 0.031 (chance alone 0.020 "
        f"to 0.040); {FIGURES}(adenocarcinoma 0.750, large cell carcinoma 0.750, normal 0.750, squamous cell carcinoma "
        f"0.750), with 1.50 classes on average; {SAID} refused as outliers."
    )
    assert there == (
        f"Measured on iq, 9 slices in 3 groups from elsewhere, read as malignant and normal: macro-F1 {SAID}, AUC "
        f"{SAID}; calibration error 0.300 (chance alone 0.000 to 0.100); {FIGURES}(malignant 0.750, normal 0.750), "
        f"with 1.50 classes on average; {SAID} refused as outliers."
    )


def test_what_was_not_measured_is_not_said(measured):
    trust = measured["trust"]
    trust |= {"calibration": None, "conformal": None, "outliers": None, "elsewhere": {}}
    trust["answers"]["at_threshold"] = {"coverage": SPAN, "accuracy": SPAN}
    _, strict = trust_lines(TrainedRecord.made(measured))
    assert strict.startswith(f"Measured under strict (ids), on groups that the fit had not seen: answers {SAID} of")
    assert f"{SAID} rightly; at the limit" in strict
    trust["answers"] = None
    assert len(trust_lines(TrainedRecord.made(measured))) == 1


def test_a_model_of_an_earlier_hilum_promises_nothing(measured):
    del measured["thresholds"]["promise"], measured["trust"]
    (line,) = trust_lines(ModelRecord.model_validate({**measured, "digest": "0" * 64}))
    assert line.endswith("The model promises nothing: an earlier hilum set its limit and did not test it.")
