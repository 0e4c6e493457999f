"""Reads a table, and with `--look` does the part of an audit that trains nothing: duplicates, looks, splits."""

import argparse
import json
import time
from pathlib import Path

import hilum
from hilum.audit.audit import first_look

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--look", action="store_true")
options = parser.parse_args()
start = time.perf_counter()
table = hilum.read_table(options.folder)
seconds = {"reading": time.perf_counter() - start}
if options.look:
    start = time.perf_counter()
    first_look(table)
    seconds["audit"] = time.perf_counter() - start
print(json.dumps(seconds))
