"""Options shared by all commands: what they refuse, and what an error says."""

import pytest

from hilum.errors import BadOption, HilumError
from hilum.options import LARGEST_SEED, VIEWS, FeatureOptions, Seeded, check_likeness, check_name


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seed": -1}, "seed must be from 0 to 4294967295, not -1."),
        ({"seed": 2**32}, "seed must be from 0 to 4294967295, not 4294967296."),
        ({"size": 31}, "size must be from 32 to 4096, not 31."),
        ({"size": 4097}, "size must be from 32 to 4096, not 4097."),
        ({"scales": "late"}, "scales must be last, earlier, both, not 'late'. Did you mean 'last'?"),
        ({"scales": 2}, "scales must be last, earlier, both, not 2."),
        ({"views": ("up", "up")}, "views names a view twice: up, up."),
    ],
)
def test_an_error_starts_with_the_field(options, says):
    with pytest.raises(BadOption) as raised:
        FeatureOptions(**options)
    assert str(raised.value) == says
    assert [raised.value.field] == list(options)


def test_the_effort_names_the_views_unless_they_are_given():
    assert FeatureOptions().learnt_views == ()
    assert FeatureOptions(views="up").learnt_views == ("up",)
    assert FeatureOptions(effort="thorough").learnt_views == VIEWS
    assert FeatureOptions(effort="thorough", views=()).learnt_views == ()
    assert FeatureOptions(views=("up",)).learnt_views == ("up",)
    with pytest.raises(HilumError, match=r"^There is no effort 'thorogh'\. Did you mean 'thorough'\?"):
        FeatureOptions(effort="thorogh")


def test_the_bounds_are_allowed():
    assert Seeded(seed=LARGEST_SEED).seed == LARGEST_SEED
    assert [FeatureOptions(size=size).size for size in (None, 32, 4096)] == [None, 32, 4096]


@pytest.mark.parametrize("engine", ["auto", "torch", "onnxruntime", "onnxruntime 1.23.2 cpu"])
def test_an_engine_may_carry_its_version(engine):
    assert FeatureOptions(engine=engine).engine == engine


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(HilumError, match=r"^There is no engine 'onxruntime'\. Did you mean 'onnxruntime'\?"):
        FeatureOptions(engine="onxruntime")
    with pytest.raises(HilumError, match=r"^There is no view 'mirror'\. Did you mean 'mirrored'\?"):
        FeatureOptions(views=("mirror",))
    with pytest.raises(HilumError, match=r"^There is no head 'forest'\. Known are logistic, softmax and more\.$"):
        check_name("head", "forest", ["logistic", "softmax"], " and more")


def test_a_likeness_is_a_correlation_of_a_half_or_more():
    for likeness in (None, 0.5, 0.87, 1):
        check_likeness(likeness)
    for likeness in (0.49, 1.001, -0.9, float("nan")):
        with pytest.raises(BadOption, match=rf"^look_alike must be from 0\.5 to 1, not {likeness:g}\.$"):
            check_likeness(likeness)
