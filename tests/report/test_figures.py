"""The figures of a comparison."""

import itertools
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from PIL import Image

from hilum.records.comparison import ComparisonRecord
from hilum.report import figures, style
from hilum.report.figures import confusion_names, safe_name
from hilum.report.style import DPI, VERMILION, WIDTH, svg

NAMES = [
    "confusion-cnn",
    "confusion-densenet121",
    "confusion-densenet169",
    "curves",
    "models",
    "protocols",
    "roc",
    "similarity",
]


@pytest.fixture
def draw_figures(probabilities):
    def drawn(record, history, folder):
        return figures.draw_figures(ComparisonRecord.made(record), history, probabilities, folder)

    return drawn


def models_chart(record):
    return figures.models_chart(ComparisonRecord.made(record))


def confusion_chart(record, model):
    made = ComparisonRecord.made(record)
    return figures.confusion_chart(made, next(row for row in made.ranked if row.name == model["name"]))


def curves_chart(record, history, models):
    made, names = ComparisonRecord.made(record), [model["name"] for model in models]
    return figures.curves_chart(made, history, [row for row in made.ranked if row.name in names])


def texts(figure):
    """Every word of a figure, also those of its axes."""
    return [text.get_text() for text in figure.findobj(mpl.text.Text)]


@pytest.fixture
def run(small, history):
    return small, history


@pytest.fixture
def drawn(monkeypatch):
    """The figures as matplotlib objects, caught where they are turned into files."""
    caught = []
    write = style.files_of
    monkeypatch.setattr(style, "files_of", lambda figure: caught.append(figure) or write(figure))
    return caught


def test_every_figure_is_written_for_a_page_and_for_print(draw_figures, record, history, tmp_path):
    drawn, paths = draw_figures(record, history, tmp_path), list(tmp_path.iterdir())
    assert sorted(path.name for path in paths) == [f"{name}.{kind}" for name in NAMES for kind in ("pdf", "png", "svg")]
    assert drawn == {path.stem: path.read_bytes() for path in paths if path.suffix == ".svg"}
    for path in paths:
        if path.suffix == ".svg":
            assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        elif path.suffix == ".pdf":
            assert path.read_bytes().startswith(b"%PDF")
        else:
            with Image.open(path) as picture:
                assert picture.width == round(WIDTH * DPI)
                assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
                assert len(picture.convert("L").getcolors()) > 20


