"""Where the time of a command went."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hilum.profile import Profile
from hilum.progress import silent


def test_equal_titles_are_summed_and_time_in_no_step_comes_last(clock):
    track = Profile(silent)
    clock(1)
    for title, seconds in (("reading", 2), ("heads", 3), ("reading", 4)):
        with track(title, 1) as advance:
            clock(seconds)
            advance()
    clock(5)
    assert [(of.title, of.seconds) for of in track.steps()] == [("reading", 6), ("heads", 3), ("other", 6)]


def test_a_step_inside_another_counts_once(clock):
    track = Profile(silent)
    with track("outer", 1):
        clock(1)
        with track("inner", 1):
            clock(2)
        clock(4)
    assert [(of.title, of.seconds) for of in track.steps()] == [("outer", 5), ("inner", 2), ("other", 0)]


def test_a_step_that_fails_is_timed_and_its_error_passes_through(clock):
    def fail():
        clock(2)
        raise ValueError("mine")

    track = Profile(silent)
    with pytest.raises(ValueError, match="mine"), track("reading", 1):
        fail()
    assert track.steps()[0][:2] == ("reading", 2)


def test_what_is_shown_is_the_other_trackers():
    shown = []

    def other(title, total):
        shown.append((title, total))
        return silent(title, total)

    with Profile(other)("reading", 3):
        pass
    assert shown == [("reading", 3)]


def test_processor_time_is_that_of_this_process_and_of_ended_ones():
    track = Profile(silent)
    with track("busy", 1):
        sum(range(3_000_000))
    with track("another", 1):
        subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    busy, another, _ = track.steps()
    assert busy.processor > 0
    assert another.processor > 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells of running processes")
def test_processor_time_of_processes_that_still_run_counts():
    track = Profile(silent)
    with track("another", 1):
        code = "sum(range(9_000_000)); print(flush=True); input()"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            seconds = track.steps()[0].processor
            process.communicate(b"\n")
    assert seconds >= 1 / os.sysconf("SC_CLK_TCK")
