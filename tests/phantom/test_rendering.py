from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from hilum.phantom.rendering import draw_patient, render
from hilum.slices.labels import CLASSES


def healthy(patient):
    return replace(patient, lesion=None)


@pytest.mark.parametrize("number", range(4))
def test_the_label_changes_nothing_but_the_lesion(number):
    patients = [draw_patient(5, number, 4, label) for label in CLASSES]
    pictures = [render(healthy(patient), 2) for patient in patients]

    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
    assert [patient.lesion is None for patient in patients] == [label == "normal" for label in CLASSES]


def test_neighbouring_slices_look_alike_and_patients_differ():
    def correlation(one, other):
        sizes = (64, 64)
        return np.corrcoef(*(np.asarray(Image.fromarray(each).resize(sizes)).ravel() for each in (one, other)))[0, 1]

    first, second = (draw_patient(1, n, 3, "normal") for n in (0, 1))

    assert correlation(render(first, 0), render(first, 1)) > 0.98
    assert correlation(render(first, 0), render(second, 0)) < correlation(render(first, 0), render(first, 1)) - 0.01


def test_plain_facts_about_the_files_do_not_tell_the_classes(tmp_path):
    # One slice of each of 120 patients: with a quarter of them normal, chance keeps an AUC within 0.5 +- 0.15.
    facts, normal = [], []
    for number in range(120):
        label = CLASSES[number % len(CLASSES)]
        picture = render(draw_patient(17, number, 3, label), 1)
        Image.fromarray(picture).save(tmp_path / "slice.png")
        facts.append((picture.mean(), picture.std(), picture.shape[0], (tmp_path / "slice.png").stat().st_size))
        normal.append(label == "normal")
    values, is_normal = np.array(facts, dtype=float), np.array(normal)

    for column in values.T:
        above = np.sign(column[is_normal][:, None] - column[~is_normal][None, :])
        assert 0.3 < (above.mean() + 1) / 2 < 0.7
