"""What a person hears of a batch: a line per recording, what is left, and where to look."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from batch_helpers import Make, call, left_behind, status_of

from emgdetect.batch import Outcome, Tally, progress


def outcome(status: str) -> Outcome:
    code = "ok" if status == "done" else "header-short"
    return Outcome(status=status, code=code, message="So it is.", seconds=1.0)  # type: ignore[arg-type]


def test_each_line_counts_what_ended_failed_and_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.reporting() as told:
        told.started(4, 2)
        for name, status in (("a", "done"), ("b", "failed"), ("c", "done"), ("d", "done")):
            now[0] += 1800.0
            told.ended(name, outcome(status))
        told.closed(Tally(3, 1, 2, 0), Path("out"))
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "2 done before and unchanged, 4 to do.",
        "1/4 done   a: So it is. [ok, 1.0 s] 3 left, about 1:30:00",
        "2/4 failed b: So it is. [header-short, 1.0 s] 1 failed, 2 left, about 1:00:00",
        "3/4 done   c: So it is. [ok, 1.0 s] 1 failed, 1 left, about 0:30:00",
        "4/4 done   d: So it is. [ok, 1.0 s]",
        f"1 of 6 failed; why stands in {Path('out', 'status.tsv')}.",
    ]


def test_an_interrupted_batch_says_how_it_goes_on() -> None:
    assert progress.closing_of(Tally(2, 0, 0, 3), Path("out")) == [
        "3 not analysed; the same command continues."
    ]
    assert progress.closing_of(Tally(2, 0, 5, 0), Path("out")) == []


def test_the_end_says_where_to_look_first(tmp_path: Path) -> None:
    (tmp_path / "summary.tsv").touch()
    assert progress.closing_of(Tally(1, 0, 0, 0), tmp_path) == [
        f"Results: {tmp_path / 'summary.tsv'}"
    ]
    (tmp_path / "report.html").touch()
    first, last = progress.closing_of(Tally(1, 1, 0, 0), tmp_path)
    assert first == f"Results: {tmp_path / 'report.html'}"
    assert last.startswith("1 of 2 failed")


def test_not_on_a_terminal_every_recording_has_one_line(tmp_path: Path, make: Make) -> None:
    folder = make("a", "b", "crash")
    done = call("run", folder, "--out", tmp_path / "out", "--no-report")
    *lines, last = done.stderr.splitlines()
    assert done.returncode == 1
    assert done.stdout == ""
    pattern = r"(\d)/3 (done  |failed) (\w+): .+ \[[\w-]+, [\d.]+ s\]( .*)?"
    found = [re.fullmatch(pattern, line) for line in lines]
    assert sorted(hit[3] for hit in found if hit) == ["a", "b", "crash"]
    assert last == f"1 of 3 failed; why stands in {tmp_path / 'out' / 'status.tsv'}."


@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full", "2> >(head -n 1 >/dev/null)"])
def test_where_nobody_can_listen_the_batch_goes_on(
    tmp_path: Path, make: Make, redirect: str
) -> None:
    import shlex
    import subprocess

    from batch_helpers import STAND_IN, command

    out, bash = tmp_path / "out", shutil.which("bash")
    if bash is None or not Path("/dev/full").exists():
        pytest.skip("needs bash and /dev/full")
    words = command("run", make("a", "b", "crash"), "--out", out, "--no-report", "--jobs", 1)
    done = subprocess.run(
        [bash, "-c", f"{shlex.join(words)} {redirect}"], cwd=STAND_IN, check=False, timeout=120,
        env={**os.environ, "STAND_IN_SECONDS": "0.2"},
    )  # fmt: skip
    assert done.returncode == 1
    codes = {name: code for name, (_, code) in status_of(out).items()}
    assert codes == {"a": "ok", "b": "ok", "crash": "crashed"}
    assert (out / ".lock").read_text().startswith("process")
    assert left_behind(out) == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals here")
def test_on_a_terminal_a_bar_tells_of_failures(tmp_path: Path, make: Make) -> None:
    import subprocess

    from batch_helpers import STAND_IN, command

    folder, (ours, theirs) = make("a", "crash"), os.openpty()
    process = subprocess.Popen(
        command("run", folder, "--out", tmp_path / "out", "--no-report"),
        cwd=STAND_IN, env={**os.environ, "TERM": "xterm", "COLUMNS": "200"}, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            said += os.read(ours, 4096)
        except OSError:  # Linux says so when the other side is closed.
            break
    os.close(ours)
    assert process.wait(60) == 1
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    assert "2/2" in text
    assert "1 failed" in text
    assert "failed crash: The process crashed (SIGSEGV)." in text
    assert "done   a:" not in text
