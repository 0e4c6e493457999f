import io

import pytest
from rich.console import Console

from hilum.progress import Steps, silent


def tracked(console, steps, wait=lambda: None):
    with Steps(console)("reading slices", steps) as advance:
        for _ in range(steps):
            wait()
            advance()
    return console.file.getvalue()


def plain():
    return Console(file=io.StringIO(), force_terminal=False, width=20)  # narrow: a line is still one line


def test_short_work_prints_nothing(clock):
    assert tracked(plain(), 3, lambda: clock(0.3)) == ""


def test_work_over_a_second_prints_its_time_only(clock):
    assert tracked(plain(), 4, lambda: clock(0.5)) == "0:00:02 step 1, reading slices: 4 in 2.0 s\n"


def test_long_work_prints_a_line_every_five_seconds(clock):
    assert tracked(plain(), 12, lambda: clock(1)).splitlines() == [
        "0:00:05 step 1, reading slices: 5 of 12, 1.0/s, 7 s left",
        "0:00:10 step 1, reading slices: 10 of 12, 1.0/s, 2 s left",
        "0:00:12 step 1, reading slices: 12 in 12.0 s",
    ]


def test_every_step_has_its_number_and_the_time_since_the_start(clock):
    console = plain()
    steps = Steps(console)
    clock(3700)
    for seconds in (2, 0.1, 3):
        with steps(f"{seconds} s", 1):
            clock(seconds)
    assert console.file.getvalue().splitlines() == [
        "1:01:42 step 1, 2 s: 0 in 2.0 s",
        "1:01:45 step 3, 3 s: 0 in 3.0 s",
    ]


def test_a_rate_never_reads_as_nothing(clock):
    assert "100.0 s each" in tracked(plain(), 2, lambda: clock(100))


def test_the_last_step_is_not_told_twice(clock):
    assert tracked(plain(), 2, lambda: clock(6)).splitlines() == [
        "0:00:06 step 1, reading slices: 1 of 2, 6.0 s each, 6 s left",
        "0:00:12 step 1, reading slices: 2 in 12.0 s",
    ]


def test_plain_lines_hold_no_control_characters(clock):
    assert "\x1b" not in tracked(plain(), 3, lambda: clock(6))


def test_a_terminal_shows_a_bar():
    written = tracked(Console(file=io.StringIO(), force_terminal=True, width=100), 3)
    assert "step 1, reading slices" in written
    assert "0:00:00" in written
    assert "3/3" in written
    assert "━" in written
    assert "\x1b[" in written


@pytest.mark.parametrize("terminal", [True, False])
def test_an_error_passes_through(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal)
    with pytest.raises(ValueError, match="mine"), Steps(console)("reading", 2):
        raise ValueError("mine")


def test_silence_is_silent(capfd):
    with silent("reading slices", 2) as advance:
        advance()
        advance()
    assert capfd.readouterr() == ("", "")
