"""The audit in two steps: what a first look says, and what shortcuts reach."""

import subprocess
import sys

from hilum.slices.phantom import write_phantom

from hilum.audit.audit import first_look, run_audit, with_floors
from hilum.audit.record import audit_record
from hilum.slices.table import read_table


def test_a_first_look_has_all_findings_but_those_of_the_floors(tmp_path):
    write_phantom(tmp_path / "phantom", 48, 0)
    table = read_table(tmp_path / "phantom", groups=tmp_path / "phantom" / "table.csv")
    looked = first_look(table)
    assert looked.floors == {}
    whole = with_floors(looked)
    assert whole.floors == run_audit(table).floors
    assert {"given", "strict"} <= whole.floors.keys()
    first, all_of_them = (audit_record(audit, None)["findings"] for audit in (looked, whole))
    assert all(finding in all_of_them for finding in first)
    assert {finding["title"] for finding in all_of_them if finding not in first} <= {
        "Shortcuts",
        "Shortcut to the negative class",
    }


def test_a_first_look_does_not_wait_for_torch():
    code = "import sys; import hilum.audit.record, hilum.comparison.run_folder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
