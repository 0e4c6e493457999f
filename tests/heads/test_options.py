import pytest

from hilum.errors import HilumError
from hilum.heads.options import HEADS, HeadOptions


@pytest.mark.parametrize("name", HEADS)
def test_every_head_can_be_asked_for(name):
    assert HeadOptions(head=name).head == name


def test_an_unknown_head_is_answered_with_the_nearest():
    with pytest.raises(HilumError, match=r"no head 'logistik'\. Did you mean 'logistic'"):
        HeadOptions(head="logistik")


@pytest.mark.parametrize("field", ["epochs", "cnn_epochs", "patience"])
def test_less_than_one_epoch_is_refused(field):
    with pytest.raises(HilumError, match=f"^{field} must be "):
        HeadOptions(**{field: 0})
