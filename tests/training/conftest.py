import pytest


@pytest.fixture(scope="session")
def best(compared, shared_cache):
    """The model of the comparison's best frozen backbone, without thumbnails."""
    from hilum.training.train import train_best

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return train_best(compared, command="hilum compare --save-best")
