"""Names of classes and splits, and what folders' names mean."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from hilum.text import plain_name

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

SYNTHETIC_PREFIX = "synthetic-"  # begins the name of every file that hilum draws
CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")

_SPLIT_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "validate", "validating", "dev"), "valid"),
    **dict.fromkeys(("test", "tests", "testing", "tst"), "test"),
}
# Words that mean a split only beside other splits, and what each may stand for: the first that no other folder is.
_VAGUE_WORDS: dict[str, tuple[Split, ...]] = {
    **dict.fromkeys(("tr", "fit", "learn", "learning"), ("train",)),
    "development": ("train", "valid"),
    **dict.fromkeys(("va", "vl", "tune", "tuning"), ("valid",)),
    **dict.fromkeys(("eval", "evaluate", "evaluation"), ("valid", "test")),
    **dict.fromkeys(("te", "ts", "holdout", "heldout", "unseen"), ("test",)),
}
_AROUND = "data|datasets?|images?|imgs?|pictures?|slices?|scans?"  # names of a folder around classes
_BESIDE = f"{_AROUND}|(?:sub)?sets?|splits?|partitions?|cohorts?|samples?|cases?|patients?|files?|folders?|ct"
# How missing values are written, letters and digits only
_MISSING = frozenset(
    ("na", "nan", "nat", "nil", "none", "null", "missing", "unknown", "unspecified", "undefined", "unlabelled")
    + ("unlabeled", "notavailable", "notapplicable", "notknown", "blank", "empty", "tbd", "ref", "value")
)
_SENTINEL = re.compile(r"-9+(?:[.,]0+)?")  # a number that stands for a missing one
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?")
# The Kaggle set's train and valid folders end in a place and a stage: adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib
_STAGE = re.compile(r"_.*T\d\w*_N\d\w*_M\d\w*.*$", re.IGNORECASE)


def split_name(name: str) -> Split | None:
    """The split that a name stands for, or None.

    Case, digits, separators and surrounding words such as `set`, `data` or `images` are ignored: `Training`, `1_train`,
    `val-set` and `test images` are splits, `benign test` and `trained` are not.
    """
    return _SPLIT_WORDS.get(_core(name))


def split_folders(names: Sequence[str]) -> dict[str, Split]:
    """The splits that sibling folders stand for; other folders are left out.

    Names that mean a split only beside others, such as `tr`, `eval` or `holdout`, count if a plain one is beside them
    or if all names are of this kind; each takes a split that no other folder has. Names that differ only in the word
    for a split, such as `train_png` and `test_png`, count if there are no others.
    """
    found = {name: split for name in names if (split := split_name(name))}
    around = {tuple(word for word in _words(name) if word not in _SPLIT_WORDS) for name in names}
    if not found and len(around) == 1 and len(splits_within(names)) > 1:
        return {name: within.pop() for name in names if len(within := splits_within([name])) == 1}
    vague = {name: splits for name in names if (splits := _VAGUE_WORDS.get(_core(name)))}
    if found or len(vague) == len(names) > 1:
        for name, splits in vague.items():
            if free := [split for split in splits if split not in found.values()]:
                found[name] = free[0]
    return found


def splits_within(names: Iterable[str]) -> set[Split]:
    """The splits whose words occur in names, alone or beside others: train and test for `benign_train`, `X-Test`."""
    return {split for name in names for word in _words(name) if (split := _SPLIT_WORDS.get(word))}


def is_around(name: str) -> bool:
    """Whether a folder of this name holds a data set rather than a class: `Data`, `images`, `CT-Scans`."""
    letters = _letters(name)
    return bool(re.fullmatch(f"(?:ct)?(?:{_AROUND})+", letters))


def class_name(folder: str) -> str:
    """The class that a folder's name stands for.

    A stage at the end of the name is dropped, and the four known classes have one spelling, regardless of dots, spaces
    and case. Any other name is kept, except that `hilum.text.plain_name` writes out control characters.
    """
    name = plain_name(folder.strip())
    if staged := _STAGE.search(name):
        plain = _plain(name)
        known = next((known for known in CLASSES if plain.startswith(f"{known}_")), None)
        name = known or name[: staged.start()] or name
    return _plain(name) if _plain(name) in CLASSES else name


def merged(labels: Iterable[str]) -> Iterator[str]:
    """Sentences about labels that are spelt differently and read as one class."""
    written: dict[str, set[str]] = defaultdict(set)
    for label in labels:
        written[class_name(label)].add(label.strip())
    for name, labels_ in sorted(written.items()):
        if len(labels_) > 1:
            yield f"{len(labels_)} labels are read as the one class {name}: {listed(sorted(labels_))}."


def doubtful(names: Iterable[str], what: str) -> Iterator[str]:
    """Sentences about names that look like a missing value, or that differ only in spelling.

    Args:
        names: Names of classes or of groups.
        what: Kind of the names: `class` or `group`.
    """
    alike: dict[str, set[str]] = defaultdict(set)
    for name in names:
        alike[_alike(name)].add(name)
    every = sorted(name for variants in alike.values() for name in variants)
    if missing := [repr(name) for name in every if _is_missing(name)]:
        remedy = "leave out the slices that have it" if what == "class" else "leave it empty"
        yield f"A missing value may have been taken for a {what}: {listed(missing)}. If it is one, {remedy}."
    if variants := [" and ".join(map(repr, sorted(found))) for found in alike.values() if len(found) > 1]:
        yield (
            f"Written differently, these are read as different {what}{'es' if what == 'class' else 's'}: "
            f"{listed(sorted(variants))}. If they are the same, write them alike."
        )


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names separated by commas; after `most` of them, the number of the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _is_missing(name: str) -> bool:
    letters = re.sub(r"[\W_]+", "", name.lower())
    return letters in _MISSING or not name.strip(" -.?") or bool(_SENTINEL.fullmatch(name))


def _core(name: str) -> str:
    """The letters of a name without the words that often surround the name of a split."""
    return re.sub(f"^(?:{_BESIDE})+|(?:{_BESIDE})+$", "", _letters(name))


def _words(name: str) -> list[str]:
    """The words and numbers of a name in lower case; a capital letter begins a word, as in `LungTrain`."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", name)]


def _letters(name: str) -> str:
    return re.sub(r"(?<![^\W\d_])v\d+|[\W\d_]+", "", name.lower())  # train_v2 is train


def _alike(name: str) -> str:
    """A key that is equal for names that differ only in case, separators or the form of a number."""
    text = unicodedata.normalize("NFKC", name).casefold()
    if len(text) < 16 and _NUMBER.fullmatch(text):  # longer numbers are not exact floats
        return f"{float(text.replace(',', '.')) + 0:.15g}"  # + 0 takes the sign from -0
    text = re.sub(r"^-(?=\d)", "minus", text)
    text = re.sub(r"(?<![\d.,])0*(\d+)(?:[.,]0+|([.,]\d*[1-9])0*)?(?![.,]?\d)", _plain_number, text)
    return re.sub(r"[\W_]+", "_", text).strip("_") or text


def _plain_number(number: re.Match[str]) -> str:
    whole, fraction = number.groups()
    return f"{whole}point{fraction[1:]}" if fraction else whole


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
