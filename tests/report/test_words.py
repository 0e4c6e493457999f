from hilum.report.words import short_title


def test_an_ensemble_goes_by_its_size_where_that_tells_it_apart():
    single = {"name": "a", "title": "A"}
    three = {"name": "a+b+c", "title": "A + B + C", "members": ["a", "b", "c"]}
    pair, other = ({"title": title, "members": ["a", "b"]} for title in ("A + B", "A + C"))
    record = {"models": [single, three, pair, other]}
    assert [short_title(model, record) for model in record["models"]] == ["A", "3 averaged", "A + B", "A + C"]
