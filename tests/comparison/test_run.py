"""What a comparison and a judgement share: pictures and a folder."""

import json

import pytest
from helpers.judged import chance_predictions

import hilum
from hilum.errors import HilumError

pytestmark = pytest.mark.usefixtures("use_shared_cache")


@pytest.mark.parametrize("kind", ["comparison", "judgement"])
def test_a_run_has_pictures_and_is_written_once(kind, compared, phantom_table, phantom_audit, tmp_path):
    run = compared
    if kind == "judgement":
        frame = chance_predictions(phantom_table, every=True)
        run = hilum.judge(frame, phantom_table, floor="cheap", audited=phantom_audit)
    assert run.picture(phantom_table.rows[0].path).startswith(b"\x89PNG")
    folder = run.save(tmp_path / "run", command="hilum")
    record = json.loads((folder / "metrics.json").read_text())
    assert record["command"] == "hilum"
    assert record["models"] == run.recorded("hilum").as_json()["models"]
    assert json.loads((folder / "config.json").read_text()) == run.config.as_json()
    with pytest.raises(HilumError, match="overwrite"):
        run.save(folder)
