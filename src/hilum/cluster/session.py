"""A whole job: from the user's arguments to shards of rows, wherever they are answered. `--runner ray` starts here."""

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from hilum.cluster import flow
from hilum.cluster.job import Job
from hilum.cluster.parts import How
from hilum.cluster.store import Store, open_store
from hilum.errors import MissingExtra
from hilum.model.open import open_reader
from hilum.predict.inputs import check_named
from hilum.predict.rows import Row, unreadable
from hilum.predict.series import Tally
from hilum.predict.session import LISTED
from hilum.progress import Tracker, silent
from hilum.records.job import JOB_SCHEMA, Engine, JobRecord
from hilum.records.model import ModelRecord
from hilum.slices.pseudonyms import salt_or_another
from hilum.slices.windows import check_window
from hilum.text import from_cell, seen_from_here
from hilum.trust.abstention import Limits

_MOST_THREADS = 4  # by default; more hardly help one network
_PACKAGES = ("ray", "pyarrow", "fsspec")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a job.

    Attributes:
        tally: Counts of all rows of the job, without their series.
        unreadable: First `LISTED` slices that could not be read.
        limits: Limits outside which the model did not answer.
        notes: Notes for the user, such as what was left of an earlier run.
    """

    tally: Tally
    unreadable: tuple[Row, ...]
    limits: Limits
    notes: tuple[str, ...]
