"""What a model to use is trained with: what is refused."""

import pytest

from hilum.errors import HilumError
from hilum.training.options import TrainOptions


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"backbone": "cnn"}, "small CNN can only be compared"),
        ({"backbone": "densenet196"}, "no model 'densenet196'. Did you mean 'densenet169'"),
        ({"on": "dev"}, "^on must be train, development, all, not 'dev'"),
        ({"on": "developement"}, "Did you mean 'development'"),
        ({"head": "forest"}, "There is no head 'forest'"),
        ({"size": 16}, "^size must be from 32 to 4096, not 16"),
    ],
)
def test_options_that_make_no_sense(options, says):
    with pytest.raises(HilumError, match=says):
        TrainOptions(**{"backbone": "vgg16", **options})
