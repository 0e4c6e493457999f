"""The sentences on scores: what to believe, the lead over the floor, and which models differ significantly."""

import copy

import pytest

from hilum.records.comparison import ComparisonRecord
from hilum.report import scores


@pytest.fixture
def best(record):
    return next(model for model in record["models"] if model["name"] == record["best"])


def said(function, record):
    return function(ComparisonRecord.made(record))


def alike(record, likeness=0.87):
    """Makes strict a protocol of look-alikes."""
    record["protocols"][4].update(title=f"strict ({likeness:.2f})", likeness=likeness)


def span(value):
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def test_the_verdict_is_strict_with_its_number_beside_the_floor_and_slices_from_elsewhere(record):
    alike(record)
    assert said(scores.verdict, record) == (
        "Under strict (0.87), DenseNet169 reaches macro-F1 0.700 [0.60–0.80], 0.050 [0.01–0.09] above the 0.650 "
        "[0.55–0.75] with the lungs blanked; it reaches macro-F1 0.500 [0.40–0.60] on external iq."
    )


def test_the_floor_on_slices_from_elsewhere_stands_beside_the_score_there(record, best):
    best["floors"]["external:iq"] = {**best["floors"]["strict"], "f1_macro": span(0.61)}
    assert said(scores.verdict, record).endswith(
        "it reaches macro-F1 0.500 [0.40–0.60] on external iq (0.610 with the lungs blanked)."
    )


def test_a_lead_that_may_be_chance_is_not_called_one(record, best):
    best["protocols"]["strict"]["over_floor"].update(above=False, difference=span(0.05))
    text = said(scores.verdict, record)
    reached = "not clearly above the 0.650 [0.55–0.75] with the lungs blanked"
    assert f", {reached}: a lead of 0.050 [−0.05 to 0.15] may be" in text
    best["protocols"]["strict"]["over_floor"].update(groups=3, too_few=True)
    assert "; from 3 groups of slices it cannot be told whether that is above the 0.650" in said(scores.verdict, record)


def test_a_cheap_floor_that_is_higher_is_named_beside_the_own_one(record, best):
    record["audit"]["floors"]["strict"]["file facts"]["f1_macro"] = span(0.67)
    best["protocols"]["strict"]["over_floor"]["floor"] = "file facts"
    text = said(scores.verdict, record)
    assert (
        "above the 0.670 [0.57–0.77] of a simple model of file facts (0.650 [0.55–0.75] with the lungs blanked);"
        in text
    )
    best["floors"] = {}
    assert "a simple model of file facts;" in said(scores.verdict, record)


def test_without_a_lead_the_floor_stands_beside_the_figure_and_without_floors_nothing_does(record, best):
    best["protocols"]["strict"]["over_floor"] = None
    assert "0.700 [0.60–0.80], beside the 0.650 [0.55–0.75] with the lungs blanked;" in said(scores.verdict, record)
    best["floors"], record["audit"]["floors"] = {}, {}
    assert "0.700 [0.60–0.80]; it reaches macro-F1" in said(scores.verdict, record)


@pytest.mark.parametrize(("asked", "why"), [(True, "could not be run on these slices"), (False, "was not run")])
def test_where_strict_did_not_run_the_given_test_stands_in_for_it_and_that_is_said(record, asked, why):
    del record["protocols"][2:]
    record["settings"]["protocols"] = ["given", *(["strict"] if asked else [])]
    for model in record["models"][:3]:
        model["protocols"] = {"given": model["protocols"]["given"]}
    record["differences"].pop("strict")
    start = f"The protocol strict {why}, so for DenseNet169 the given test"
    assert said(scores.verdict, record).startswith(f"{start} stands in for it: macro-F1 ")
    leak = {"from": "train", "to": "test", "label": "normal", "files": 54, "identical": 0, "look_alike": 9}
    record["audit"]["leaks"] = [leak | {"same_slice": 0}]
    assert said(scores.verdict, record).startswith(f"{start} stands in for it: macro-F1 ")
    record["audit"]["leaks"] = [leak | {"same_slice": 9}]
    assert said(scores.verdict, record).startswith(
        f"{start}, copies of training slices included, stands in for it: macro-F1 "
    )
    assert said(scores.primary_sentence, record) == (
        "No model is said to differ significantly from another: that is tested under strict alone."
    )
    assert said(scores.range_sentence, record) is None


