"""The page of a comparison."""

import base64
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from helpers.pages import EVIL, Page, picture

from hilum.records.comparison import ComparisonRecord
from hilum.report import html, scores
from hilum.report.figures import charts
from hilum.report.style import svg
from hilum.report.words import with_interval
from hilum.scoring.published import PUBLISHED_NOTE


def page_of(record, history, probabilities, pictures):
    made = ComparisonRecord.made(record)
    svgs = {name: svg(figure) for name, figure in charts(made, history, probabilities).items()}
    return html.report_page(made, history, probabilities, svgs, pictures)


def row_of(read, title, cells):
    """The row of a table with a number of cells."""
    rows = [[" ".join(cell.replace("\u00a0", " ").split()) for cell in row] for row in read.rows]
    return next(row for row in rows if len(row) == cells and row[0].startswith(title))


GIVEN, PROTOCOLS = 15, 13  # cells of a row of the tables of the given test and of all protocols


@pytest.fixture(scope="module")
def whole(inputs):
    """The report of the whole record, made once."""
    record, history, _, probabilities = inputs
    return page_of(record, history, probabilities, picture)


@pytest.fixture
def read(whole):
    """The same, parsed."""
    return Page(whole)


@pytest.fixture
def page(small, history, probabilities):
    """Makes the report of the small record, with changes."""

    def write(pictures=picture, **changes):
        small.update(changes)
        return Page(page_of(small, history, probabilities, pictures))

    return write


