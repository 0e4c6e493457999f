import pytest

import hilum
from hilum.errors import BadOption, HilumError, MissingExtra, extras_named, install_hint


def test_every_error_that_a_user_can_fix_is_caught_as_one_kind():
    for error in (BadOption("seed", "must be 0 or more."), MissingExtra("torch")):
        with pytest.raises(HilumError):
            raise error


def test_a_bad_option_keeps_its_field_for_the_command_line():
    error = BadOption("cnn_epochs", "must be 1 or more, not 0.")
    assert str(error) == "cnn_epochs must be 1 or more, not 0."
    assert (error.field, error.reason) == ("cnn_epochs", "must be 1 or more, not 0.")


def test_a_missing_package_is_named_with_the_command_that_installs_it():
    said = str(MissingExtra("fastapi", "serve"))
    assert "needs the package fastapi" in said
    assert said.endswith(install_hint("serve"))
    assert "pip install -e '.[serve]'" in said
    assert f"hilum-{hilum.__version__}-py3-none-any.whl[serve]" in said


def test_packages_that_are_enough_are_named_without_the_extra():
    with pytest.raises(MissingExtra) as caught, extras_named("pandas", "scikit-learn"):
        raise ModuleNotFoundError(name="sklearn.metrics")
    assert str(caught.value) == (
        "This needs the package scikit-learn, which the base install leaves out. "
        "Install it with: pip install pandas scikit-learn"
    )
    with pytest.raises(MissingExtra, match=r"package torch, .*\[train\]"), extras_named("pandas"):
        raise ModuleNotFoundError(name="torch")


def test_only_a_module_of_an_extra_is_named_with_it():
    with pytest.raises(MissingExtra, match=r"package uvicorn, .*\[serve\]"), extras_named():
        raise ModuleNotFoundError(name="uvicorn.config")
    with pytest.raises(MissingExtra, match=r"package s3fs, .*\[ray\]"), extras_named():
        raise ModuleNotFoundError(name="s3fs")
    with pytest.raises(ModuleNotFoundError, match="elsewhere"), extras_named():
        import elsewhere  # noqa: F401