def test_a_best_model_that_was_not_run_under_strict_is_said_to_lack_it(record):
    record["best"] = "cnn"
    text = said(scores.verdict, record)
    assert text.startswith("Small CNN was not run under strict (ids), so the given test stands in for it: macro-F1 ")
    assert "no model is said to differ from Small CNN, which was not run there." in said(
        scores.primary_sentence, record
    )


def test_the_range_over_likenesses_has_the_number_that_strict_has_not(record):
    assert said(scores.range_sentence, record) is None, "ids go before likenesses"
    for point in record["curve"]:
        point["scores"] = {"densenet169": span(point["strength"] - 0.1)} if point["strength"] >= 0.85 else {}
        point["false_links"] = False
    alike(record)
    assert said(scores.range_sentence, record) == (
        "With another likeness in place of strict's, DenseNet169 reaches 0.800 [0.70–0.90] at 0.90 and 0.750 "
        "[0.65–0.85] at 0.85."
    )
    next(point for point in record["curve"] if point["strength"] == 0.85)["false_links"] = True
    assert said(scores.range_sentence, record).endswith(" at 0.85 (which joins different chests).")
    alike(record, 0.90)
    assert "at 0.90" not in said(scores.range_sentence, record)


def test_the_primary_claim_is_of_macro_f1_under_strict_alone(record):
    where = "By macro-F1 under strict (ids) (Holm over 1 model), DenseNet121 is "
    assert said(scores.primary_sentence, record) == f"{where}significantly worse than DenseNet169."
    gap = record["differences"]["strict"][0]["f1_macro"]
    assert record["differences"]["strict"][0]["model"] == "densenet121"
    gap["told_apart"] = False
    assert said(scores.primary_sentence, record) == f"{where}not told apart from DenseNet169."
    record["settings"]["margin"], gap["as_good"] = 0.02, True
    assert said(scores.primary_sentence, record) == f"{where}as good within 0.02 as DenseNet169."
    gap["told_apart"] = True  # by less than the margin
    assert said(scores.primary_sentence, record) == (
        f"{where}significantly worse than DenseNet169; DenseNet121 is as good within 0.02 as DenseNet169."
    )
    gap["difference"] = span(0.2)  # which is as good within any margin
    assert said(scores.primary_sentence, record) == f"{where}significantly better than DenseNet169."
    gap.update(told_apart=None, as_good=None)
    assert said(scores.primary_sentence, record) == (
        "By macro-F1 under strict (ids), no model is said to differ from DenseNet169: there are too few groups of "
        "slices."
    )
    gap["difference"] = None
    assert said(scores.primary_sentence, record) is None


def test_the_primary_claim_of_many_models_and_of_one(record):
    rows = record["differences"]["strict"]
    for name in ("a", "b"):
        record["models"].append({**copy.deepcopy(record["models"][1]), "name": name, "title": name.upper()})
        rows.append({**copy.deepcopy(rows[0]), "model": name})
    text = said(scores.primary_sentence, record)
    assert text.endswith("(Holm over 3 models), DenseNet121, A and B are significantly worse than DenseNet169.")
    record["models"] = [model for model in record["models"] if model["name"] in ("densenet169", "vgg16")]
    assert said(scores.primary_sentence, record) is None


def test_intervals_of_few_groups_are_said_to_be_wide(record, best):
    def narrow():
        made = ComparisonRecord.made(record)
        return scores.narrow_sentence(made, made.best_model, "strict")

    assert narrow() is None
    best["protocols"]["strict"]["groups"] = 29
    assert narrow() == "There are only 29 groups of slices: the intervals are wide and rough (strict (ids))."
    best["protocols"]["strict"]["f1_macro"].update(low=None, high=None)
    assert narrow().endswith("so no figure has an interval (strict (ids)).")


def test_figures_of_few_groups_are_named(record):
    few = "large cell carcinoma (1 group), normal (1 group), squamous cell carcinoma (1 group)"
    text = f"DenseNet169: Too few groups of slices to tell (no copies): recall of {few} and specificity."
    assert text in said(scores.sentences, record)
