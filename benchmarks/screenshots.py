"""Pictures of the page's main views, a notebook and a terminal for the README, by a headless Chromium.

    python benchmarks/screenshots.py MODEL --slices FOLDER --runs FOLDER --into docs/img FILE [FILE ...]

The first FILE is the slice that is explained. All of them make the table, and a DICOM series that is drawn here the
strip. The folder of runs has two comparisons or more. The pictures in docs/img show phantom slices, nobody's chest.

    python benchmarks/screenshots.py --slices FOLDER --into docs/img

These are the pictures of a notebook, whose outputs were kept by benchmarks/notebooks.py, and of a terminal, with the
command `--terminal` in a folder in which `slices` is a link to the slices.
"""

import argparse
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from shown import notebook_page, terminal_page

from hilum.phantom.rendering import draw_patient, render
from hilum.slices.windows import PRESETS

WIDTH, HEIGHT = 1280, 800
SERIES = 12  # slices of the strip
TERMINAL = "compare slices --groups slices/table.csv --models efficientnet_lite0 --out runs/first"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def main() -> None:
    """Serves, looks, and writes a PNG a view."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--slices", type=Path, required=True)
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--notebook", type=Path, default=Path("examples/compare.ipynb"))
    parser.add_argument("--cells", default="verdict,confusion")
    parser.add_argument("--terminal", default=TERMINAL)
    parser.add_argument("--into", type=Path, default=Path("docs/img"))
    given = parser.parse_args()
    if given.model and not (given.files and given.runs):
        parser.error("A MODEL needs FILEs and --runs.")
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no chromium; install it, on Debian by: apt-get install chromium")
    with sync_playwright() as playwright, TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if given.model is None:
            _notebook_and_terminal(browser, given, Path(scratch))
        else:
            _page_views(browser, given, Path(scratch))
        browser.close()


def _notebook_and_terminal(browser: Browser, given: argparse.Namespace, scratch: Path) -> None:
    (scratch / "slices").symlink_to(given.slices.resolve())
    pages = {
        "notebook": notebook_page(given.notebook, given.cells.split(",")),
        "terminal": terminal_page(shlex.split(given.terminal), scratch),
    }
    for name, content in pages.items():
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
        page.set_content(content)
        path = given.into / f"{name}.png"
        page.locator("body").screenshot(path=path)
        print(path, f"{path.stat().st_size / 1000:.0f} kB")


def _page_views(browser: Browser, given: argparse.Namespace, scratch: Path) -> None:
    with _server(given) as address:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        page.set_input_files("#pick-files", given.files[:1])
        page.wait_for_selector(".decision h2")
        page.wait_for_selector(".one:not([aria-busy])")
        _shot(page, given.into / "serve-slice.png")
        page.goto("about:blank")
        page.goto(address)
        page.set_input_files("#pick-files", [*given.files, *_series(scratch)])
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
        page.locator(".cell:enabled").first.click()
        page.wait_for_selector(".slices-found li")
        page.evaluate("document.querySelector('[aria-label=\"Confusion matrix\"]').scrollIntoView()")
        _shot(page, given.into / "serve-confusion.png")


def _series(folder: Path) -> list[Path]:
    """A phantom patient as DICOM files of one series, which look in the lung window as the phantom's PNGs do."""
    patient, paths = draw_patient(1, 3, SERIES, "squamous_cell_carcinoma"), []
    lung = PRESETS["lung"]
    series = "1.2.826.0.1.3680043.8.498.1"
    for number in range(SERIES):
        hu = lung.centre + (render(patient, number) / 255 - 0.5) * lung.width
        scan = Dataset()
        scan.SOPClassUID, scan.SOPInstanceUID = CTImageStorage, f"{series}.{number}"
        scan.SeriesInstanceUID, scan.PatientID, scan.Modality = series, "phantom", "CT"
        scan.InstanceNumber, scan.ImageOrientationPatient = number + 1, [1, 0, 0, 0, 1, 0]
        scan.ImagePositionPatient, scan.PixelSpacing = [0, 0, float(-patient.levels[number])], [patient.view.pixel] * 2
        scan.ImageType, scan.RescaleSlope, scan.RescaleIntercept = ["ORIGINAL", "PRIMARY", "AXIAL"], 1, -1400
        scan.Rows, scan.Columns = hu.shape
        scan.SamplesPerPixel, scan.PhotometricInterpretation, scan.PixelRepresentation = 1, "MONOCHROME2", 0
        scan.BitsAllocated, scan.BitsStored, scan.HighBit = 16, 16, 15
        scan.PixelData = (hu + 1400).round().astype("<u2").tobytes()
        scan.file_meta = FileMetaDataset()
        scan.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        paths.append(folder / f"slice{number:02d}.dcm")
        scan.save_as(paths[-1], enforce_file_format=True)
    return paths


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
