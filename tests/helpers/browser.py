"""How the tests of the page reach a browser and a server, and what they put into both."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

# As in a container: no sandbox, no graphics card, and no look-ups of the browser's own.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SITE = """
import json, sys
from pathlib import Path
from hilum.model.reader import Reader
from hilum.serve.app import create_app
from hilum.serve.server import address_of, listen, run
from hilum.serve.settings import Access, Caps, Settings

model, runs, slices, token, caps = json.loads(sys.argv[1])
settings = Settings(
    caps=Caps(**caps), access=Access(token=token and token.encode()), workers=1, model=model and Path(model),
    runs=runs and Path(runs), slices_folder=slices and Path(slices),
)
bound = listen("127.0.0.1", 0)
started = lambda: print(address_of(bound), flush=True)
app = create_app(model and Reader(Path(model), 1), settings, started)
run(app, bound, settings.caps.head_seconds)
"""
_DROP = """
files => {
  const transfer = new DataTransfer();
  for (const { name, data } of files) {
    transfer.items.add(new File([Uint8Array.from(atob(data), letter => letter.charCodeAt(0))], name));
  }
  return transfer;
}
"""


def chromium():
    """The path of a browser; skips where the system has none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("No Chromium found: install the system's package chromium.")
    return found


@contextmanager
def site(model=None, runs=None, slices=None, token=None, **caps):
    """A server in a process of its own; its address."""
    told = json.dumps([*(place and str(place) for place in (model, runs, slices)), token, caps])
    process = subprocess.Popen(
        [sys.executable, "-c", _SITE, told],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        address = process.stdout.readline().strip()
        assert address
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def drop(page, files):
    """Drops files, bytes by name, onto the page."""
    page.wait_for_selector(".drop, .many, .one")  # before that nothing takes them
    listed = [{"name": name, "data": base64.b64encode(data).decode()} for name, data in files.items()]
    page.dispatch_event("main", "drop", {"dataTransfer": page.evaluate_handle(_DROP, listed)})


def written_to(folder, files):
    """Writes files, bytes by name, and gives their paths."""
    paths = []
    for name, data in files.items():
        paths.append(Path(folder) / name)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_bytes(data)
    return paths


def pixels(page):
    """What is drawn of the slice, as text that changes with it."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("() => document.querySelector('.viewer canvas').toDataURL()")


def column(page, number):
    """The texts of a column of the table of slices, its rows counted from the top."""
    return page.locator(f".slices tbody tr > :nth-child({number})").all_inner_texts()


def sideways(page):
    """By how many pixels the page can be scrolled sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