def test_the_page_loads_nothing_from_elsewhere(whole, read):
    for tag, attributes in read.elements:
        assert tag not in ("script", "link", "iframe", "object", "base")
        for name in ("src", "href", "srcset", "action", "style", "background"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/"))
    assert "url(" not in read.words[""]
    assert "@import" not in read.words[""]
    assert "http" not in whole.replace("http-equiv", "")


def test_links_inside_the_page_lead_somewhere(read):
    names = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(names) == len(set(names))
    for _, attributes in read.elements:
        if "href" in attributes:
            assert attributes["href"][1:] in names


def test_the_same_input_gives_the_same_page(small, history, probabilities):
    assert page_of(small, history, probabilities, picture) == page_of(small, history, probabilities, picture)


def test_the_first_screen_is_a_sentence_a_chart_a_table_and_counts_of_findings(read, record):
    assert "Models compared on phantom" in read.text()
    assert record["notice"] in read.text()
    text = read.text("answer")
    assert text.startswith(scores.verdict(ComparisonRecord.made(record)))
    order = [attributes["id"] for tag, attributes in read.elements if tag == "section" and "id" in attributes]
    assert [name for name in order if not name.startswith("model-")] == [
        "answer", "notes", "audit", "worth", "comparison", "published", "confusion", "models", "mistakes", "data",
        "made", "words",
    ]  # fmt: skip
    assert read.images()[0]["class"] == "chart"
    assert read.rows[0] == ["model", "strict (ids)", "floor", "lead", "external iq AUC"]
    best = [" ".join(cell.replace("\u00a0", " ").split()) for cell in read.rows[1]]
    auc = ComparisonRecord.made(record).best_model.protocols["external:iq"].auc_macro
    assert best == [
        "★ DenseNet169", "0.700 [0.60–0.80]", "0.650 [0.55–0.75]", "0.050 [0.01–0.09]", with_interval(auc),
    ]  # fmt: skip
    assert [row[0].strip() for row in read.rows[2:4]] == ["DenseNet121", "Small CNN"]
    assert "DenseNet121 is significantly worse than DenseNet169." in text
    severities = Counter(finding["severity"] for finding in record["audit"]["findings"])
    assert severities == {"serious": 1, "notice": 1}
    assert "The audit found 1 serious finding and 1 notice. See also the" in text


def test_counts_of_findings_lead_to_the_first_of_each_severity(page, small):
    notice = {"severity": "notice", "title": "A", "text": "b.", "paths": []}
    small["audit"]["findings"] = [notice, {**notice, "severity": "serious", "title": "C"}, notice]
    read = page()
    assert "The audit found 1 serious finding and 2 notices." in read.text("answer")
    links = [attributes["href"] for tag, attributes in read.elements if tag == "a"]
    assert links[-3:] == ["#audit-serious", "#audit-notice", "#notes"]
    assert read.text("audit-serious") == "Serious: C. b."
    assert read.text("audit").index("Serious: C") < read.text("audit").index("Notice: A"), "serious ones come first"
    small["audit"]["findings"] = []
    read = page()
    assert "The audit found nothing wrong with the files." in read.text("answer")
    assert "audit" not in read.words


def test_without_slices_from_elsewhere_the_given_test_stands_beside_strict(page, small):
    small["protocols"].pop()
    small["models"][0]["protocols"].pop("external:iq")
    read = page()
    assert read.rows[0] == ["model", "strict (ids)", "floor", "lead", "given"]
    assert "external" not in read.text("answer")


def test_without_strict_the_given_test_is_shown_and_that_is_said(page, small):
    del small["protocols"][1:]
    small["models"][0]["protocols"] = {"given": small["models"][0]["protocols"]["given"]}
    read = page()
    assert read.rows[0] == ["model", "given", "floor", "lead"]
    assert read.text("answer").startswith("The protocol strict could not be run on these slices, so for DenseNet169")
    assert "on the given test" in read.text("confusion")
    assert "Wrong on the given test, the most confident first." in read.text("mistakes")


def test_a_floor_that_is_not_the_models_own_is_named(page, small):
    for name, floor in small["audit"]["floors"]["strict"].items():
        floor["f1_macro"] = {"value": 0.66 if name == "file facts" else 0.1, "low": None, "high": None}
    row = page().rows[1]
    assert [" ".join(cell.split()) for cell in row[2:4]] == ["0.660 [–] file facts", "0.050 [0.01–0.09]"]


def test_every_model_has_its_figures_or_its_reason(read, record):
    for model in record["models"]:
        if model["status"] == "ok":
            row = row_of(read, model["title"], GIVEN)
            seconds = model["seconds"]
            keys = [
                "loss",
                "accuracy",
                "precision_macro",
                "recall_macro",
                "f1_macro",
                "f1_micro",
                "auc_macro",
            ]
            figures = [model["splits"]["valid"]["f1_macro"]]
            times = [seconds[part] for part in ("decoding", "features", "head", "total")]
            assert row[1] == f"{figures[0]:.3f}"
            assert [cell.split()[0] for cell in row[2:9]] == [
                f"{model['protocols']['given'][key]['value']:.3f}" for key in keys
            ]
            assert all("[" in cell for cell in row[2:11])
            assert row[11:] == [f"{value:.1f}" for value in times]
        else:
            assert f"Not compared: {model['title']}. {model['reason']}" in read.text("comparison")


def test_the_best_model_is_marked_and_comes_first(read):
    assert row_of(read, "DenseNet169", GIVEN)[0] == "DenseNet169 ★ best"
    assert read.text("comparison").count("★") == 1
    assert read.text("model-1").startswith("DenseNet169")


def test_cached_seconds_are_marked_and_explained(read, page):
    assert row_of(read, "DenseNet121", GIVEN)[0] == "DenseNet121c"
    assert "came from the cache" in read.text("comparison")
    assert "came from the cache" not in page().text("comparison")


def test_published_figures_stand_beside_those_counted_alike(read, record):
    assert PUBLISHED_NOTE in read.text("published")
    rows = [row for row in read.rows if len(row) == 7 and row[1] in ("test", "valid")]
    ours = {model["name"]: model for model in record["models"]}
    test = ours["densenet121"]["splits"]["test"]
    assert [cell.strip() for cell in rows[0]] == [
        "DenseNet121", "test", "0.806", f"{test['f1_micro']:.3f}", "0.946", f"{test['keras']['auc']:.3f}",
        "550.7",
    ]  # fmt: skip
    assert rows[1] == ["EfficientNetV2L", "test", "0.438", "–", "–", "–", "–"]
    assert rows[2][:4] == [
        "Small CNN (cnn_model)", "valid", "0.736", f"{ours['cnn']['splits']['valid']['f1_micro']:.3f}",
    ]  # fmt: skip


def test_no_speed_is_set_against_that_of_another_machine(read):
    assert "×" not in read.text("published")
    assert "speed" not in read.text("published").lower()


def test_without_published_figures_there_is_no_such_section(page):
    read = page(published=[])
    assert "published" not in read.words
    assert "published" not in read.text("confusion")


def test_the_most_confused_classes_are_said_and_compared(page, small):
    best = next(model for model in small["models"] if model["name"] == small["best"])
    strict = best["protocols"]["strict"]
    strict["most_confused"] = {"classes": ["adenocarcinoma", "squamous_cell_carcinoma"], "count": 13.8}
    text = page().text("confusion")
    assert (
        "DenseNet169 confuses adenocarcinoma and squamous cell carcinoma most under strict (ids): 14 slices, both "
        "directions counted, on average over the repeats."
    ) in text
    assert "reads the same pair, its classes 0 and 3" in text
    strict["most_confused"] = {"classes": ["large_cell_carcinoma", "normal"], "count": 1}
    text = page().text("confusion")
    assert "confuses large cell carcinoma and normal most under strict (ids): 1 slice, both directions counted." in text
    assert "reads another pair, its classes 0 and 3 (adenocarcinoma and squamous cell carcinoma)" in text
    strict["most_confused"]["count"] = 0.4
    assert "under 1 slice, both directions counted, on average" in page().text("confusion")
    strict["most_confused"] = None
    assert "DenseNet169 confuses no two classes under strict (ids)." in page().text("confusion")


def test_figures_are_inlined_with_words_for_those_who_cannot_see_them(read):
    charts = [attributes for attributes in read.images() if attributes.get("class") == "chart"]
    assert len(charts) == 1 + 2 + 2 * 3  # all models; protocols and groups; curves and confusion of each that ran
    for chart in charts:
        kind, content = chart["src"].split(",", 1)
        assert kind == "data:image/svg+xml;base64"
        assert ET.fromstring(base64.b64decode(content)).tag.endswith("svg")
        assert chart["alt"]


def test_the_surest_mistakes_of_strict_are_shown(read, record, predictions):
    own = predictions[(predictions["model"] == record["best"]) & predictions["strict_predicted"].notna()]
    wrong = own[own["label"] != own["strict_predicted"]]
    wrong = wrong.assign(sure=[row[f"strict_p_{row['strict_predicted']}"] for _, row in wrong.iterrows()])
    expected = wrong.sort_values("sure", ascending=False, kind="stable").head(12)
    assert set(expected["split"]) > {"test"}, "folds score every split"
    slices = [attributes for attributes in read.images() if attributes.get("class") != "chart"]
    assert [attributes["alt"] for attributes in slices] == [f"Slice {path}" for path in expected["path"]]
    first = expected.iloc[0]
    words = f"{first['label']}, taken for {first['strict_predicted']} with probability {first['sure']:.3f}"
    assert "Wrong under strict (ids), the most confident first." in read.text("mistakes")
    assert f"{words.replace('_', ' ')} {first['path']}" in read.text("mistakes")
    assert base64.b64decode(slices[0]["src"].split(",")[1]) == picture(first["path"])


def test_a_model_that_was_not_run_under_strict_shows_its_mistakes_on_the_given_test(page, small, predictions):
    small["models"][0]["protocols"].pop("strict")
    own = predictions[(predictions["model"] == small["best"]) & (predictions["split"] == "test")]
    text = page().text("mistakes")
    assert text.count("taken for") == sum(own["label"] != own["predicted"])
    assert "Wrong on the given test" in text
    assert "This model was not run under strict (ids)." in page().text("model-1")


def test_a_slice_without_a_picture_is_still_named(page):
    read = page(pictures=lambda path: None)
    assert read.text("mistakes").count("no picture") == 12


def test_a_model_without_mistakes_is_said_to_have_none(page, probabilities):
    for name in probabilities.filter(regex="^p_"):
        probabilities[name] = (probabilities["label"] == name.removeprefix("p_")).astype(float)
    assert "every slice was called right under strict (ids)" in page().text("mistakes")


def test_data_section(read, record):
    text = read.text("data")
    assert "48 files, 48 with distinct content." in text
    assert "3 files used without the crop to the body." in text
    assert record["data"]["notes"][0] in read.text()
    assert ["adenocarcinoma", "4", "5", "3", "12"] in read.rows
    assert ["all", "16", "17", "15", "48"] in read.rows
    assert ["train/normal/x.png", "the file is empty"] in read.rows


def test_many_skipped_files_do_not_flood_the_page(page, small):
    small["data"]["skipped"] = [{"path": f"{number}.png", "reason": "broken"} for number in range(1203)]
    read = page()
    assert "1,203 files skipped" in read.text()
    assert "And 1,003 files more, listed in metrics.json." in read.text("data")


def test_how_it_was_made(read, record):
    assert read.row("command")[1] == record["command"]
    assert read.row("seed")[1] == "0"
    assert read.row("crop")[1] == "true"
    unset = ("size", "ensembles", "views", "external")
    assert [read.row(name)[1] for name in unset] == ["not set"] * len(unset)
    assert read.row("digest of the data")[1] == record["data"]["digest"]
    weights = record["models"][2]["weights"]
    assert read.row("weights of densenet169")[1] == f"package, {weights['digest']}"
    assert f"torch {record['versions']['torch']}" in read.row("versions")[1]


def test_banners(page, read):
    lines = ("Synthetic phantom slices.", "Random weights: scores mean nothing.")
    assert not any(line in read.text() for line in lines)
    warned = page(synthetic=True, random_weights=True)
    assert all(line in warned.text() for line in lines)
    assert ("p", {"class": "banner loud"}) in warned.elements


def test_what_comes_from_files_is_escaped(page, small, probabilities):
    small["data"]["folder"] = f"folder {EVIL}"
    small["data"]["notes"] = [f"note {EVIL}"]
    small["data"]["skipped"] = [{"path": f"{EVIL}.png", "reason": f"reason {EVIL} \" onload='x"}]
    small["command"] = f"hilum compare {EVIL}"
    small["models"][-1]["reason"] = f"no weights {EVIL}"
    small["models"][0]["title"] = f'" onerror="{EVIL}'
    probabilities["path"] = [f"{path}\"><img src=x onerror='{EVIL}'>" for path in probabilities["path"]]
    read = page()
    assert not any(tag == "script" for tag, _ in read.elements)
    assert not any(name.startswith("on") for _, attributes in read.elements for name in attributes)
    assert all(attributes["src"].startswith("data:image/") for attributes in read.images())
    for words in ("folder", "note", "reason", "hilum compare", "no weights"):
        assert f"{words} {EVIL}" in read.text()


def test_a_path_that_is_not_valid_unicode_is_spelt_out(page, small):
    small["data"]["skipped"] = [{"path": "train/\udcff.png", "reason": "broken"}]
    assert "train/\\xff.png" in page().text("data")


def test_no_negative_class_and_figures_that_could_not_be_computed(page, small):
    small["settings"]["negative"] = None
    for model in small["models"][:-1]:
        given = model["protocols"]["given"]
        given["binary"], given["auc_macro"] = None, {"value": None, "low": None, "high": None}
    read = page()
    assert row_of(read, "DenseNet169", GIVEN)[8:11] == ["–", "–", "–"]
    assert "Sensitivity" not in read.text("comparison")


def test_every_protocol_stands_beside_the_others_with_its_floors(read, record):
    best = next(row for row in record["models"] if row["name"] == "densenet169")
    own = row_of(read, "DenseNet169", PROTOCOLS)
    values = [best["protocols"][name][key]["value"] for name in best["protocols"] for key in ("f1_macro", "auc_macro")]
    assert [cell[:5] for cell in own[1:]] == [f"{value:.3f}" for value in values]
    assert all("[" in cell for cell in own[1:])
    assert own[1][5] == "f", "too few groups of normal slices are marked"
    assert row_of(read, "Small CNN", PROTOCOLS)[7:11] == ["–"] * 4
    facts = record["audit"]["floors"]["given"]["file facts"]["f1_macro"]
    row = row_of(read, "Floor: file facts", PROTOCOLS)
    assert row[1] == f"{facts['value']:.3f} [{facts['low']:.2f}–{facts['high']:.2f}]"
    blanked = row_of(read, "DenseNet169, lungs blanked", PROTOCOLS)
    assert [blanked[1], blanked[3], blanked[9]] == ["0.650 [0.55–0.75]", "–", "0.650 [0.55–0.75]"]
    text = read.text("worth")
    no_copies, strict = record["protocols"][1], record["protocols"][4]
    meaning = no_copies["meaning"]
    assert f"no copies: {meaning} Trained on 16 slices, scored on 15 slices in 4 groups." in text
    assert strict["notes"][0] in text
    few = "large cell carcinoma (1 group), normal (1 group), squamous cell carcinoma (1 group)"
    assert f"DenseNet169: Too few groups of slices to tell (no copies): recall of {few} and specificity." in text
    assert "DenseNet169: macro-F1 on the given test 0." in text
    assert "on average over 5 seeds, spread 0.0" in text


def test_slices_from_elsewhere_have_their_folder_what_was_left_out_and_calibration(page, small):
    external = small["protocols"][5]["external"]
    external["notes"] = ["12 slices were left out: 10 (of a class that is not read), 2 (a copy)."]
    small["models"][0]["protocols"]["external:iq"]["calibration"] = {
        "error": 0.21, "band": [0.04, 0.09], "brier": 0.4, "bins": []
    }  # fmt: skip
    text = page().text("worth")
    assert (
        "external iq: Slices of iq. Trained on 16 slices, scored on 20 slices in 15 groups. Folder iq, 21 files, read "
        "as cancer, normal. 12 slices were left out: 10 (of a class that is not read), 2 (a copy)."
    ) in text
    assert "Calibration error on external iq: DenseNet169 0.210 (chance alone 0.040 to 0.090)." in text


def test_only_macro_f1_under_strict_has_p_values_and_the_rest_is_called_descriptive(read, record):
    text = read.text("worth")
    claim, described = text.index("Which models differ from the best"), text.index("Differences that are descriptive")
    assert claim < described
    rows = [[" ".join(cell.split()) for cell in row] for row in read.rows]
    gap = "−0.050 [−0.09 to −0.01]"
    assert ["Small CNN", "given", gap, "0.02", gap, "0.00"] in rows
    assert ["DenseNet121", gap, "0.010", "0.020", "yes"] in rows
    assert ["DenseNet121", "strict (ids)", "tested above", "0.02", gap, "0.00"] in rows
    assert not any("p (Holm)" in row and "AUC" in row for row in rows)


def test_as_good_is_a_column_where_a_margin_was_asked_for(record, history, probabilities):
    record["settings"]["margin"] = 0.02
    record["differences"]["strict"][0]["f1_macro"]["as_good"] = False
    read = Page(page_of(record, history, probabilities, picture))
    assert ["DenseNet121", "−0.050 [−0.09 to −0.01]", "0.010", "0.020", "yes", "no"] in [
        [" ".join(cell.split()) for cell in row] for row in read.rows
    ]


def test_the_comparison_has_intervals_and_one_line_for_one_reason(record, history, probabilities):
    record["models"].append({**record["models"][-1], "name": "vgg19", "title": "VGG19"})
    read = Page(page_of(record, history, probabilities, picture))
    given = next(row for row in record["models"] if row["name"] == "densenet169")["protocols"]["given"]
    test, recall = given["f1_macro"], given["per_class"]["normal"]["recall"]
    cell = row_of(read, "DenseNet169", GIVEN)[6]
    assert f"[{test['low']:.2f}–{test['high']:.2f}]" in cell
    assert f"{recall['value']:.3f} [{recall['low']:.2f}–{recall['high']:.2f}]" in read.text("model-1")
    assert "Under strict (ids)" in read.text("model-1")
    assert "Not compared: VGG16, VGG19." in read.text("comparison")
    assert not any(row and "VGG16" in row[0] for row in read.rows)
    charts = [attributes for attributes in read.images() if attributes.get("class") == "chart"]
    assert len(charts) == 1 + 2 + 2 * 3


def test_where_nothing_can_be_compared_the_page_has_dashes(record, history, probabilities):
    nothing = {"difference": None, "p": None, "p_holm": None, "told_apart": False}
    record["models"] = [row for row in record["models"] if row["name"] in ("densenet169", "cnn")]
    record["differences"] = {"given": [
        {"model": name, "f1_macro": nothing, "auc_macro": nothing, "first": None, "first_auc": None}
        for name in ("densenet169", "cnn")
    ]}  # fmt: skip
    for model in record["models"]:
        for figures in model["protocols"].values():
            figures["over_floor"] = None
            for key in ("accuracy", "f1_macro", "auc_macro"):
                figures[key].update(low=None, high=None)
    read = Page(page_of(record, history, probabilities, picture))
    rows = [[" ".join(cell.split()) for cell in row] for row in read.rows]
    assert ["Small CNN", "given", *["–"] * 4] in rows
    assert "Which models differ" not in read.text()


def test_what_the_audit_found_stands_before_the_scores(read, record):
    text = read.text("audit")
    places = [
        text.index(f"{finding['severity'].capitalize()}: {finding['title']}. {finding['text']}")
        for finding in record["audit"]["findings"]
    ]
    assert len(places) == 2
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("named", "by"), [(48, "patient or series"), (3, "patient or series, look-alikes where no id was given")]
)
def test_figures_of_whole_groups_say_what_they_are_of(record, history, probabilities, named, by):
    record["models"] = [row for row in record["models"] if row["name"] == "densenet169"]
    record["differences"] = {}
    record["audit"]["groups"].update(given=2, ids=2, named_files=named)
    record["curve"][0].update(folds=3, notes=["3 folds instead of 5."])
    span = {"value": 0.8, "low": 0.7, "high": 0.9}
    whole = {"n": 12, "accuracy": span, "f1_macro": span}
    record["models"][0]["protocols"]["given"].update(per_group=whole, per_series={**whole, "n": 14})
    text = Page(page_of(record, history, probabilities, picture)).text("worth")
    assert f"By {by}, slices averaged: DenseNet169 reaches macro-F1 0.800 [0.70–0.90] of 12 (given)" in text
    assert "By DICOM series, slices averaged: DenseNet169 reaches macro-F1 0.800 [0.70–0.90] of 14 (given)." in text
    assert f"At {record['curve'][0]['strength']:.2f}: 3 folds instead of 5." in text
    assert ("no unseen chest can be shown to exist" in text) == (named < 48)


