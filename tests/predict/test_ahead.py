"""Processes that are started ahead are those that a prediction then takes."""

from hilum.model.reader import Reader
from hilum.predict.ahead import start_processes
from hilum.processes import _AHEAD
from hilum.slices.pool import Pool
from hilum.slices.process import Allowance


def test_a_prediction_takes_the_processes_that_were_started_for_it(model, picture, tmp_path, none_ahead):
    start_processes(model)
    started = {process.pid for process in _AHEAD.values()}
    assert len(started) == 2
    reader, pool = Reader(model), Pool(1)
    pool.start()
    (worker,) = pool.idle
    assert {reader._network._process._process.pid, worker.process.pid} == started
    request = {"job": "hilum.slices.jobs:colours", "key": None, "path": str(picture(tmp_path / "a.png", 9))}
    assert pool.answer(request, b"", Allowance())[0]["shape"] == [30, 40, 3]
    pool.end()
    assert not _AHEAD


def test_a_model_folder_says_only_later_which_network_it_is(tmp_path, none_ahead):
    start_processes(tmp_path)
    ((_, process),) = _AHEAD.items()
    _AHEAD.clear()
    process.communicate(timeout=60)  # it ends with its input
    assert process.returncode == 0
