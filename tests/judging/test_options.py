"""Options of a judgement refuse what makes no sense."""

import pytest

from hilum.errors import HilumError
from hilum.judging.options import JudgeOptions


@pytest.mark.parametrize(
    ("option", "says"),
    [({"floor": "high"}, "no floor 'high'"), ({"look_alike": 2}, "from 0.5 to 1"), ({"seed": -1}, "seed")],
)
def test_what_makes_no_sense_is_refused(option, says):
    with pytest.raises(HilumError, match=says):
        JudgeOptions(**option)
