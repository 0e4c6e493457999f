"""Processes that hostile files are given to: messages, silence, limits."""

import io
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.processes import _AHEAD, command_of, receive, send, start, start_ahead

FIELDS = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))


@settings(max_examples=25)
@given(FIELDS, st.binary())
def test_a_message_arrives_as_it_was_sent(fields, data):
    stream = io.BytesIO()
    send(stream, fields, data)
    send(stream, {"next": True})
    stream.seek(0)
    assert receive(stream) == (fields, data)
    assert receive(stream) == ({"next": True}, b"")


@settings(max_examples=25)
@given(FIELDS, st.binary(), st.integers(min_value=1))
def test_a_message_cut_short_is_an_end(fields, data, cut):
    stream = io.BytesIO()
    send(stream, fields, data)
    whole = stream.getvalue()
    with pytest.raises(EOFError):
        receive(io.BytesIO(whole[: len(whole) - 1 - cut % len(whole)]))


def test_a_length_that_no_message_has_is_not_read():
    with pytest.raises(EOFError):
        receive(io.BytesIO(b"\xff" * 12 + b"{}"))


def run(code, **environment):
    """What a process sends that was started with some code, and how it ends."""
    process = start((sys.executable, "-c", code), environment)
    with process:
        fields = receive(process.stdout)[0] if process.stdout.peek(1) else None
        process.stdin.close()
        return fields, process.wait()


def test_what_a_library_prints_does_not_reach_the_answers():
    code = (
        "import os\nfrom hilum.processes import answer_stream, send\nanswers = answer_stream()\n"
        "print('noise', flush=True)\nos.write(1, b'noise')\nos.write(2, b'noise')\n"
        "import resource\n"
        "send(answers, {'seen': os.environ['SEEN'], 'core': resource.getrlimit(resource.RLIMIT_CORE)})"
    )
    assert run(code, SEEN="yes") == ({"seen": "yes", "core": [0, 0]}, 0)


def test_an_alarm_ends_a_process_that_is_busy():
    code = "from hilum.processes import alarm\nalarm(1)\nwhile True: pass"
    assert run(code) == (None, -14)


def test_an_alarm_can_be_taken_back_and_a_limit_holds():
    code = (
        "import sys\nfrom hilum.processes import alarm, answer_stream, limit, send\nanswers = answer_stream()\n"
        "alarm(1)\nalarm(0)\nlimit('RLIMIT_AS', 2**30)\n"
        "try:\n    bytearray(2**31)\nexcept MemoryError:\n    send(answers, {'refused': True})\nsys.stdin.read()"
    )
    assert run(code) == ({"refused": True}, 0)


def test_the_command_runs_a_module_of_hilum():
    process = start(command_of("hilum"))
    process.stdin.close()
    assert b"Usage" in process.stdout.read()
    process.wait()
    process.stdout.close()


def test_a_process_started_ahead_goes_to_the_next_caller_with_its_command(none_ahead):
    command = [sys.executable, "-c", "input()"]
    start_ahead(command)
    (ahead,) = _AHEAD.values()
    processes = [start([*command, "another"]), start(command), start(command)]
    assert [process is ahead for process in processes] == [False, True, False]
    for process in processes:
        process.communicate(b"\n", timeout=60)
