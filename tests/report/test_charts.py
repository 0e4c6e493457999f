"""The charts of protocols, of similarity and of groups."""

import xml.etree.ElementTree as ET

import matplotlib as mpl

from hilum.records.audit import AuditRecord
from hilum.records.comparison import ComparisonRecord
from hilum.report.charts import groups_chart, protocols_chart, similarity_chart, starred
from hilum.report.style import svg


def texts(figure):
    """Every word of a figure, also those of its axes."""
    return [text.get_text() for text in figure.findobj(mpl.text.Text)]


def test_protocols_and_similarity_are_drawn(record):
    record["models"] = [row for row in record["models"] if row["name"] in ("densenet169", "cnn", "vgg16")]
    points = [point for point in record["curve"] if point["scores"]]
    assert [point["folds"] for point in points] == [2, 2, 4]
    for point, folds in zip(points, (3, 5, None), strict=True):
        point["folds"], point["scores"] = folds, {"densenet169": point["scores"]["efficientnet_lite0"]}
    made = ComparisonRecord.made(record)
    protocols, similarity = protocols_chart(made), similarity_chart(made)
    shown = [text for text in texts(protocols) if text]
    ticks = ["given", "no\ncopies", "no\nlook-alikes", "grouped", "strict\n(ids)", "external\niq"]
    assert [text.get_text() for text in protocols.axes[0].get_xticklabels()] == ticks
    assert {"★ DenseNet169", "Small CNN", "95 % interval", "its highest floor"} <= set(shown)
    assert protocols.get_figheight() > 2.15, "it grows by its legend"
    assert [text for text in texts(similarity) if text.endswith(" folds")] == ["3 folds"]
    assert [axes.get_ylabel() for axes in similarity.axes] == ["macro-F1", "groups", "slices in\nthe largest"]
    assert similarity.axes[0].lines[0].get_xdata()[[0, -1]].tolist() == [0.90, 0.99]
    assert len(similarity.axes[0].lines) == 1, "a model without scores has no line"


def test_each_model_has_its_points_intervals_and_own_floors_and_the_axis_is_zoomed(small):
    (axes,) = protocols_chart(ComparisonRecord.made(small)).axes
    figures = small["models"][0]["protocols"].values()
    (points,) = [line for line in axes.lines if line.get_marker() != "None"]
    assert points.get_ydata().tolist() == [of["f1_macro"]["value"] for of in figures]
    spans = [line.get_ydata().tolist() for line in axes.lines if line is not points]
    assert [0.6, 0.8] in spans
    (floors,) = axes.collections
    heights = {segment[0][1] for segment in floors.get_segments() if len(segment)}
    assert 0.65 in heights, "that of blanked lungs, the highest under given and strict"
    every = [value for of in figures for value in of["f1_macro"].values() if value is not None]
    low, high = axes.get_ylim()
    assert low < min(every) < max(every) < high
    assert high - low < 1.2 * (max(every) - min([*every, *heights])) + 0.1


def test_ten_models_have_marks_of_their_own_and_long_names_are_cut(small):
    one = small["models"][0]
    names = ["densenet169", *map(str, range(9))]
    small["models"] = [{**one, "name": name, "title": f"{name}{'_long' * 20}"} for name in names]
    figure = protocols_chart(ComparisonRecord.made(small))
    lines = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 10
    svg(figure)  # places the legend
    (legend,) = figure.legends
    assert figure.bbox.x0 <= legend.get_window_extent().x0 < legend.get_window_extent().x1 <= figure.bbox.x1
    assert all(text.get_text().endswith("…") for text in legend.get_texts()[:10])


def test_unknown_figures_and_models_without_floors_are_drawn_as_far_as_they_are_known(small):
    small["audit"]["floors"] = {}
    best = small["models"][0]
    best["floors"] = {}
    for figures in best["protocols"].values():
        figures.update(f1_macro={"value": None, "low": None, "high": None}, over_floor=None)
    assert svg(protocols_chart(ComparisonRecord.made(small)))


def test_the_groups_of_an_audit_are_drawn(audit):
    record = AuditRecord.made(audit)
    assert ET.fromstring(svg(groups_chart(record, record.groups.curve))).tag.endswith("svg")


def test_one_model_that_is_judged_has_no_star(judged_record):
    for models, star in ((["densenet169"], ""), (["densenet169", "densenet121"], "★ ")):
        made = ComparisonRecord.made(judged_record(models))
        assert starred(made.best_model, made) == f"{star}DenseNet169"
