"""The columns and cells of the leaderboard."""

from hilum.records.comparison import ComparisonRecord
from hilum.report.leaderboard import columns, first_columns, key, legend, named
from hilum.report.words import interval, number


def headings(record, made=columns):
    return [" ".join(column.heading) for column in made(ComparisonRecord.made(record))]


def cells(record, name):
    made = ComparisonRecord.made(record)
    model = next(model for model in made.ranked if model.name == name)
    return [str(column.cell(model)) for column in columns(made)]


def best_of(record):
    return next(model for model in record["models"] if model["name"] == record["best"])


def test_figures_stand_above_their_intervals(record):
    assert headings(record) == ["strict (ids)", "floor", "lead", "given", "external iq AUC", "seconds"]
    strict, floor, lead, _, _, seconds = cells(record, "densenet169")
    assert (strict, floor, lead) == ("0.700\n[0.60–0.80]", "0.650\n[0.55–0.75]", "0.050\n[0.01–0.09]")
    assert seconds == number(ComparisonRecord.made(record).best_model.seconds.total, 0)
    assert cells(record, "cnn")[:3] == ["–", "–", "–"], "it was not run under strict"


def test_slices_from_elsewhere_that_are_read_as_two_classes_have_their_auc_others_macro_f1(record):
    auc = ComparisonRecord.made(record).best_model.protocols["external:iq"].auc_macro
    assert cells(record, "densenet169")[4] == f"{number(auc.value)}\n{interval(auc)}"
    assert "Macro-F1, or AUC where the heading says so, with" in legend(ComparisonRecord.made(record))
    record["protocols"][-1]["external"]["classes"] = ["a", "b", "c"]
    assert headings(record)[4] == "external iq"
    assert cells(record, "densenet169")[4] == "0.500\n[0.40–0.60]"
    assert legend(ComparisonRecord.made(record)).startswith("Macro-F1, with")


def test_the_floor_is_the_highest_that_the_lead_is_over_named_if_it_is_not_the_model_s_own(record):
    floors = record["audit"]["floors"]["strict"]
    floors["32x32 pixels"]["f1_macro"] = {"value": 0.66, "low": 0.6, "high": 0.7}
    lead = best_of(record)["protocols"]["strict"]["over_floor"]
    lead.update(floor="32x32 pixels", difference={"value": 0.04, "low": -0.01, "high": 0.09})
    assert cells(record, "densenet169")[:3] == [
        "0.700\n[0.60–0.80]", "0.660\n[0.60–0.70]\n32x32 pixels", "0.040\n[−0.01 to 0.09]",
    ]  # fmt: skip
    floors["32x32 pixels"]["f1_macro"]["value"] = 0.64
    assert cells(record, "densenet169")[1] == "0.650\n[0.55–0.75]"


def test_a_figure_that_could_not_be_computed_is_a_dash_without_interval(record):
    best_of(record)["protocols"]["given"]["f1_macro"]["value"] = None
    assert cells(record, "densenet169")[3] == "–"


def test_the_page_begins_with_slices_from_elsewhere_else_with_the_given_test(record):
    assert headings(record, first_columns)[3:] == ["external iq AUC"]
    record["protocols"] = [of for of in record["protocols"] if not of.get("external")]
    assert headings(record, first_columns)[3:] == ["given"]
    record["protocols"] = [of for of in record["protocols"] if of["name"] != "strict"]
    assert headings(record, first_columns) == ["given", "floor", "lead"]


def test_only_the_best_model_has_a_star(record):
    made = ComparisonRecord.made(record)
    assert [named(made, model)[0] == "★" for model in made.ranked] == [True, False, False]


def test_the_legend_says_what_strict_and_the_floor_are(record):
    assert legend(ComparisonRecord.made(record)).partition(". ")[2] == (
        "strict (ids): no slice is scored by a model trained on a slice with the same id. Floor: the highest of the "
        "same network with the lungs blanked and of simple models, named where it is not the former. Lead: over it, on "
        "the same resamples."
    )
    record["protocols"][4].update(title="strict (0.87)", likeness=0.87)
    for model in record["models"][:3]:
        model["floors"] = {}
    assert (
        "strict (0.87): no slice is scored by a model trained on a slice that correlates above 0.87 with it. Floor: "
        "the highest of simple models that hardly see the disease, which is named."
    ) in legend(ComparisonRecord.made(record))
    record["audit"]["floors"] = {}
    for model in record["models"][:3]:
        for figures in model["protocols"].values():
            figures["over_floor"] = None
    assert "Floor" not in legend(ComparisonRecord.made(record))


def test_judged_predictions_have_what_is_left_then_what_was_reported_and_no_seconds(judged_record):
    record = judged_record()
    assert headings(record) == ["no look-alikes (0.87)", "floor", "lead", "as reported", "no copies"]
    lines = [column.heading for column in columns(ComparisonRecord.made(record))]
    assert lines[0] == ("no", "look-alikes", "(0.87)"), "a heading of one line would be wider than its figures"
    assert headings(record, first_columns)[3:] == ["as reported"]
    assert cells(record, "densenet169")[1].endswith("32x32 pixels")
    assert headings(judged_record(["densenet169"], "given", trained_on=None)) == ["as reported"], "no floor is known"


def test_a_star_says_how_the_best_was_chosen_and_one_model_has_none(judged_record, record):
    keys = [
        key(ComparisonRecord.made(made))
        for made in (record, judged_record(on_valid=True), judged_record(), judged_record(["densenet169"]))
    ]
    assert [text.partition(".")[0] for text in keys] == [
        "★ chosen on valid",
        "★ chosen on valid",
        "★ highest here, on the slices that it is scored on",
        "Macro-F1, with 95 % intervals",
    ]
    made = ComparisonRecord.made(judged_record(["densenet169"]))
    assert named(made, made.best_model) == "DenseNet169"


def test_the_legend_says_what_each_figure_of_judged_predictions_leaves_out(judged_record):
    text = legend(ComparisonRecord.made(judged_record()))
    for of in ("As reported: every slice", "No copies: without copies", "No look-alikes (0.87): without look-alikes"):
        assert of in text
