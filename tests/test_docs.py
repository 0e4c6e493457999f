"""docs/python.md, run as it stands."""

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "python.md"


class _Words(doctest.OutputChecker):
    """Compares outputs but for their numbers, which differ a little from processor to processor."""

    def check_output(self, want, got, flags):
        return super().check_output(*(re.sub(r"[\d.]+ *", "0", text) for text in (want, got)), flags)


@pytest.mark.slow
def test_the_page_on_python_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(PAGE.read_text(), {}, PAGE.name, str(PAGE), 0)
    said = []
    runner = doctest.DocTestRunner(_Words(), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test, out=said.append).failed == 0, "".join(said)
