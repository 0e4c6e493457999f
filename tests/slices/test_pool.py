"""The processes that decode: used again, replaced where one dies or hangs, and never the end of hilum."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from helpers.dicoms import SYNTAXES, chest, dataset, png, written

from hilum.slices import pool, process
from hilum.slices.frames import read_frame, read_frames
from hilum.slices.pool import POOL
from hilum.slices.read import UnreadableSlice

DATA = written(dataset(chest()))
PICTURE = png(np.full((30, 40), 51, np.uint8))
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")


@pytest.fixture
def fresh():
    """A pool without processes, before and after the test."""
    POOL.end()
    yield
    POOL.end()


def pids():
    return [worker.process.pid for worker in POOL.idle]


def test_one_process_reads_file_after_file(fresh):
    list(read_frames(DATA))
    first = pids()
    assert len(first) == 1
    for syntax in SYNTAXES.values():
        list(read_frames(written(dataset(chest()), syntax)))
    assert pids() == first


def test_files_are_read_at_once_and_not_mixed_up(tmp_path, fresh):
    slices = [chest(seed, 40 + seed, 50) for seed in range(12)]
    for number, hu in enumerate(slices):
        (tmp_path / f"{number}").write_bytes(written(dataset(hu, hu)))
    expected = [next(read_frames(tmp_path / f"{number}")).pixels for number in range(12)]

    def read(number):
        return next(read_frames(tmp_path / f"{number % 12}")), read_frame(tmp_path / f"{number % 12}", 2)

    with ThreadPoolExecutor(6) as threads:
        for number, (first, second) in enumerate(threads.map(read, range(24))):
            np.testing.assert_array_equal(first.pixels, expected[number % 12])
            np.testing.assert_array_equal(second.pixels, expected[number % 12])
    assert 1 <= len(pids()) <= 4


def test_a_file_that_changed_is_read_anew(tmp_path):
    path = tmp_path / "scan"
    path.write_bytes(DATA)
    first = read_frame(path)
    path.write_bytes(written(dataset(chest(1))))
    os.utime(path, ns=(1, 1))  # whatever the clock's grain
    assert not np.array_equal(read_frame(path).pixels, first.pixels)


def test_the_picture_may_be_written_to():
    (frame,) = read_frames(DATA)
    frame.pixels[:] = 0.5
    assert frame.pixels.flags.c_contiguous


@POSIX
def test_a_process_that_died_between_two_files_is_replaced(fresh):
    list(read_frames(DATA))
    (pid,) = pids()
    os.kill(pid, signal.SIGKILL)
    assert len(list(read_frames(DATA))) == 1
    assert pids() != [pid]


@POSIX
def test_a_file_that_crashes_the_decoder_is_told_and_the_next_is_read(monkeypatch, fresh):
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", "import os; os.read(0, 9); os.abort()"))
    with pytest.raises(UnreadableSlice, match="its pixels are damaged: decoding them crashed"):
        list(read_frames(DATA))
    monkeypatch.undo()
    assert len(list(read_frames(DATA))) == 1


DIES = {
    "os.abort()": pool.CRASHED,
    "os.kill(os.getpid(), 11)": pool.CRASHED,
    "os.kill(os.getpid(), 9)": pool.ENDED,  # as a system short of memory does
    "os.kill(os.getpid(), 15)": pool.ENDED,
    "os._exit(71)": pool.TOO_LARGE,
    "os._exit(3)": "the process that decodes it ended with status 3",
}


@POSIX
@pytest.mark.parametrize("how", DIES)
def test_how_a_fresh_process_ends_says_whether_the_file_or_the_machine_is_at_fault(how, monkeypatch, fresh):
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", f"import os; os.read(0, 9); {how}"))
    with pytest.raises(UnreadableSlice, match=re.escape(DIES[how])) as caught:
        read_frame(DATA)
    assert pool.may_be_read_later(str(caught.value)) is (DIES[how] in (pool.ENDED, pool.TOO_LARGE))
    assert not POOL.idle


@POSIX
@pytest.mark.parametrize("data", [DATA, PICTURE], ids=["DICOM", "PNG"])
def test_a_sound_file_whose_process_is_killed_once_is_read(data, tmp_path, monkeypatch, fresh):
    once = tmp_path / "once"
    code = (
        f"import os, runpy; os.path.exists({str(once)!r}) or (os.mkdir({str(once)!r}), os.kill(os.getpid(), 9)); "
        "runpy.run_module('hilum.slices.pool_worker', run_name='__main__')"
    )
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-P", "-c", code))
    assert read_frame(data).pixels.size
    assert once.exists()


@POSIX
def test_an_interrupt_ends_what_threads_wait_for(tmp_path):
    """None of the pictures would be read before ten minutes are over."""
    for number in range(20):
        (tmp_path / f"{number}.png").write_bytes(PICTURE)
    code = (
        "import pathlib, signal, sys\n"
        "from hilum.slices import pool, process\n"
        "from hilum.slices.frames import read_frame\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "process.SECONDS = 600\n"
        "process.COMMAND = (sys.executable, '-c', 'import time; print(flush=True); time.sleep(600)')\n"
        "with pool.reading_threads() as threads:\n"
        "    found = threads.map(read_frame, sorted(pathlib.Path(sys.argv[1]).iterdir()))\n"
        "    print('reading', flush=True)\n"
        "    list(found)\n"
    )
    reading = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert reading.stdout.readline() == "reading\n"
    time.sleep(0.5)  # Python sees no signal that comes just as it begins to wait for a lock
    reading.send_signal(signal.SIGINT)
    _, told = reading.communicate(timeout=120)
    assert reading.returncode == -signal.SIGINT
    assert told.rstrip().endswith("KeyboardInterrupt")


@POSIX
def test_a_file_that_takes_too_long_is_told_and_the_next_is_read(monkeypatch, fresh):
    list(read_frames(DATA))
    (pid,) = pids()
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(process, "SECONDS", 0.5)
    with pytest.raises(UnreadableSlice, match="could not be decoded within"):
        list(read_frames(DATA))
    monkeypatch.undo()
    assert len(list(read_frames(DATA))) == 1
    assert pids() != [pid]


def test_a_process_that_cannot_be_started_is_told(monkeypatch, fresh):
    monkeypatch.setattr(process, "COMMAND", ("no-such-program-anywhere",))
    with pytest.raises(UnreadableSlice, match="the process that decodes cannot be started"):
        list(read_frames(DATA))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are of POSIX")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_has_processes_of_its_own(fresh):
    expected = read_frame(DATA)
    child = os.fork()
    if not child:
        os._exit(not np.array_equal(read_frame(DATA).pixels, expected.pixels))
    for _ in range(20):
        np.testing.assert_array_equal(read_frame(DATA).pixels, expected.pixels)
    assert os.waitpid(child, 0)[1] == 0


@POSIX
def test_processes_end_with_hilum_and_keep_pydicom_to_themselves(tmp_path):
    (tmp_path / "scan").write_bytes(DATA)
    code = (
        "import os, pathlib, sys; from hilum.slices.frames import read_frame\n"
        "from hilum.slices.pool import POOL\n"
        "read_frame(pathlib.Path(sys.argv[1])); assert 'pydicom' not in sys.modules\n"
        "print(POOL.idle[0].process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9) if sys.argv[2] == 'killed' else None"
    )
    for how in ("killed", "ended"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "scan"), how], capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        assert gone(int(done.stdout)), how


def gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":  # where nobody collects it
            return True
        time.sleep(0.05)
    return False


def test_groups_hold_within_a_run_where_no_salt_can_be_kept(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "file"))
    assert read_frame(DATA).group == read_frame(DATA).group is not None
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "cache"))
    kept = read_frame(DATA).group
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "another"))
    assert len({kept, read_frame(DATA).group}) == 2


def test_many_readers_wait_for_their_turn(fresh):
    barrier, results = threading.Barrier(8), []

    def read():
        barrier.wait()
        results.append(read_frame(DATA).pixels.shape)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(48, 64)] * 8
    assert len(pids()) <= 4
