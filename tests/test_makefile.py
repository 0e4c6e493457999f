"""The Makefile's commands, as `make -n` says them."""

import subprocess
from pathlib import Path


def _compared(*variables):
    root = Path(__file__).parent.parent
    said = subprocess.run(["make", "-n", "compare", *variables], cwd=root, capture_output=True, text=True, check=True)
    return next(line for line in said.stdout.splitlines() if "hilum compare" in line)


def test_the_phantom_is_compared_offline_with_the_network_whose_weights_are_installed():
    line = _compared()
    assert line.startswith("HILUM_OFFLINE=1 ")
    assert "hilum compare phantom --groups phantom/table.csv --models efficientnet_lite0" in line


def test_slices_of_ones_own_are_compared_with_all_networks():
    line = _compared("DATA=slices", "WEIGHTS=weights")
    assert line.split() == [".venv/bin/hilum", "compare", "slices", "--weights", "weights"]
