"""The JSON Schemas in docs/schema."""

from pathlib import Path

import pytest

from hilum.records.schemas import schemas

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", schemas())
def test_the_schemas_in_the_docs_are_those_of_the_records(name):
    assert (ROOT / "docs" / "schema" / name).read_text("utf-8") == schemas()[name], "run `make schemas`"
