import io
import re

import pytest
from rich.console import Console

from hilum.progress import Steps, silent


def plain():
    return Console(file=io.StringIO(), force_terminal=False, width=20)  # narrow: a line is still one line


def terminal(width=80):
    return Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)


def written(console):
    return console.file.getvalue().splitlines()


def tracked(console, total, wait=lambda: None, title="reading slices", steps=None):
    with (steps or Steps(console))(title, total) as advance:
        for _ in range(total):
            wait()
            advance()


def one_step(total, wait):
    """What is written of a step that was not planned."""
    console = plain()
    steps = Steps(console)
    tracked(console, total, wait, steps=steps)
    steps.settle()
    return written(console)


def test_short_work_that_was_not_planned_prints_nothing(clock):
    assert one_step(3, lambda: clock(0.3)) == []


def test_work_over_a_second_prints_its_time_only(clock):
    assert one_step(4, lambda: clock(0.5)) == ["0:00:02 reading slices: 2.0 s"]


def test_long_work_prints_a_line_every_five_seconds(clock):
    assert one_step(12, lambda: clock(1)) == [
        "0:00:05 reading slices: 5 of 12, 1.0/s, 7.0 s left",
        "0:00:10 reading slices: 10 of 12, 1.0/s, 2.0 s left",
        "0:00:12 reading slices: 12.0 s",
    ]


def test_work_of_unknown_size_prints_how_far_it_is(clock):
    console = plain()
    with Steps(console)("listing", None) as advance:
        for _ in range(7):
            clock(1)
            advance()
    assert written(console) == ["0:00:05 listing: 5 so far, 1.0/s"]


def test_long_times_are_told_in_minutes_and_a_rate_never_reads_as_nothing(clock):
    assert one_step(3, lambda: clock(100)) == [
        "0:01:40 reading slices: 1 of 3, 100.0 s each, 0:03:20 left",
        "0:03:20 reading slices: 2 of 3, 100.0 s each, 0:01:40 left",
        "0:05:00 reading slices: 0:05:00",
    ]


@pytest.mark.parametrize("console", [plain(), terminal()], ids=["plain", "terminal"])
def test_planned_steps_are_numbered_and_keep_a_line_with_their_time(clock, console):
    steps = Steps(console)
    steps.plan("reading slices", "features: VGG16", "heads: VGG16", "figures")
    clock(3700)
    for title, seconds in (("reading slices", 0.1), ("features: VGG16", 2), ("features: VGG16, lungs blanked", 3)):
        tracked(console, 2, lambda seconds=seconds: clock(seconds / 2), title, steps)
    tracked(console, 0, title="heads: VGG16", steps=steps)
    tracked(console, 1, lambda: clock(0.25), "figures", steps)
    steps.settle()
    assert re.findall(r"\d:\d\d:\d\d \d of 4 .*(?: s|cache)$", console.file.getvalue(), re.MULTILINE) == [
        "1:01:40 1 of 4 reading slices: 0.1 s",
        "1:01:45 2 of 4 features: VGG16: 5.0 s",
        "1:01:45 3 of 4 heads: VGG16: from the cache",
        "1:01:45 4 of 4 figures: 0.2 s",
    ]


def test_a_step_that_is_passed_over_is_told_so_that_no_number_is_missing():
    console = plain()
    steps = Steps(console)
    steps.plan("reading slices", "features: VGG16", "figures")
    for title in ("reading slices", "figures"):
        tracked(console, 1, title=title, steps=steps)
    steps.settle()
    assert [line[8:] for line in written(console)] == [
        "1 of 3 reading slices: 0.0 s",
        "2 of 3 features: VGG16: left out",
        "3 of 3 figures: 0.0 s",
    ]


def test_what_was_not_planned_has_no_number_and_ends_the_step_before_it(clock):
    console = plain()
    steps = Steps(console)
    steps.plan("heads: VGG16", "features: ResNet50")
    for title in ("heads: VGG16", "downloading resnet50 (MB)", "features: ResNet50", "heads: VGG16"):
        tracked(console, 1, lambda: clock(2), title, steps)
    steps.settle()
    assert [line[8:] for line in written(console)] == [
        "1 of 2 heads: VGG16: 2.0 s",
        "downloading resnet50 (MB): 2.0 s",
        "2 of 2 features: ResNet50: 2.0 s",
        "heads: VGG16: 2.0 s",
    ]


def test_plain_lines_hold_no_control_characters(clock):
    assert "\x1b" not in "".join(one_step(3, lambda: clock(6)))


@pytest.mark.parametrize("width", [60, 80])
def test_a_terminal_shows_a_line_that_is_wrapped_at_words_and_a_bar_beneath_it(width):
    console = terminal(width)
    steps = Steps(console)
    title = "features: EfficientNetV2L of a hospital, with the lungs blanked"
    steps.plan("features: EfficientNetV2L of a hospital", "figures")
    tracked(console, 3, title=title, steps=steps)
    shown = console.file.getvalue()
    assert "0:00:00 1 of 2 features: EfficientNetV2L of a hospital" in shown
    assert "3/3" in shown
    assert "━" in shown
    assert "…" not in shown
    assert max(len(line.rpartition("\x1b[2K")[2]) for line in shown.splitlines() if "[?25" not in line) <= width


def test_a_step_of_one_thing_has_no_bar():
    console = terminal()
    tracked(console, 1)
    assert "━" not in console.file.getvalue()


@pytest.mark.parametrize("console", [plain(), terminal()], ids=["plain", "terminal"])
def test_an_error_passes_through_and_its_step_is_not_told_as_done(console):
    steps = Steps(console)
    steps.plan("reading")
    with pytest.raises(ValueError, match="mine"), steps("reading", 2):
        raise ValueError("mine")
    steps.settle()
    assert not [line for line in written(console) if line.endswith(" s")]


def test_silence_is_silent(capfd):
    with silent("reading slices", 2) as advance:
        advance()
        advance()
    assert capfd.readouterr() == ("", "")
