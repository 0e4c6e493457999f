"""Slices in memory for the benchmark of judging: their groups are what the audit would have found."""

import numpy as np
from judging import made, predictions

from hilum.scoring.protocols import no_copies, no_look_alikes


def test_slices_have_copies_same_slices_and_look_alikes():
    table, audit = made(1000)
    slices = audit.slices
    assert table.in_split("test").sum() == 1000
    sizes = [len(np.unique(groups)) for groups in (slices.picture, slices.same_slice, slices.strict)]
    assert 1250 > sizes[0] > sizes[1] > sizes[2] > 100
    for finer, coarser in ((slices.picture, slices.same_slice), (slices.same_slice, slices.strict)):
        assert len(np.unique(np.stack([finer, coarser]), axis=1)[0]) == len(np.unique(finer))
    assert no_copies(slices) is no_look_alikes(slices) is None  # trained on one class
    assert audit.record.distinct == sizes[0]


def test_predictions_know_the_class_as_far_as_they_are_sure():
    table, _ = made(1000)
    labels = table.labels[table.in_split("test")]
    answers = {sure: predictions(table, sure=sure)[list(table.classes)].to_numpy() for sure in (0, 3)}
    right = {sure: (shares.argmax(1) == labels).mean() for sure, shares in answers.items()}
    assert right[0] < 0.35
    assert right[3] > 0.8
