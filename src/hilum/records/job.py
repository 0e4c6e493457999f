"""The records of a job of predictions that many machines share: its settings, its listing, and one for every shard."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from hilum.records.base import Record

JOB_SCHEMA = "hilum.job/1"
LISTING_SCHEMA = "hilum.job-listing/1"
SHARD_SCHEMA = "hilum.job-shard/1"
MANIFEST_SCHEMA = "hilum.job-manifest/1"


class Engine(Record):
    """What computes the answers, the same on all machines of a job.

    Attributes:
        name: Inference engine.
        version: Version of the engine.
        precision: Number format of the network.
        threads: Threads of a network.
        hilum: Version of hilum.
    """

    name: str
    version: str
    precision: str
    threads: int
    hilum: str


class JobRecord(Record):
    """Settings that all rows of a job share; OUT/job.json.

    Attributes:
        arguments: Files, folders, patterns and lists, as they were given.
        folder: Working folder of the command, from which relative paths are read.
        model: Digest of the model's record.
        classes: Class names, in the order of the probabilities.
        window: Window for DICOM files.
        answer: Top probability below which the model abstained.
        outlier: Outlier score above which a slice was an outlier.
        hashed: Whether rows hold pseudonyms instead of paths.
        engine: What computes the answers.
    """

    kind: Literal["hilum.job/1"] = Field(alias="schema")
    arguments: tuple[str, ...]
    folder: str
    model: str
    classes: tuple[str, ...]
    window: str
    answer: float
    outlier: float
    hashed: bool
    engine: Engine


class ListingRecord(Record):
    """The end of a listing, which is written last; OUT/inputs/listing.json.

    Attributes:
        inputs: Number of inputs.
        digests: SHA-256 of the file of inputs of each shard.
    """

    kind: Literal["hilum.job-listing/1"] = Field(alias="schema")
    inputs: int
    digests: tuple[str, ...]


class ShardRecord(Record):
    """What a file of rows holds; in its own metadata, and all together in OUT/manifest.json.

    Attributes:
        shard: Number of the shard, counted from 0.
        inputs: Number of inputs, all of which OUT/inputs names.
        listed: SHA-256 of the file of inputs.
        rows: Number of rows.
        decisions: Number of rows with each decision.
        again: Number of slices that could not be read because of a machine or its network, and are tried again.
        model: Digest of the model's record.
        engine: What computed the answers.
    """

    kind: Literal["hilum.job-shard/1"] = Field(alias="schema")
    shard: int
    inputs: int
    listed: str
    rows: int
    decisions: Mapping[str, int]
    again: int
    model: str
    engine: Engine
