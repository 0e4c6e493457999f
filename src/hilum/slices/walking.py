"""Walking a folder: which files are looked at, which belong to other programs, and which links are followed."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from hilum.errors import HilumError
from hilum.slices.formats import is_dicom

RECORDS = ("metrics.json", "audit.json", "model.json", "job.json")
RECORD_HEAD = 64
_ENDINGS = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")
# What systems, network drives, viewers and notebooks leave beside files, in lower case.
_OTHERS = re.compile(
    r"""\..*                                                    # hidden: .DS_Store, ._1.png, .ipynb_checkpoints, .git
    | __macosx.* | __pycache__ | icon\r | network\ trash\ folder | temporary\ items         # macOS, Python
    | \$recycle\.bin | recycle[dr] | system\ volume\ information | found\.\d{3} | \$extend  # Windows
    | thumbs\.db.* | ehthumbs(_vista)?\.db | desktop\.ini
    | lost\+found                                                                           # Linux
    | @eadir | @tmp | @recycle | @recently-snapshot | [@\#](recycle|snapshot)               # network drives
    | .*~ | ~\$.* | ~snapshot | node_modules                                               # editors, tools
    | picasa\.ini | pspbrwse\.jbf | _*thumb(s|nails?)?_*                                   # viewers
    | (.*[\W\d_])?thumb(s|nails?)?([\W\d_].*)?\.(png|jpe?g)""",
    re.VERBOSE | re.DOTALL,
)


def visible(name: str) -> bool:
    """Whether a file or folder of this name is looked at: it is neither hidden nor left by another program."""
    return not _OTHERS.fullmatch(name.lower())


def is_output(folder: Path) -> bool:
    """Whether hilum wrote a folder. What is in a run, an audit, a model or a job is not of a data set."""
    for record in RECORDS:
        try:
            with (folder / record).open("rb") as file:
                if is_record(file.read(RECORD_HEAD)):
                    return True
        except (OSError, ValueError):
            continue
    return False


def is_record(head: bytes) -> bool:
    """Whether a file named as one of `RECORDS` is a record of hilum, from its first `RECORD_HEAD` bytes."""
    return b'"schema": "hilum.' in head


def left_out(folder: Path) -> Counter[str]:
    """The number of files below a folder that are not looked at, by the name of the file or folder left out."""
    counted: Counter[str] = Counter()
    for parent, folders, files in os.walk(folder):
        counted.update(name for name in files if not visible(name))
        for name in folders:
            path = Path(parent) / name
            if not _entered(path):
                counted[name] += 1 if path.is_symlink() else sum(len(inside) for _, _, inside in os.walk(path))
        folders[:] = (name for name in folders if _entered(Path(parent) / name))
    return +counted


def walk(folder: Path) -> Iterator[Path]:
    """Every visible file below a folder, and the links to folders, which are not followed; sorted.

    Raises:
        HilumError: A folder cannot be listed.
    """
    for parent, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if _entered(Path(parent) / name))
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        yield from (Path(parent) / name for name in sorted([*filter(visible, files), *links]))


def subfolders(folder: Path) -> list[Path]:
    """The visible folders in a folder, sorted.

    Raises:
        HilumError: The folder cannot be listed.
    """
    return [path for path in _entries(folder) if path.is_dir() and not is_output(path)]


def pictures(folder: Path) -> list[Path]:
    """The files directly in a folder that are pictures by name, or DICOM files without an ending; sorted.

    Raises:
        HilumError: The folder cannot be listed.
    """
    return [path for path in _entries(folder) if path.is_file() and (is_picture(path) or _is_bare_dicom(path))]


def is_picture(path: Path) -> bool:
    """Whether a file is a picture by name."""
    return path.suffix.lower() in _ENDINGS


def like_slice(path: Path) -> bool:
    """Whether a file may be a slice by name. DICOM files often have no ending, or a number in its place."""
    return path.suffix.lower() in ("", *_ENDINGS) or path.suffix[1:].isdigit()


def relative(path: Path, folder: Path) -> str:
    """A path relative to a folder, with forward slashes."""
    return path.relative_to(folder).as_posix()


def leads_out(path: Path, root: Path) -> bool:
    """Whether a path lies outside a folder once links are followed."""
    # Not Path.resolve: before Python 3.13 it raises RuntimeError for a link that leads to itself.
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _entered(folder: Path) -> bool:
    return visible(folder.name) and not is_output(folder)


def _is_bare_dicom(path: Path) -> bool:
    return like_slice(path) and is_dicom(path)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if visible(path.name))
    except OSError as error:
        _unreadable(error)


def _unreadable(error: OSError) -> NoReturn:
    raise HilumError(
        f"The folder {error.filename} cannot be read ({error.strerror}). Make it readable, or move it elsewhere."
    ) from error
