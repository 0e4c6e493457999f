"""A whole job: from the user's arguments to shards of rows and what is said of them. `--runner ray` starts here."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from hilum.cluster import flow
from hilum.cluster.earlier import earlier_job
from hilum.cluster.engine import engine_here
from hilum.cluster.job import Job
from hilum.cluster.listing import inputs_of
from hilum.cluster.parts import Listed, PartSettings
from hilum.cluster.ray_cluster import cluster
from hilum.cluster.store import open_store
from hilum.errors import HilumError
from hilum.model.open import open_reader
from hilum.predict.inputs import check_named
from hilum.predict.rows import Row
from hilum.predict.series import Tally
from hilum.predict.session import LISTED, check_errors
from hilum.progress import Advance, Tracker, silent
from hilum.records.job import JOB_SCHEMA, JobRecord
from hilum.records.model import ModelRecord
from hilum.slices.pseudonyms import salt, salt_or_another
from hilum.slices.windows import check_window
from hilum.trust.abstention import Limits

MOST_THREADS = 4  # of a network, by default


@dataclass(frozen=True)
class Outcome:
    """The outcome of a job.

    Attributes:
        tally: Counts of all rows.
        unreadable: First `LISTED` slices that could not be read.
        facts: The model's record.
        limits: Limits outside which the model did not answer.
    """

    tally: Tally
    unreadable: tuple[Row, ...]
    facts: ModelRecord
    limits: Limits


def predict_job(
    model: Path,
    arguments: Sequence[str],
    out: str,
    *,
    stdin: BinaryIO,
    window: str | None = None,
    weights: Path | None = None,
    coverage: float | None = None,
    risk: float | None = None,
    threads: int | None = None,
    max_errors: int | None = None,
    hash_names: bool = False,
    say: Callable[[str], None] = lambda line: None,
    track: Tracker = silent,
) -> Outcome:
    """Answers on everything that the arguments name, on a Ray cluster, and continues a job that an earlier run left.

    What can be refused is refused before anything is written.

    Args:
        model: A model folder or an exported file, at the same path on all machines.
        arguments: Arguments for `hilum.cluster.listing.listed`.
        out: Folder, or address in a bucket.
        stdin: Stream from which `-` reads paths.
        window: Window for DICOM files; by default that of the training.
        weights: Folder of weights, for a model folder without bundled ones.
        coverage: Share of slices to answer; by default the model's own limit decides.
        risk: Share of answers that may be wrong, instead of a coverage.
        threads: Threads of each network; by default those that the job began with, or one per core, at most
            `MOST_THREADS`.
        max_errors: Largest number of slices that may be unreadable.
        hash_names: Whether rows hold pseudonyms instead of paths.
        say: Function that is given notes, one line at a time.
        track: Progress display.

    Raises:
        HilumError: An option, the place or the model cannot be used, no cluster can be reached, or the job cannot go
            on.
        MissingExtra: A package of the extra `ray` is not installed.
    """
    if window is not None:
        check_window(window)
    store = open_store(out)
    earlier = earlier_job(store)
    if earlier is None:  # an earlier run has checked
        check_named(arguments, inputs_of)
    if threads is None:
        threads = min(MOST_THREADS, os.cpu_count() or 1) if earlier is None else earlier.engine.threads
    facts = open_reader(model, weights, threads=threads, track=track).facts
    limits = Limits.of(facts, coverage, risk)
    record = _record(facts, arguments, window, limits, hash_names, threads)
    with ExitStack() as blocks:
        if earlier is not None:  # only then: what is refused below leaves nothing
            blocks.enter_context(store.held())
            job = Job(store, record)
            if job.finished:
                check_errors(job.counts()["unreadable"], max_errors)
                say(f"The job in {store.label} is finished: there is nothing to do.")
                return _outcome(job, facts, limits)
        blocks.enter_context(cluster(track))
        from hilum.cluster.ray_workers import RayWorkers, list_inputs  # which import ray, only in that block

        if earlier is None:
            blocks.enter_context(store.held())
            job = Job(store, record)
        if not job.listed:
            with track("listing", None) as advance:
                found = list_inputs(arguments, stdin, folder=str(Path.cwd()), salt=salt() if hash_names else None)
                job.list(_counted(found, advance))
        workers = RayWorkers(model, weights, record, _part_settings(facts, record, limits), say)
        try:
            flow.run(job, workers, track=track, max_errors=max_errors)
        except HilumError:
            with suppress(HilumError):  # the first says what is wrong
                job.write_errors()
                if job.counts()["unreadable"]:
                    say(f"{store.label}/errors.csv names the slices that could not be read.")
            raise
        job.finish()
        return _outcome(job, facts, limits)


def _record(
    facts: ModelRecord,
    arguments: Sequence[str],
    window: str | None,
    limits: Limits,
    hash_names: bool,
    threads: int,
) -> JobRecord:
    return JobRecord.made({
        "schema": JOB_SCHEMA,
        "arguments": arguments,
        "folder": str(Path.cwd()),
        "model": facts.digest,
        "classes": facts.classes,
        "window": window or facts.preparation.window,
        "answer": limits.answer,
        "outlier": limits.outlier,
        "hashed": hash_names,
        "engine": engine_here(threads).as_json(),
    })  # fmt: skip


def _part_settings(facts: ModelRecord, record: JobRecord, limits: Limits) -> PartSettings:
    prepared = facts.preparation
    return PartSettings(
        size=prepared.size,
        interpolation=prepared.interpolation,
        crop=prepared.crop,
        window=record.window,
        limits=limits,
        salt=salt_or_another(),
    )


def _counted(inputs: Iterable[Listed], advance: Advance) -> Iterator[Listed]:
    for one in inputs:
        yield one
        advance()


def _outcome(job: Job, facts: ModelRecord, limits: Limits) -> Outcome:
    return Outcome(Tally(facts.classes, job.counts()), tuple(islice(job.unreadable(), LISTED)), facts, limits)
