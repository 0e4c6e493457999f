"""The fields that may be sent with a file."""

import pytest
from helpers.uploads import files, flat, is_problem


@pytest.mark.parametrize("window", ["nothing", "", "LUNG", "x" * 200])
def test_an_unknown_window_is_a_problem(client, window):
    assert is_problem(client.post("/api/predict", files=files(a=flat(51)), data={"window": window}), 422)


@pytest.mark.parametrize(
    "fields",
    [{"frame": "0"}, {"frame": "-1"}, {"frame": "1.5"}, {"frame": "²"}, {"frame": "9" * 50}, {"frame": ""},
     {"method": "gradcam"}, {"method": "nothing"}, {"window": "nothing"}, {"other": "1"}],
)  # fmt: skip
def test_other_fields_are_problems(client, fields):
    assert is_problem(client.post("/api/explain", files=files(a=flat(51)), data=fields), 422)
