"""Reads a table, and with `--look` does the part of an audit that trains nothing: duplicates, looks, splits."""

import argparse
import json
import time
from pathlib import Path

import hilum
from hilum.audit.audit import first_look


def _peak() -> float:
    """The most memory that this process has held so far, in MB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--look", action="store_true")
options = parser.parse_args()
start = time.perf_counter()
table = hilum.read_table(options.folder)
facts = {"reading": time.perf_counter() - start, "reading_mb": _peak()}
if options.look:
    start = time.perf_counter()
    first_look(table)
    facts["audit"] = time.perf_counter() - start
print(json.dumps(facts))