def test_figures_depend_on_the_record_alone_and_load_nothing(draw_figures, small, history, tmp_path):
    draw_figures(small, history, tmp_path / "a")
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": "other"}):
        settings = dict(mpl.rcParams)
        draw_figures(small, history, tmp_path / "b")
        assert dict(mpl.rcParams) == settings, "the reader's settings are left as they were"
    first, second = (sorted((tmp_path / folder).iterdir()) for folder in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    for path in first:
        if path.suffix == ".svg":
            for element in ET.parse(path).iter():
                links = [value for name, value in element.attrib.items() if name.endswith("href")]
                assert all(link.startswith(("#", "data:")) for link in links)


def test_every_figure_carries_what_the_reader_must_know(draw_figures, run, tmp_path, drawn):
    record, history = run
    record.update(synthetic=True, random_weights=True)
    draw_figures(record, history, tmp_path)
    assert len(drawn) == 6
    assert all("Synthetic phantom slices\nRandom weights: scores mean nothing" in texts(figure) for figure in drawn)


def test_a_real_run_carries_no_warning(record):
    assert not any("Synthetic" in text or "Random" in text for text in texts(models_chart(record)))


def test_the_models_chart_says_how_the_best_was_chosen(record):
    words = texts(models_chart(record))
    assert "★ best, chosen on valid" in words
    assert "★ DenseNet169" in words
    assert "DenseNet121" in words
    best = next(model for model in record["models"] if model["name"] == "densenet169")
    assert f" {best['seconds']['total']:.1f}" in words


def test_the_confusion_matrix_has_counts_and_shares(record):
    model = next(model for model in record["models"] if model["name"] == "cnn")
    model["protocols"]["given"]["confusion"] = [[30, 10, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0], [0, 0, 5, 15]]
    figure = confusion_chart(record, model)
    left, right = ([text.get_text() for text in axes.texts] for axes in figure.axes)
    assert left == ["30", "10", "0", "0", "1", "3", "0", "0", "0", "0", "0", "0", "0", "0", "5", "15"]
    assert right == ["75", "25", "0", "0", "25", "75", "0", "0", "–", "–", "–", "–", "0", "0", "25", "75"]
    assert "squamous cell\ncarcinoma" in texts(figure)
    assert "Small CNN on the given test\nslices" in texts(figure)


def test_the_confusion_matrix_is_that_of_strict_as_a_mean_over_repeats(record):
    model = next(model for model in record["models"] if model["name"] == "densenet169")
    model["protocols"]["strict"]["confusion"] = [[30.4, 9.6, 0, 0], [1, 3, 0, 0], [0, 0, 2, 0], [0, 0, 5, 15]]
    figure = confusion_chart(record, model)
    left, right = ([text.get_text() for text in axes.texts] for axes in figure.axes)
    assert left[:5] == ["30.4", "9.6", "0.0", "0.0", "1.0"]
    assert right[:2] == ["76", "24"]
    assert "DenseNet169 under strict (ids)\nslices, mean of repeats" in texts(figure)


def test_the_best_epoch_is_marked_where_it_is(record, history):
    model = next(model for model in record["models"] if model["name"] == "cnn")
    model["best_epoch"] = 1
    loss, accuracy = curves_chart(record, history, [model]).axes
    own = history[(history["model"] == "cnn") & (history["epoch"] == 1)].iloc[0]
    for axes, key in ((loss, "valid_loss"), (accuracy, "valid_accuracy")):
        mark = next(line for line in axes.lines if line.get_label() == "chosen")
        assert mark.get_xydata().tolist() == [[1, own[key]]]
        assert len(next(line for line in axes.lines if line.get_label() == "train").get_xdata()) == 2


@pytest.mark.parametrize(
    ("name", "strengths"),
    [
        ("cnn", [None] * 40),
        ("densenet121", [0.001, 0.01, 0.03, 0.1, 1.0]),
        ("densenet121", [10.0**power for power in range(-5, 6)]),
    ],
)
def test_the_ticks_of_the_curves_are_plain_and_apart(record, history, name, strengths):
    """A row of two narrow panels is where labels run into each other."""
    model = next(model for model in record["models"] if model["name"] == name)
    epochs = range(1, len(strengths) + 1)
    own = history.iloc[[0] * len(strengths)].assign(model=name, epoch=epochs, strength=strengths)
    model["best_epoch"] = len(strengths)
    figure = curves_chart(record, own, [model])
    svg(figure)  # places the labels
    assert not any("$" in text or "mathdefault" in text for text in texts(figure))
    whole = figure.bbox
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = [label for label in axes.get_xticklabels(which="both") if low <= label.get_position()[0] <= high]
        labels = [label for label in ticks if label.get_text()]
        boxes = sorted((label.get_window_extent().x0, label.get_window_extent().x1) for label in labels)
        assert len(boxes) >= 3
        assert all(left[1] < right[0] for left, right in itertools.pairwise(boxes))
        for text in [*labels, axes.xaxis.label]:
            box = text.get_window_extent()
            assert whole.x0 <= box.x0 < box.x1 <= whole.x1


def test_the_models_chart_has_the_intervals_of_test(record):
    figure = models_chart(record)
    chart = figure.axes[0]
    spans = {tuple(line.get_xdata()) for line in chart.lines if line.get_color() == VERMILION}
    ran = [model for model in record["models"] if model["status"] == "ok"]
    ends = [model["protocols"]["given"]["f1_macro"] for model in ran]
    assert spans == {(one["low"], one["high"]) for one in ends}
    assert all(chart.get_xlim()[0] <= one["low"] < one["high"] <= chart.get_xlim()[1] for one in ends)
    assert "test, 95 % interval" in texts(figure)


def test_mean_counts_fit_into_their_cells(record):
    shown = texts(figures.confusion_figure(ComparisonRecord.made(record), ["a", "b"], [[286.4, 1.2], [2, 3]], "many"))
    assert {"many\nslices, mean of repeats", "286", "1"} <= set(shown)
    shown = texts(figures.confusion_figure(ComparisonRecord.made(record), ["a", "b"], [[28.4, 1.2], [2, 3]], "few"))
    assert {"few\nslices, mean of repeats", "28.4", "1.2"} <= set(shown)


def test_figures_that_could_not_be_computed_do_not_stop_the_drawing(draw_figures, small, history, tmp_path):
    small["models"][0]["splits"]["valid"]["f1_macro"] = None
    small["models"][0]["protocols"]["given"]["f1_macro"] = {"value": None, "low": None, "high": None}
    assert len(draw_figures(small, history, tmp_path)) == 6


def test_odd_names_are_drawn_as_they_are(record):
    record["models"][0]["title"] = "a $\\frac{1}{ model"  # matplotlib would read it as a broken formula
    record["data"]["classes"][0] = "b$_^$"
    assert any("a $\\frac{1}{ model" in text for text in texts(models_chart(record)))
    assert svg(confusion_chart(record, record["models"][0]))


def test_safe_name():
    assert safe_name("timm:resnet10t") == "timm-resnet10t"
    assert safe_name("hf-hub:timm/resnet10t.c3_in1k") == "hf-hub-timm-resnet10t.c3_in1k"
    assert safe_name("densenet169") == "densenet169"
    assert len(safe_name("m" * 500)) == 100


def test_confusion_figures_of_names_that_are_alike_are_different_files(judged_record):
    made = judged_record()
    for model, name in zip(made["models"], ("a b", "A-b", "a-b-2"), strict=False):
        model["name"] = name
    made["best"] = "a b"
    names = confusion_names(ComparisonRecord.made(made))
    assert names["a b"] == "confusion-a-b"
    assert len({name.casefold() for name in names.values()}) == len(made["models"])


def test_judged_predictions_have_no_figure_of_a_training_and_classes_no_curve(judged_record, history, probabilities):
    def names(**how):
        made = ComparisonRecord.made(judged_record(["densenet169"], "given", "no-copies", **how))
        return sorted(figures.charts(made, history[:0], probabilities))

    assert names() == ["confusion-densenet169", "protocols", "roc"]
    assert names(classes_only=True) == ["confusion-densenet169", "protocols"]
