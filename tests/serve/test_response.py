import json

from hilum.serve.response import Answer


def test_names_that_are_no_text_are_spelt_out():
    answer = Answer({"path": "caf\udce9/肺.png", "\ud800": ["\udcff", 1, None]})
    assert json.loads(answer.body) == {"path": r"caf\xe9/肺.png", r"\ud800": [r"\xff", 1, None]}
