"""How models are scored: protocols and the non-cancer class, and what is refused."""

import pytest

from hilum.errors import BadOption, HilumError
from hilum.scoring.options import ScoringOptions, protocols_of


def test_the_earlier_name_of_no_copies_is_understood():
    assert protocols_of(["unseen"]) == ("given", "no-copies", "no-look-alikes")


def test_given_and_no_copies_are_always_run():
    assert protocols_of(None) == ("given", "no-copies", "no-look-alikes", "grouped", "strict")
    assert protocols_of(["strict", "given"]) == ("given", "no-copies", "no-look-alikes", "strict")
    assert protocols_of("strict") == protocols_of(["strict"])
    assert protocols_of([]) == ("given", "no-copies", "no-look-alikes")


def test_an_unknown_protocol_is_refused():
    with pytest.raises(HilumError, match=r"no protocol 'strickt'\. Did you mean 'strict'\?"):
        protocols_of(["given", "strickt"])


@pytest.mark.parametrize(
    ("negative", "classes", "found"),
    [
        ("normal", ["a", "normal"], "normal"),
        ("normal", ["a", "b"], None),
        (None, ["a", "normal"], None),
        ("healthy", ["healthy", "ill"], "healthy"),
    ],
)
def test_the_negative_class_of_a_data_set(negative, classes, found):
    assert ScoringOptions(negative=negative).negative_among(classes) == found


def test_a_negative_class_that_is_not_there_is_refused():
    with pytest.raises(HilumError, match=r"no class 'heathy' .*\. Did you mean 'healthy'\? The classes are healthy"):
        ScoringOptions(negative="heathy").negative_among(["healthy", "ill"])


def test_something_must_be_repeated():
    with pytest.raises(BadOption, match=r"^repeats must be 1 or more, not 0"):
        ScoringOptions(repeats=0)
