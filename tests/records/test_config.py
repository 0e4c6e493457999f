"""config.json as it is written."""

from hilum.records.config import config


def test_only_a_run_that_no_command_can_repeat_says_so():
    options = {"folder": "set", "seed": 0, "strict": False, "models": ("a", "b"), "margin": 0.02, "size": None}
    plain = {"command": "compare", "options": {**options, "models": ["a", "b"]}}
    made = config("compare", options, [])
    assert made.as_json() == plain
    assert [type(value) for value in made.as_json()["options"].values()] == [str, int, bool, list, float, type(None)]
    assert config("compare", options, ["So."]).as_json() == {**plain, "only_in_python": ["So."]}
