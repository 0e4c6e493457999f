import pytest


@pytest.fixture
def model(phantom_model, use_shared_cache):
    """The model folder, its graph in a cache that tests share."""
    return phantom_model
