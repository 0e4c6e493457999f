"""What is said of predictions that were made elsewhere."""

import pytest

from hilum.records.comparison import ComparisonRecord
from hilum.report.judged import CHOSEN_HERE, limits, no_figure, reached, remarks
from hilum.report.scores import calibration_sentences, primary_sentence, verdict, where

REPORTED = "Reported: macro-F1 0.518 [0.49–0.55] on 15 slices."
TRAINED_ON = "what it was trained on (train and valid of slices)"
ALIKE = f"copies of {TRAINED_ON} and slices of the same patients or series"


@pytest.fixture
def one(judged_record):
    """Makes the record of one model whose no-look-alikes has 6 slices and a lead that may be chance."""

    def made(*protocols, **how):
        record = judged_record(["densenet169"], *protocols, **how)
        of = record["models"][0]["protocols"].get("no-look-alikes", {})
        of.update(n=6, groups=12, f1_macro={"value": 0.4, "low": 0.3, "high": 0.5})
        of["over_floor"] = {
            "floor": "32x32 pixels", "difference": {"value": 0.003, "low": -0.1, "high": 0.1}, "above": False,
            "groups": 12, "too_few": False,
        }  # fmt: skip
        return record

    return made


def said(record):
    return verdict(ComparisonRecord.made(record))


def test_the_verdict_has_what_was_reported_what_remains_and_the_floor(one):
    assert said(one()) == (
        f"{REPORTED} Without {ALIKE}, 6 remain: macro-F1 0.400 [0.30–0.50], not clearly above the 0.397 [–] of a "
        "simple model of 32x32 pixels: a lead of 0.003 [−0.10 to 0.10] may be chance."
    )


def test_a_figure_below_the_floor_has_no_lead(one):
    record = one()
    record["models"][0]["protocols"]["no-look-alikes"]["over_floor"]["difference"]["value"] = -0.003
    assert said(record).endswith(
        ", not above the 0.397 [–] of a simple model of 32x32 pixels: a difference of −0.003 [−0.10 to 0.10]."
    )


def test_the_floor_on_blanked_pictures_is_of_another_network(one):
    text = said(one("given", "strict"))
    assert text == (
        f"{REPORTED} Under strict (ids), on 48 slices: macro-F1 0.700 [0.60–0.80], 0.050 [0.01–0.09] above the 0.650 "
        "[0.55–0.75] of a frozen network with the lungs blanked."
    )


@pytest.mark.parametrize(
    ("protocols", "known", "start"),
    [
        (("given", "no-copies"), True,
         f"{REPORTED} Without {ALIKE}, nothing is left to score; without copies of it alone, all 15 "),
        (("given", "no-copies"), False,
         f"{REPORTED} Nothing is known of what it was trained on; without copies of each other, all 15 remain: "),
        (("given",), True,
         f"Without copies of {TRAINED_ON}, nothing is left to score, so it says nothing about new slices; as "),
        (("given",), False,
         "Nothing is known of what it was trained on, so copies of it may be among the slices; as "),
    ],
)  # fmt: skip
def test_what_is_not_known_and_what_leaves_nothing_is_said(one, protocols, known, start):
    how = {} if known else {"trained_on": None}
    assert said(one(*protocols, **how)).startswith(start)


def test_a_remainder_of_too_few_groups_is_said_to_be_one(one):
    record = one()
    record["models"][0]["protocols"]["no-look-alikes"].update(n=1, groups=1, over_floor=None)
    first = f"From 1 slice in 1 group it cannot be told how good the model is. {REPORTED}"
    assert said(record).startswith(first)
    assert "1 remains: macro-F1" in said(record)
    lead = {"floor": "32x32 pixels", "difference": {"value": 0.1, "low": -0.1, "high": 0.3}, "above": False}
    of = record["models"][0]["protocols"]["no-look-alikes"]
    of.update(groups=9, over_floor=lead | {"groups": 9, "too_few": True})
    assert said(record).startswith("From 1 slice in 9 groups it cannot be told how good the model is.")
    assert said(record).endswith(", beside the 0.397 [–] of a simple model of 32x32 pixels.")


