"""`hilum audit`."""

import json


def test_an_audit_is_written_once_and_replaced_only_if_asked(run, phantom, here):
    code, out, _ = run("audit", phantom, "--groups", phantom / "table.csv", "--out", "audit", "--json")
    assert code == 0
    assert out == (here / "audit" / "audit.json").read_text("utf-8")
    assert json.loads(out)["groups"]["given"] >= 4
    code, out, err = run("audit", phantom, "--groups", phantom / "table.csv", "--out", "audit")
    assert (code, out) == (2, "")
    assert "--overwrite" in err
    code, out, _ = run("audit", phantom, "--groups", phantom / "table.csv", "--out", "audit", "--overwrite")
    assert code == 0
    assert "48 files" in out
    assert "Audit: audit/audit.html" in out


def test_bad_options_are_refused(refused, phantom, here):
    (here / "wrong.csv").write_text("path,group\nnone.png,1\n")
    assert "none.png" in refused("audit", phantom, "--groups", "wrong.csv")
    assert "--seed must be from 0" in refused("audit", "nowhere", "--seed", -1)
    assert "no floor 'ful'. Did you mean 'full'?" in refused("audit", "nowhere", "--floor", "ful")
    for likeness in (0.49, 1.5, "nan"):
        assert "--look-alike must be from 0.5 to 1, not" in refused("audit", "nowhere", "--look-alike", likeness)


def test_a_full_floor_is_had_by_asking(run, phantom):
    words = ("audit", phantom, "--groups", phantom / "table.csv", "--json")
    cheap, full = (json.loads(run(*words, "--out", name, "--floor", name)[1])["floors"] for name in ("cheap", "full"))
    assert full["strict"] == {**cheap["strict"], "lungs blanked": full["strict"]["lungs blanked"]}
    assert cheap["strict"].keys() == {"file facts", "32x32 pixels", "border alone"}


def test_a_pinned_likeness_is_in_the_record_and_said(run, phantom, here):
    code, out, err = run("audit", phantom, "--look-alike", 0.97, "--out", "pinned", "--json")
    assert code == 0, err
    groups = json.loads(out)["groups"]
    assert (groups["likeness"], groups["likeness_by"]) == (0.97, "pinned")
    assert "correlate above 0.97 (as asked for; hilum's default is 0.87)" in err
    assert "strict (0.97)" in (here / "pinned" / "audit.html").read_text("utf-8")


def test_a_profile_says_on_standard_error_where_the_time_went(run, phantom):
    code, out, err = run("audit", phantom, "--groups", phantom / "table.csv", "--out", "timed", "--profile", "--json")
    assert code == 0
    json.loads(out)  # nothing else is on standard output
    heading, *rows = err[err.index("step  ") :].splitlines()
    assert heading.split()[:4] == ["step", "seconds", "share", "use"]
    assert rows[0].startswith("reading slices ")
    assert [row.split()[0] for row in rows[-2:]] == ["other", "all"]
    assert rows[-1].split()[2] == "100%"
