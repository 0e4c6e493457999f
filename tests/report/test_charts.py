"""The charts of protocols, of similarity and of groups."""

import xml.etree.ElementTree as ET

import matplotlib as mpl

from hilum.records.audit import AuditRecord
from hilum.records.comparison import ComparisonRecord
from hilum.report.charts import groups_chart, protocols_chart, similarity_chart
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
    assert {"given", "no copies", "no look-alikes", "grouped", "strict (ids)", "highest floor"} <= set(texts(protocols))
    assert texts(protocols).count("not run") == 2, "the CNN was scored in two of four protocols"
    assert [text for text in texts(similarity) if text.endswith(" folds")] == ["3 folds"]
    assert [axes.get_ylabel() for axes in similarity.axes] == ["macro-F1", "groups", "slices in\nthe largest"]
    assert similarity.axes[0].lines[0].get_xdata()[[0, -1]].tolist() == [0.90, 0.99]
    assert len(similarity.axes[0].lines) == 1, "a model without scores has no line"


def test_the_groups_of_an_audit_are_drawn(audit):
    record = AuditRecord.made(audit)
    assert ET.fromstring(svg(groups_chart(record, record.groups.curve))).tag.endswith("svg")