def test_look_alikes_are_named_unless_every_slice_has_an_id(one):
    record = one()
    record["audit"]["groups"]["named_files"] -= 1
    both = f"Without copies and look-alikes of {TRAINED_ON} and slices of the same patients or series, 6 remain"
    assert both in said(record)
    record["audit"]["groups"]["given"] = None
    assert f"Without copies and look-alikes of {TRAINED_ON}, 6 remain" in said(record)


def test_the_verdict_names_classes_that_have_no_slice_left(one):
    record = one()
    figures = record["models"][0]["protocols"]["no-look-alikes"]["per_class"]
    names = [*figures]
    for name in names[:2]:
        figures[name] |= {"support": 0, "groups": 0}
    lacking = " or ".join(name.replace("_", " ") for name in names[:2])
    assert f"{REPORTED} Without" in said(record)
    assert f"6 remain, none of {lacking}: macro-F1 0.400" in said(record)


def test_a_model_that_lacks_the_headline_stands_as_reported(judged_record):
    made = ComparisonRecord.made(judged_record(["cnn", "densenet169"], "given", "strict"))
    cnn = next(model for model in made.ranked if model.name == "cnn")
    assert reached(made, made.judged, cnn).startswith("Small CNN was not scored under strict (ids); as reported, Small")
    assert where(made, cnn) == "on the slices as reported"
    assert where(made, made.best_model) == "under strict (ids)"


def test_what_hilum_cannot_know_is_always_said(judged_record, record):
    one, two = (
        ComparisonRecord.made(judged_record(names)) for names in (["densenet169"], ["densenet169", "densenet121"])
    )
    assert limits(one)[-1].startswith("What hilum cannot know: what else the model was trained and tuned on, such as ")
    assert "the models were trained" in limits(two)[-1]
    assert limits(ComparisonRecord.made(record)) == remarks(ComparisonRecord.made(record)) == []


def test_how_many_were_left_out_and_why_is_a_sentence(judged_record):
    record = judged_record(["densenet169"])
    record["judged"]["left_out"] = {"a copy of another slice": 2, "a look-alike was trained on": 1}
    first = remarks(ComparisonRecord.made(record))[0]
    assert first == "3 slices were left out: 2 (a copy of another slice), 1 (a look-alike was trained on)."


def test_classes_alone_lack_what_needs_probabilities(judged_record):
    made = ComparisonRecord.made(judged_record(["densenet169"], classes_only=True))
    sentence = "The predictions are classes without probabilities, so there is no AUC, loss, ROC curve or calibration"
    assert limits(made)[0].startswith(sentence)
    assert no_figure(made, "roc").startswith(sentence)
    assert calibration_sentences(made) == []


def test_figures_of_a_training_are_refused_in_words(judged_record, record):
    made = ComparisonRecord.made(judged_record())
    for name in ("curves", "models", "similarity"):
        assert no_figure(made, name).startswith(f"There is no figure {name} of predictions that were made elsewhere")
        assert no_figure(ComparisonRecord.made(record), name) is None
    assert [no_figure(made, name) for name in ("protocols", "confusion", "roc")] == [None] * 3


def test_no_model_differs_significantly_from_one_that_was_chosen_where_it_is_scored(judged_record):
    text = primary_sentence(ComparisonRecord.made(judged_record()))
    assert text == f"No model is said to differ significantly from another: {CHOSEN_HERE}."


def test_models_that_were_chosen_on_valid_are_tested_in_the_headline(judged_record):
    record = judged_record(["densenet169", "densenet121"], "given", "no-copies", on_valid=True)
    assert primary_sentence(ComparisonRecord.made(record)) == (
        "By macro-F1 without copies (Holm over 1 model), DenseNet121 is significantly worse than DenseNet169."
    )


def test_calibration_is_told_of_every_protocol(judged_record):
    made = ComparisonRecord.made(judged_record(["densenet169"], "given", "no-copies"))
    assert calibration_sentences(made) == [
        "Calibration error on the slices as reported: DenseNet169 0.080 (chance alone 0.020 to 0.060).",
        "Calibration error without copies: DenseNet169 0.080 (chance alone 0.020 to 0.060).",
    ]
