"""What a driver does when the head of its cluster no longer answers, here without a cluster."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("ray")

# In a process of its own, as Ray may be imported only where a cluster is joined.
_PROGRAM = """
import json, threading, time
import ray
from hilum.cluster import ray_machines
from hilum.errors import HilumError

ray_machines._SOON, ray_machines._PATIENCE = 0.05, 0.5
there = [{"NodeID": "a"}]
answers = [lambda: there, threading.Event().wait]  # it answers, and then never again
ray.nodes = lambda: answers.pop(0)() if len(answers) > 1 else answers[0]()
machines = ray_machines.Machines()
print(json.dumps([machines.now() == there, machines.now() == there]))

def until_lost(machines):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            machines.now()
        except HilumError as error:
            return str(error)
        time.sleep(0.05)

print(until_lost(machines))

def refused():
    raise RuntimeError("no head")

ray.nodes = refused
print(until_lost(ray_machines.Machines()))
ray.nodes = lambda: there
machines = ray_machines.Machines()
machines.now()
time.sleep(1)  # longer than the patience, in which nothing was asked
print(json.dumps(machines.now() == there))
"""


def test_a_head_that_does_not_answer_or_refuses_is_told_after_some_patience_and_a_pause_of_the_driver_is_none():
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    first, hung, refused, paused = ran.stdout.splitlines()
    assert json.loads(first) == [True, True]
    assert hung == refused
    assert hung.startswith("The head of the Ray cluster has not answered for")
    assert "the same command goes on" in hung
    assert json.loads(paused)
