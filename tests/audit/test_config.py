"""The options of an audit in config.json: all that the command has, as they were used."""

import json
from dataclasses import replace

from hilum.audit.audit import first_look
from hilum.audit.config import audit_config
from hilum.audit.folder import write_audit_folder


def test_the_options_are_kept(phantom_audit, phantom, tmp_path):
    write_audit_folder(phantom_audit, tmp_path / "audit")
    assert json.loads((tmp_path / "audit" / "config.json").read_text("utf-8")) == {
        "command": "audit",
        "options": {
            "folder": str(phantom), "table": None, "groups": str(phantom / "table.csv"), "window": "auto",
            "strict": False, "look-alike": None, "seed": 0, "negative": "normal", "floor": "cheap",
        },
    }  # fmt: skip


def test_what_only_python_can_ask_for_is_said(phantom_table):
    looked = first_look(replace(phantom_table, rows=phantom_table.rows[1:]), negative=None)
    assert audit_config(looked).only_in_python == (
        "Its slices were put together in Python.",
        "It took no class as the negative one.",
        "It has no floors.",
    )
