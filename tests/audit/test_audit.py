"""The audit in two steps: what a first look says, and what shortcuts reach."""

import subprocess
import sys

import pytest

from hilum.audit.audit import first_look, run_audit, with_floors
from hilum.audit.record import audit_record
from hilum.errors import HilumError


def test_a_first_look_has_all_findings_but_those_of_the_floors(phantom_table, phantom_audit, use_shared_cache):
    looked = first_look(phantom_table)
    assert looked.floors == {}
    whole = with_floors(looked)
    assert whole.floors == phantom_audit.floors
    assert {"given", "strict"} <= whole.floors.keys()
    first, all_of_them = (audit_record(audit, None).findings for audit in (looked, whole))
    assert all(finding in all_of_them for finding in first)
    assert {finding.title for finding in all_of_them if finding not in first} <= {
        "Shortcuts",
        "Shortcut to the negative class",
    }


def test_a_full_floor_adds_the_blanked_one_to_the_cheap_ones(phantom_table, phantom_audit, use_shared_cache):
    full = with_floors(first_look(phantom_table), floor="full")
    for floors, cheap in ((full.floors, phantom_audit.floors), (full.floor_draws, phantom_audit.floor_draws)):
        assert floors.keys() == cheap.keys()
        assert [*cheap["strict"], "lungs blanked"] == list(floors["strict"])
    assert all(full.floors["strict"][name] == floor for name, floor in phantom_audit.floors["strict"].items())


def test_an_unknown_kind_of_floor_is_refused(phantom_table):
    with pytest.raises(HilumError, match="no floor 'cheep'"):
        run_audit(phantom_table, floor="cheep")


def test_a_first_look_does_not_wait_for_torch():
    code = "import sys; import hilum.audit.record, hilum.comparison.run_folder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
