"""Words: short titles and counts with their nouns."""

from hilum.records.comparison import ComparisonRecord
from hilum.report.words import plural, short_title


def test_an_ensemble_goes_by_its_size_where_that_tells_it_apart(record):
    single, *ensembles = record["models"][:-1]
    ensembles.append({**ensembles[0], "name": "third"})
    record["models"].insert(0, ensembles[-1])
    for model, title, members in zip(ensembles, ("A + B + C", "A + B", "A + C"), ("abc", "ab", "ac"), strict=True):
        model.update(title=title, members=list(members))
    made = ComparisonRecord.made(record)
    titles = {model.title: short_title(model, made) for model in made.ranked}
    assert titles == {single["title"]: single["title"], "A + B + C": "3 averaged", "A + B": "A + B", "A + C": "A + C"}


def test_plural():
    assert [plural(count, "file") for count in (0, 1, 1000)] == ["0 files", "1 file", "1,000 files"]
