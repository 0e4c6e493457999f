"""How many of the test files that come with pydicom are read, and why the others are not.

Run: python benchmarks/dicom_files.py
"""

from collections import Counter
from pathlib import Path

from pydicom.data import get_testdata_files

from hilum.slices.formats import is_dicom
from hilum.slices.frames import read_frames
from hilum.slices.read import UnreadableSlice


def main() -> None:
    """Prints the counts, the reasons, and the doubts of what was read."""
    files = sorted(path for path in map(Path, get_testdata_files()) if path.is_file())
    scans = [path for path in files if is_dicom(path)]
    reasons, doubts, frames = Counter[str](), Counter[str](), 0
    for path in scans:
        try:
            found = list(read_frames(path))
        except UnreadableSlice as error:
            reasons[str(error)] += 1
        else:
            frames += len(found)
            doubts[found[0].doubt or "none: an axial CT slice"] += 1
    print(f"{len(files)} files, {len(scans)} of them DICOM: {doubts.total()} read, with {frames} frames")
    for title, counted in (("not read, because", reasons), ("read, with the doubt", doubts)):
        print(f"\n{title}:")
        for text, count in counted.most_common():
            print(f"{count:4d}  {text}")


if __name__ == "__main__":
    main()
