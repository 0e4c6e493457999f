"""Code of the docs, run as it stands."""

import doctest
import re
from pathlib import Path

import pandas
import pytest
from sklearn.metrics import f1_score

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "python.md"


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


def test_the_lines_that_recompute_a_figure_give_that_of_the_run(compared, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(compared.save(tmp_path / "run"))
    section = (DOCS / "run-folder.md").read_text("utf-8").partition("### predictions.parquet")[2]
    code = section.partition("```python\n")[2].partition("```")[0]
    assert len(code.splitlines()) == 5
    exec(code, {"pandas": pandas, "f1_score": f1_score})
    figure = compared.record.best_model.protocols["strict"].f1_macro
    assert float(capsys.readouterr().out) == pytest.approx(figure.value, abs=1e-9)
