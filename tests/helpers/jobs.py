"""Jobs of predictions with made rows."""

from hilum.cluster.parts import Listed
from hilum.predict.rows import Row, unreadable
from hilum.records.job import JOB_SCHEMA, JobRecord

CLASSES = ("adenocarcinoma", "normal")
ENGINE = {"name": "onnxruntime", "version": "1.22", "precision": "float32", "threads": 2, "hilum": "0.1"}


def settings(**changes):
    fields = {
        "schema": JOB_SCHEMA,
        "arguments": ["slices"],
        "folder": "/data",
        "model": "ab" * 32,
        "classes": CLASSES,
        "window": "lung",
        "answer": 0.5,
        "outlier": 3.0,
        "hashed": False,
        "engine": ENGINE,
    }
    return JobRecord.made(fields | changes)


def listed(number):
    """The first inputs of an endless folder."""
    return (Listed(f"/data/slices/{one:07d}.png", f"slices/{one:07d}.png") for one in range(number))


def answered(name, frame=None, share=0.75):
    """A row with an answer."""
    shares = dict(zip(CLASSES, (share, round(1 - share, 6)), strict=True))
    return Row(name, frame, "class", CLASSES[0], shares, 1.25, "the top probability is high enough", "0123456789abcdef")


def unread(name, reason="it is not a picture", frame=None):
    return unreadable(name, reason, frame)


def do(job, answer=lambda one: [answered(one.name)]):
    """Does all shards that are not done; gives their numbers."""
    done = []
    for shard, inputs in job.undone():
        with job.writing(shard) as file:
            for one in inputs:
                for row in answer(one):
                    file.add(row)
        done.append(shard)
    return done


def fail_after(_):
    """Raises a `ValueError`, after something else was done."""
    raise ValueError("a mistake")
