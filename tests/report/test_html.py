"""The page of a comparison."""

import base64
import xml.etree.ElementTree as ET

import pytest
from helpers.pages import EVIL, Page, picture

from hilum.records.comparison import ComparisonRecord
from hilum.report import html
from hilum.report.figures import charts
from hilum.report.style import svg
from hilum.report.terminal import best_sentence
from hilum.scoring.published import PUBLISHED_NOTE


def write_report(record, history, predictions, pictures, folder):
    made = ComparisonRecord.made(record)
    svgs = {name: svg(figure) for name, figure in charts(made, history).items()}
    return html.write_report(made, history, predictions, svgs, pictures, folder)


@pytest.fixture(scope="module")
def whole(inputs, tmp_path_factory):
    """The report of the whole record, written once."""
    folder = tmp_path_factory.mktemp("run")
    path = write_report(*inputs, picture, folder)
    assert path == folder / "report.html"
    return path.read_text(encoding="utf-8")


@pytest.fixture
def read(whole):
    """The same, parsed."""
    return Page(whole)


@pytest.fixture
def page(small, history, predictions, tmp_path):
    """Writes the report of the small record, with changes, and reads it back."""

    def write(pictures=picture, **changes):
        small.update(changes)
        path = write_report(small, history, predictions, pictures, tmp_path)
        return Page(path.read_text(encoding="utf-8"))

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


def test_the_same_input_gives_the_same_bytes(page, tmp_path):
    page()
    first = (tmp_path / "report.html").read_bytes()
    page()
    assert (tmp_path / "report.html").read_bytes() == first


def test_title_notice_and_answer_come_first(read, record):
    assert "Models compared on phantom" in read.text()
    assert record["notice"] in read.text()
    assert read.text("answer") == best_sentence(ComparisonRecord.made(record))
    order = [attributes["id"] for tag, attributes in read.elements if tag in ("section", "p") and "id" in attributes]
    assert [name for name in order if not name.startswith("model-")] == [
        "answer", "audit", "comparison", "worth", "published", "confusion", "models", "mistakes", "data", "made",
        "words",
    ]  # fmt: skip


def test_every_model_has_its_figures_or_its_reason(read, record):
    for model in record["models"]:
        if model["status"] == "ok":
            row = read.row(model["title"])
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
    assert read.row("DenseNet169")[0].replace("\u00a0", " ") == "DenseNet169 ★ best"
    assert read.text("comparison").count("★") == 1
    assert read.text("model-1").startswith("DenseNet169")


def test_cached_seconds_are_marked_and_explained(read, page):
    assert read.row("DenseNet121")[0] == "DenseNet121c"
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
    test = best["splits"]["test"]
    test["most_confused"] = {"classes": ["adenocarcinoma", "squamous_cell_carcinoma"], "count": 14}
    text = page().text("confusion")
    assert "confuses adenocarcinoma and squamous cell carcinoma most: 14 slices of test" in text
    assert "reads the same pair, its classes 0 and 3" in text
    test["most_confused"] = {"classes": ["large_cell_carcinoma", "normal"], "count": 1}
    text = page().text("confusion")
    assert "confuses large cell carcinoma and normal most: 1 slice of test" in text
    assert "reads another pair, its classes 0 and 3 (adenocarcinoma and squamous cell carcinoma)" in text
    test["most_confused"] = None
    assert "DenseNet169 confuses no two classes on test." in page().text("confusion")


def test_figures_are_inlined_with_words_for_those_who_cannot_see_them(read):
    charts = [attributes for attributes in read.images() if attributes.get("class") == "chart"]
    assert len(charts) == 1 + 2 + 2 * 3  # all models; protocols and groups; curves and confusion of each that ran
    for chart in charts:
        kind, content = chart["src"].split(",", 1)
        assert kind == "data:image/svg+xml;base64"
        assert ET.fromstring(base64.b64decode(content)).tag.endswith("svg")
        assert chart["alt"]


def test_the_surest_mistakes_are_shown(read, record, predictions):
    own = predictions[(predictions["model"] == record["best"]) & (predictions["split"] == "test")]
    wrong = own[own["label"] != own["predicted"]]
    wrong = wrong.assign(sure=[row[f"p_{row['predicted']}"] for _, row in wrong.iterrows()])
    expected = wrong.sort_values("sure", ascending=False, kind="stable").head(12)
    slices = [attributes for attributes in read.images() if attributes.get("class") != "chart"]
    assert [attributes["alt"] for attributes in slices] == [f"Slice {path}" for path in expected["path"]]
    first = expected.iloc[0]
    words = f"{first['label']}, taken for {first['predicted']} with probability {first['sure']:.3f}"
    assert f"{words.replace('_', ' ')} {first['path']}" in read.text("mistakes")
    assert base64.b64decode(slices[0]["src"].split(",")[1]) == picture(first["path"])


def test_a_slice_without_a_picture_is_still_named(page):
    read = page(pictures=lambda path: None)
    assert read.text("mistakes").count("no picture") == 10


def test_a_model_without_mistakes_is_said_to_have_none(page, predictions):
    predictions["predicted"] = predictions["label"]
    assert "every test slice was called right" in page().text("mistakes")


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
    assert read.row("size")[1] == "not set"
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


