"""Results belong to the code that made them; a version covers many states of a checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_helpers import ROOT, Make, batch, call, settings

from emgdetect.batch import identity
from emgdetect.batch.identity import code_digest


def test_another_state_of_the_code_computes_again_and_says_why(tmp_path: Path, make: Make) -> None:
    folder, out, site = make("a", "b"), tmp_path / "out", tmp_path / "site"
    batch([folder], out)
    mark = json.loads((out / "a" / "run.json").read_text("ascii"))
    assert mark["code"] == code_digest()
    shutil.copytree(ROOT / "emgdetect", site / "emgdetect")
    path = os.environ["PYTHONPATH"].replace(str(ROOT), str(site))
    run = ("run", folder, "--out", out, "--no-report")
    assert "2 done before and unchanged" in call(*run, PYTHONPATH=path).stderr
    with (site / "emgdetect" / "course.py").open("a", encoding="utf-8") as file:
        file.write("\n# another state of the same version\n")
    said = call(*run, PYTHONPATH=path).stderr
    assert "2 done before to be computed again: emgdetect itself has changed since." in said
    assert json.loads((out / "a" / "run.json").read_text("ascii"))["code"] != code_digest()
    assert "2 done before and unchanged" in call(*run, PYTHONPATH=path).stderr


def test_results_of_before_there_was_a_digest_are_computed_again(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a"), tmp_path / "out"
    batch([folder], out)
    mark = json.loads((out / "a" / "run.json").read_text("ascii"))
    del mark["code"]
    (out / "a" / "run.json").write_text(json.dumps(mark), encoding="ascii")
    assert batch([folder], out).n_done == 1
    assert "emgdetect itself has changed since" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("settings", "the settings, the site table or side-car files differ"),
        ("input", "the recording has changed"),
        ("damage", "the earlier result is damaged"),
        ("mark", "the earlier result is damaged"),
        ("gone", "the recording cannot be read"),
    ],
)
def test_every_reason_is_told(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str], change: str, reason: str
) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out)
    again = settings()
    if change == "settings":
        again = settings(assume_unit="uV")
    elif change == "input":
        (folder / "a.edf").write_bytes((folder / "b.edf").read_bytes())
    elif change == "damage":
        (out / "a" / "events.tsv").unlink()
    elif change == "mark":
        (out / "a" / "run.json").write_text("{")
    else:
        (folder / "a.edf").unlink()
        (folder / "a.edf").symlink_to(tmp_path / "nowhere")
    batch([folder], out, settings=again)
    n = 2 if change == "settings" else 1
    assert f"{n} done before to be computed again: {reason}." in capsys.readouterr().err


def test_what_an_editor_leaves_is_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "emgdetect" / "batch"
    room.mkdir(parents=True)
    (room / "run.py").write_text("1\n")
    monkeypatch.setattr(identity, "__file__", str(room / "identity.py"))
    digest = code_digest.__wrapped__()
    (room / ".#run.py").symlink_to("ada@desk.1234:567")
    (room / "gone.py").symlink_to("nowhere")
    (room / ".run.py").write_text("2\n")
    (room / ".checkpoints").mkdir()
    (room / ".checkpoints" / "run.py").write_text("3\n")
    (room / "folder.py").mkdir()
    assert code_digest.__wrapped__() == digest
    (room / "run.py").write_text("4\n")
    assert code_digest.__wrapped__() != digest


def test_the_digest_is_quick_and_not_asked_for_at_import() -> None:
    began = time.perf_counter()
    code_digest.__wrapped__()
    assert time.perf_counter() - began < 0.25  # 15 ms on an idle machine
    code = (
        "import emgdetect, emgdetect.batch; from emgdetect.batch.identity import code_digest as c;"
        "print(c.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