@pytest.fixture
def judged_page(judged_record, history, probabilities):
    """Makes the report of judged predictions, with changes of the record."""

    def write(*models_and_protocols, change=lambda _: None, **how):
        record = judged_record(*models_and_protocols, **how)
        change(record)
        return Page(page_of(record, history[:0], probabilities, picture))

    return write


def test_the_page_of_judged_predictions_has_no_section_on_training(judged_page):
    read = judged_page()
    order = [attributes["id"] for tag, attributes in read.elements if tag == "section" and "id" in attributes]
    assert [name for name in order if not name.startswith("model-")] == [
        "answer", "notes", "audit", "worth", "comparison", "confusion", "models", "mistakes", "data", "made", "words"
    ]  # fmt: skip
    assert read.text().count("Predictions judged on phantom") == 2, "title and heading"
    assert "What hilum cannot know: " in read.text("answer")
    assert "No model is said to differ significantly from another: the best one is" in read.text("answer")
    assert "As reported" in read.text("comparison")
    for word in ("Seconds", "valid"):
        assert word not in read.text("comparison")
    assert "Trained on" not in read.text("worth")
    assert "Calibration error without look-alikes (0.87): DenseNet169 0.080" in read.text("worth")
    made = dict(row for row in read.rows if len(row) == 2)
    assert made["mapped"] == "sound = normal"
    assert made["digest of the predictions"] == "2" * 64
    assert made["rows judged"] == "30"
    assert "epochs" not in made


