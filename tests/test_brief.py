"""Short reprs."""

from dataclasses import dataclass, field

import numpy as np

from hilum.brief import Brief, Many


@dataclass(frozen=True, repr=False)
class Holder(Brief):
    array: np.ndarray
    parts: tuple
    text: str
    hidden: int = field(default=1, repr=False)


def test_arrays_show_their_shape_and_long_values_a_few_letters():
    holder = Holder(np.zeros((1000, 4)), tuple(range(1000)), "a" * 1000)
    assert repr(holder).startswith("Holder(array=float64[1000, 4], parts=(0, 1, 2, ...), text='aaa")
    assert len(repr(holder)) < 120
    assert "hidden" not in repr(holder)


def test_many_is_a_tuple_that_shows_its_first_entry():
    many = Many(range(1000))
    assert many == tuple(range(1000))
    assert repr(many) == "(0, … 1,000 in all)"
    assert [repr(Many(few)) for few in ((), (5,))] == ["()", "(5,)"]
