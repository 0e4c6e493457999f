"""`hilum.train`: what it gives, and what it refuses."""

import gc
from pathlib import Path

import pytest

import hilum


@pytest.fixture
def train(phantom_table, phantom_audit, use_shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    return lambda **options: hilum.train(phantom_table, audited=phantom_audit, floor="cheap", **options)


def test_a_trained_model_answers_like_the_folder_and_the_file_that_it_is_saved_as(train, phantom, tmp_path):
    model = train(with_thumbnails=True)
    assert model.record.thumbnails
    saved, exported = model.save(tmp_path / "model"), model.export(tmp_path / "model.onnx")
    answers = [[*one.predict(phantom / "test")] for one in (model, hilum.open_model(saved), hilum.open_model(exported))]
    assert len(answers[0]) == 15
    assert answers[0] == answers[1] == answers[2]
    kept = Path(model._path)
    assert kept.is_dir()
    del model
    gc.collect()
    assert not kept.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"backbone": "efficientnet_lite"}, "Did you mean 'efficientnet_lite0'"),
        ({"backbone": "cnn"}, "can only be compared"),
        ({"on": "trian"}, "Did you mean 'train'"),
        ({"head": "kernal"}, "Did you mean 'kernel'"),
    ],
)
def test_what_cannot_be_trained_is_refused(train, wrong, said):
    with pytest.raises(hilum.HilumError, match=said):
        train(**wrong)


def test_progress_is_shown_to_whoever_asks(train):
    steps = []

    def track(title, total):
        steps.append(title)
        return hilum.show_progress(title, total)

    train(track=track)
    assert any("out of fold" in title for title in steps)