def test_what_was_left_out_is_a_table_from_reported_to_remaining(judged_page):
    def change(record):
        record["judged"]["left_out"] = {"a copy of another slice": 2, "a look-alike was trained on": 7}
        record["models"][0]["protocols"]["no-look-alikes"]["n"] = 6

    read = judged_page(["densenet169"], change=change)
    rows = [row for row in read.rows if len(row) == 2][1:5]
    assert rows == [
        ["reported", "15"], ["a copy of another slice", "−2"], ["a look-alike was trained on", "−7"],
        ["no look-alikes (0.87)", "6"],
    ]  # fmt: skip
    assert "★" not in read.text("answer"), "one model needs no mark"


def test_models_chosen_on_valid_are_tested_and_show_it(judged_page):
    read = judged_page(["densenet169", "densenet121"], "given", "no-copies", on_valid=True)
    assert "significantly worse than DenseNet169" in read.text("worth")
    assert "Best first by macro-F1 on valid (ties: lower loss), which is not scored." in read.text("comparison")
    assert ["DenseNet121", "no copies", "tested above"] in [row[:3] for row in read.rows]


def test_mistakes_of_classes_alone_have_no_probability(judged_page):
    read = judged_page(["densenet169"], "given", classes_only=True)
    assert read.text("mistakes").startswith("Mistakes of DenseNet169 Wrong on the slices as reported.")
    assert "probability" not in read.text("mistakes")
    assert "classes without probabilities" in read.text("answer")
