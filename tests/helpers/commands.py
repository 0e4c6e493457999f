"""Code with which one process runs many commands, one a line of its input."""

COMMANDS = """
import sys
from hilum.cli import app
for line in sys.stdin.read().splitlines():
    print("##", line, flush=True)
    app(line.split(), standalone_mode=False)
"""
