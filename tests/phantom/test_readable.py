"""What a frozen backbone and its floors make of the phantom that the first command draws."""

import pytest

import hilum
from hilum.phantom.dataset import write_phantom


@pytest.mark.slow
def test_imagenet_features_tell_the_classes_of_new_patients_and_no_floor_does(tmp_path):
    folder = write_phantom(tmp_path / "phantom", 400, 0, faults=True).folder
    table = hilum.read_table(folder, groups=folder / "table.csv")

    comparison = hilum.compare(table, ["efficientnet_lite0"], protocols=["strict"])

    own = comparison.scores.floors["strict"]["efficientnet_lite0"]
    cheap = comparison.audit.floors["strict"]
    floors = {name: floor.f1_macro.value for name, floor in (cheap | {"lungs blanked": own}).items()}
    assert comparison.scores.figures["strict"]["efficientnet_lite0"].f1_macro.value >= 0.85
    assert len(floors) == 4
    assert max(floors.values()) < 0.5
