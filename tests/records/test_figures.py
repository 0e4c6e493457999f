from hilum.records.figures import Estimate, Headline, highest_floor


def test_the_highest_floor_is_the_one_that_reaches_most():
    floors = {name: Headline(f1_macro=Estimate(value=value)) for name, value in (("a", 0.2), ("b", 0.7), ("c", None))}
    assert highest_floor(floors) == ("b", Estimate(value=0.7))


def test_where_no_floor_is_known_there_is_none():
    assert highest_floor({"a": Headline(f1_macro=Estimate(value=None)), "b": Headline()}) is None
    assert highest_floor({}) is None
