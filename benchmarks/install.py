"""What the base install weighs, and how long it takes from the start to the first answer.

    python benchmarks/install.py MODEL.onnx FILE

Makes a fresh environment with the base package from this folder, prints its size, and runs `hilum predict` in it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
MOST_MEGABYTES, MOST_SECONDS = 300, 2
_ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Measures, prints, and exits with 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="as `hilum export` writes it")
    parser.add_argument("file", type=Path, help="a slice")
    parser.add_argument("--extra", default="", help="install hilum[EXTRA], dicom say, instead of the base package")
    arguments = parser.parse_args()
    package = f"{_ROOT}[{arguments.extra}]" if arguments.extra else str(_ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "venv"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        constraints = ("-c", str(_ROOT / "requirements.lock"))
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", *constraints, package], check=True)
        everything, largest = _sizes(folder)
        print(f"size: {everything:.0f} MB with pip (goal: under {MOST_MEGABYTES} MB)")
        print("  of it", ", ".join(f"{part} {size:.0f}" for part, size in largest[:8]))
        seconds = [_seconds(folder, arguments.model, arguments.file, Path(name) / "cache") for _ in range(RUNS)]
    middle = statistics.median(seconds)
    shown = ", ".join(f"{one:.2f}" for one in seconds)
    print(f"start to first answer: median {middle:.2f} s of {shown} (goal: under {MOST_SECONDS} s)")
    sys.exit(not (everything < MOST_MEGABYTES and middle < MOST_SECONDS))


def _sizes(folder: Path) -> tuple[float, list[tuple[str, float]]]:
    """Megabytes on disk, as `du` counts them: of all, and of the largest packages."""
    (packages,) = folder.glob("lib/python*/site-packages")
    parts = [(path.name, _megabytes(path)) for path in packages.iterdir()]
    return _megabytes(folder), sorted(parts, key=lambda part: -part[1])


def _megabytes(path: Path) -> float:
    done = subprocess.run(["du", "-sk", path], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[0]) / 1024


def _seconds(folder: Path, model: Path, file: Path, cache: Path) -> float:
    """From starting the command to its first line."""
    start = time.perf_counter()
    command: list[str | Path] = [folder / "bin" / "hilum", "predict", model.resolve(), file.resolve(), "--json"]
    environment = {**os.environ, "HILUM_CACHE": str(cache), "HILUM_OFFLINE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        process.stdout.read()
    if process.returncode or not line.startswith(b"{"):
        sys.exit(f"hilum predict ended with {process.returncode} and said {line!r}")
    return seconds


if __name__ == "__main__":
    main()
