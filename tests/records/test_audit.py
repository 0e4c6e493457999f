"""The record of an audit: slices that stand out, by check."""

from hilum.records.audit import OddSlices


def test_slices_that_a_check_tells_come_with_their_reason_where_they_have_one():
    odd = OddSlices.made(
        {
            "doubts": [{"path": "a.png", "reason": "no lungs in sight"}],
            "colour_marks": ["b.png", "c.png"],
            "colour_marks_by_class": {"normal": 2},
            "text": [],
            "blank": [],
        }
    )
    assert odd.told_by("doubts") == [("a.png", "no lungs in sight")]
    assert odd.told_by("colour_marks") == [("b.png", None), ("c.png", None)]
    assert odd.told_by("text") == []
