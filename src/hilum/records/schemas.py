"""The JSON Schemas of all records, for programs that read them."""

import json
import sys
from pathlib import Path

from hilum.records.audit import AuditRecord
from hilum.records.base import Record
from hilum.records.comparison import ComparisonRecord
from hilum.records.evaluation import EvaluationRecord
from hilum.records.job import JobRecord
from hilum.records.trained import TrainedRecord

_RECORDS: dict[str, type[Record]] = {
    "audit.json": AuditRecord,
    "comparison.json": ComparisonRecord,
    "evaluation.json": EvaluationRecord,
    "job.json": JobRecord,
    "model.json": TrainedRecord,
}


def schemas() -> dict[str, str]:
    """The text of each file in `docs/schema/`, by name."""
    return {
        name: json.dumps(record.model_json_schema(mode="serialization"), indent=1, ensure_ascii=False) + "\n"
        for name, record in _RECORDS.items()
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (Path(sys.argv[1]) / name).write_text(text, "utf-8")
