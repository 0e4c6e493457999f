"""The sentences on scores: verdict, lead, equally good models, and too few groups."""

from pathlib import Path

from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Estimate
from hilum.report import terminal
from hilum.report.words import with_interval


def best_sentence(record):
    return terminal.best_sentence(ComparisonRecord.made(record))


def closing_lines(record, folder):
    return terminal.closing_lines(ComparisonRecord.made(record), folder)


def macro_f1(record, protocol):
    best = next(model for model in record["models"] if model["name"] == record["best"])
    return with_interval(Estimate(**best["protocols"][protocol]["f1_macro"]))


def test_the_verdict_on_the_floor_is_of_the_hardest_protocol_that_can_tell(record):
    assert closing_lines(record, Path("run"))[0].startswith("DenseNet169 beats its floor")
    assert "(strict), a lead of 0.05 [0.01–0.09]." in best_sentence(record)
    protocols = next(model for model in record["models"] if model["name"] == "densenet169")["protocols"]
    protocols["strict"]["over_floor"].update(above=False, groups=3, too_few=True)
    protocols["grouped"]["over_floor"].update(above=False)
    verdict = closing_lines(record, Path("run"))[0]
    assert verdict.startswith("DenseNet169 does not clearly beat its floor")
    assert "(grouped)" in verdict
    assert verdict.endswith("which may be chance.")
    for protocol in protocols.values():
        (protocol["over_floor"] or {}).update(above=False, too_few=True)
    assert "cannot be told: there are too few groups" in closing_lines(record, Path("run"))[0]


def test_the_best_sentence_has_the_unseen_figure_the_floor_and_who_is_as_good(record):
    text = best_sentence(record)
    assert f"macro-F1 {macro_f1(record, 'given')} on the test slices as given" in text
    assert f"{macro_f1(record, 'no-copies')} on those of which no same slice is in train or valid" in text
    floors = record["audit"]["floors"]["no-copies"]
    name = max(floors, key=lambda name: floors[name]["f1_macro"]["value"])
    reached = with_interval(Estimate(**floors[name]["f1_macro"]))
    assert f"The highest floor, a simple model of {name}, reaches {reached} there." in text
    assert "Its lead over the highest floor: 0.050 [-0.01 to 0.11] (given), which may be chance; " in text
    assert "; 0.050 [0.01–0.09] (strict)." in text
    assert "Cannot be told apart from DenseNet169 (no-copies): by macro-F1 DenseNet121; by AUC DenseNet121." in text
    few = "large cell carcinoma (1 group), normal (1 group), squamous cell carcinoma (1 group)"
    assert f"Too few groups of slices to tell (no-copies): recall of {few} and specificity." in text


def test_intervals_of_few_groups_are_said_to_be_wide(record):
    assert "wider than need be" not in best_sentence(record)
    next(model for model in record["models"] if model["name"] == "densenet169")["protocols"]["no-copies"]["groups"] = 29
    assert "The intervals rest on 29 groups of slices and are wider than need be (no-copies)." in best_sentence(record)


def test_a_lead_of_few_groups_is_not_called_sure(record):
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    best["protocols"]["strict"]["over_floor"].update(above=False, groups=3, too_few=True)
    assert "0.050 [0.01–0.09] (strict), of 3 groups only: too few to tell." in best_sentence(record)


def test_without_unseen_slices_the_given_ones_are_judged_by(record):
    record["protocols"] = record["protocols"][:1]
    for row in record["differences"]["given"]:
        for key in ("f1_macro", "auc_macro"):
            row.get(key, {})["told_apart"] = True
    text = best_sentence(record)
    assert "Every other model can be told apart from DenseNet169 (given)." in text
    assert "no-copies" not in text
    assert "no same slice" not in text