def test_what_comes_from_files_is_escaped(page, small, predictions):
    small["data"]["folder"] = f"folder {EVIL}"
    small["data"]["notes"] = [f"note {EVIL}"]
    small["data"]["skipped"] = [{"path": f"{EVIL}.png", "reason": f"reason {EVIL} \" onload='x"}]
    small["command"] = f"hilum compare {EVIL}"
    small["models"][-1]["reason"] = f"no weights {EVIL}"
    small["models"][0]["title"] = f'" onerror="{EVIL}'
    predictions["path"] = [f"{path}\"><img src=x onerror='{EVIL}'>" for path in predictions["path"]]
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
    assert read.row("DenseNet169")[8:11] == ["–", "–", "–"]
    assert "Sensitivity" not in read.text("comparison")


def test_every_protocol_stands_beside_the_others_with_its_floors(read, record):
    best = next(row for row in record["models"] if row["name"] == "densenet169")
    rows = [[" ".join(cell.split()) for cell in row] for row in read.rows if len(row) == 9 and row[0]]
    own = next(row for row in rows if row[0].startswith("DenseNet169"))
    values = [best["protocols"][name][key]["value"] for name in best["protocols"] for key in ("f1_macro", "auc_macro")]
    assert [cell[:5] for cell in own[1:]] == [f"{value:.3f}" for value in values]
    assert all("[" in cell for cell in own[1:])
    assert own[1][5] == "f", "too few groups of normal slices are marked"
    assert next(row for row in rows if row[0] == "Small CNN")[5:] == ["–"] * 4
    facts = record["audit"]["floors"]["given"]["file facts"]["f1_macro"]
    row = next(row for row in rows if row[0] == "Floor: file facts")
    assert row[1] == f"{facts['value']:.3f} [{facts['low']:.2f}–{facts['high']:.2f}]"
    text = read.text("worth")
    no_copies, strict = record["protocols"][1], record["protocols"][3]
    meaning = no_copies["meaning"]
    assert f"no-copies: {meaning} Trained on 16 slices, scored on 15 slices in 4 groups." in text
    assert strict["notes"][0] in text
    assert "Cannot be told apart from DenseNet169 (no-copies): by macro-F1 DenseNet121; by AUC DenseNet121." in text
    few = "large cell carcinoma (1 group), normal (1 group), squamous cell carcinoma (1 group)"
    assert f"DenseNet169: Too few groups of slices to tell (no-copies): recall of {few} and specificity." in text
    assert "on average over 5 seeds, spread 0.000." in text
    figures = ["-0.050 [-0.09 to -0.01]", "0.020", "yes"]
    assert ["Small CNN", "given", *figures, "0.02", *figures, "0.00"] in [
        [" ".join(cell.split()) for cell in row] for row in read.rows
    ]


def test_the_comparison_has_intervals_and_one_line_for_one_reason(record, history, predictions, tmp_path):
    record["models"].append({**record["models"][-1], "name": "vgg19", "title": "VGG19"})
    read = Page(write_report(record, history, predictions, picture, tmp_path).read_text("utf-8"))
    given = next(row for row in record["models"] if row["name"] == "densenet169")["protocols"]["given"]
    test, recall = given["f1_macro"], given["per_class"]["normal"]["recall"]
    cell = read.row("DenseNet169")[6]
    assert f"[{test['low']:.2f}–{test['high']:.2f}]" in cell
    assert f"{recall['value']:.3f} [{recall['low']:.2f}–{recall['high']:.2f}]" in read.text("model-1")
    assert "Not compared: VGG16, VGG19." in read.text("comparison")
    assert not any(row and "VGG16" in row[0] for row in read.rows)
    charts = [attributes for attributes in read.images() if attributes.get("class") == "chart"]
    assert len(charts) == 1 + 2 + 2 * 3


def test_where_nothing_can_be_compared_the_page_has_dashes(record, history, predictions, tmp_path):
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
    read = Page(write_report(record, history, predictions, picture, tmp_path).read_text("utf-8"))
    rows = [[" ".join(cell.split()) for cell in row] for row in read.rows]
    assert ["Small CNN", "given", *["–"] * 8] in rows
    assert "Its lead over" not in read.text()


def test_what_the_audit_found_stands_before_the_comparison(read, record):
    order = [attributes["id"] for tag, attributes in read.elements if tag == "section" and "id" in attributes]
    assert order[:2] == ["audit", "comparison"]
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
def test_figures_of_whole_groups_say_what_they_are_of(record, history, predictions, tmp_path, named, by):
    record["models"] = [row for row in record["models"] if row["name"] == "densenet169"]
    record["differences"] = {}
    record["audit"]["groups"].update(given=2, ids=2, named_files=named)
    record["curve"][0].update(folds=3, notes=["3 folds instead of 5."])
    span = {"value": 0.8, "low": 0.7, "high": 0.9}
    whole = {"n": 12, "accuracy": span, "f1_macro": span}
    record["models"][0]["protocols"]["given"].update(per_group=whole, per_series={**whole, "n": 14})
    text = Page(write_report(record, history, predictions, picture, tmp_path).read_text("utf-8")).text("worth")
    assert f"By {by}, slices averaged: DenseNet169 reaches macro-F1 0.800 [0.70–0.90] of 12 (given)" in text
    assert "By DICOM series, slices averaged: DenseNet169 reaches macro-F1 0.800 [0.70–0.90] of 14 (given)." in text
    assert f"At {record['curve'][0]['strength']:.2f}: 3 folds instead of 5." in text
    assert ("no unseen chest can be shown to exist" in text) == (named < 48)
