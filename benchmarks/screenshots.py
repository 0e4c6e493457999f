"""Pictures of the page's main views for the README, by a headless Chromium.

    python benchmarks/screenshots.py MODEL --slices FOLDER --runs FOLDER --into docs/img FILE [FILE ...]

The first FILE is the slice that is explained; all of them make the table, a DICOM series among them the strip. The
folder of runs has two comparisons or more. Those in docs/img show phantom slices: nobody's chest is in this repository.
"""

import argparse
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WIDTH, HEIGHT = 1280, 800
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def main() -> None:
    """Serves, looks, and writes a PNG a view."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--slices", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--into", type=Path, default=Path("docs/img"))
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no chromium; install it, on Debian by: apt-get install chromium")
    with _server(given) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        page.set_input_files("#pick-files", given.files[:1])
        page.wait_for_selector(".decision h2")
        page.wait_for_selector(".one:not([aria-busy])")
        _shot(page, given.into / "serve-slice.png")
        page.goto("about:blank")
        page.goto(address)
        page.set_input_files("#pick-files", given.files)
        page.wait_for_selector(".many .slices tbody tr")
        page.wait_for_selector("#progress-bar", state="detached")
        _shot(page, given.into / "serve-many.png")
        page.goto(f"{address}#/runs")
        page.wait_for_selector(".runs table")
        for box in page.locator(".runs input[type=checkbox]").all()[:2]:
            box.check()
        page.get_by_role("button", name="Put two side by side").click()
        page.wait_for_selector(".panels.two .cell")
        _shot(page, given.into / "serve-runs.png")
        page.goto(f"{address}#/runs")
        page.locator(".runs tbody a").first.click()
        page.locator(".cell.wrong:enabled").first.click()
        page.wait_for_selector(".slices-found li")
        page.evaluate("document.querySelector('[aria-label=\"Confusion matrix\"]').scrollIntoView()")
        _shot(page, given.into / "serve-confusion.png")
        browser.close()


def _shot(page: Page, path: Path) -> None:
    page.wait_for_timeout(500)  # pictures are drawn
    page.screenshot(path=path)
    print(path, f"{path.stat().st_size / 1000:.0f} kB")


@contextmanager
def _server(given: argparse.Namespace) -> Iterator[str]:
    command = [sys.executable, "-m", "hilum", "serve", str(given.model), "--no-open", "--port", "0"]
    command += ["--runs", str(given.runs), "--slices", str(given.slices)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield next(word for line in process.stdout for word in line.split() if word.startswith("http"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    main()
