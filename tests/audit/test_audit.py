"""The audit in two steps: what a first look says, and what shortcuts reach."""

import subprocess
import sys

from hilum.audit.audit import first_look, with_floors
from hilum.audit.record import audit_record


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


def test_a_first_look_does_not_wait_for_torch():
    code = "import sys; import hilum.audit.record, hilum.comparison.run_folder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
