"""What a person hears of a batch: a line per recording, what is left, and where to look."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from batch_helpers import Make, call, left_behind, settings, status_of

from emgdetect.batch import Options, Outcome, Tally, progress, run_batch
from emgdetect.batch.stages import STAGE, AtWork


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


def on_a_terminal(*arguments: object, status: int, **environment: str) -> str:
    """What `emgdetect` says on a pseudo-terminal, without what steers it."""
    import subprocess

    from batch_helpers import STAND_IN, command

    if not hasattr(os, "openpty"):
        pytest.skip("there are no pseudo-terminals here")
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        command(*arguments), cwd=STAND_IN, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200", **environment},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            said += os.read(ours, 4096)
        except OSError:  # Linux says so when the other side is closed.
            break
    os.close(ours)
    assert process.wait(60) == status
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())


def test_on_a_terminal_a_bar_tells_of_failures(tmp_path: Path, make: Make) -> None:
    arguments = ("run", make("a", "crash"), "--out", tmp_path / "out", "--no-report")
    text = on_a_terminal(*arguments, status=1)
    assert "2/2" in text
    assert "1 failed" in text
    assert "failed crash: The process crashed (SIGSEGV)." in text
    assert "done   a:" not in text


def test_on_a_terminal_a_line_tells_what_is_at_work(tmp_path: Path, make: Make) -> None:
    arguments = ("run", make("a"), "--out", tmp_path / "out", "--no-report")
    text = on_a_terminal(*arguments, status=0, STAND_IN_SECONDS="2")
    assert re.search(r"at work: a: BICEPS L: units \(1 of 1 site\), 38 %, [12] s", text)
    assert "0/1 0 failed" in text
    assert "1/1 0 failed" in text
    assert "at work" not in text[text.rindex("1/1") :]


def test_the_bar_moves_by_parts_of_recordings() -> None:
    from emgdetect.batch.bar import bar_shown

    bars = []
    with bar_shown() as told:
        bar = told.ended.__self__.bar  # type: ignore[attr-defined]
        told.started(3, 0)
        for shares in ((0.9, 0.9), (0.95, 0.95)):
            told.at_work([work(name, share=s) for name, s in zip("ab", shares, strict=True)])
            bars.append(bar.tasks[0].completed)
        told.ended("a", outcome("done"))
        bars.append(bar.tasks[0].completed)
        assert [entry.name for entry in bar.work] == ["b"]
        assert bar.tasks[0].fields["n_ended"] == 1
        told.ended("b", outcome("failed"))
    assert bars == pytest.approx([1.8, 1.9, 1.95])
    assert (bar.tasks[0].completed, bar.tasks[0].fields["failed"]) == (2, 1)


def work(name: str, *, share: float = 0.354, seconds: float = 131.0) -> AtWork:
    return AtWork(name, "BICEPS L: units (2 of 4 sites)", share, seconds)


def test_after_a_minute_of_silence_a_line_says_what_is_at_work(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def said_at(*times: float) -> list[float]:
        told_at = []
        for now[0] in times:
            told.at_work([work("a")])
            told_at += [now[0]] * len(capsys.readouterr().err.splitlines())
        return told_at

    with progress.reporting() as told:
        told.started(3, 0)
        assert said_at(30, 59, 60, 61, 119, 121, 150) == [60, 121]
        told.ended("b", outcome("done"))
        capsys.readouterr()
        assert said_at(182, 209, 211) == [211]
        now[0] = 1000.0
        told.at_work([])
    assert capsys.readouterr().err == ""


def test_of_several_at_work_the_first_is_named() -> None:
    assert progress.line_of_work([]) == ""
    one = "at work: a: BICEPS L: units (2 of 4 sites), 35 %, 2 min"
    assert progress.line_of_work([work("a")]) == one
    several = [work("b", seconds=2), work("a"), work("c", seconds=130)]
    assert progress.line_of_work(several) == f"{one}; 2 more"
    assert progress.line_of_work([work("a", seconds=59)]).endswith(", 59 s")
    assert progress.line_of_work([work("a", seconds=60)]).endswith(", 1 min")
    assert progress.line_of_work([work("a\x1b[2J")]).startswith(r"at work: a\x1b[2J: ")


def test_a_batch_tells_of_the_stages_of_its_workers(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SILENCE_S", 0.1)
    monkeypatch.setenv("STAND_IN_SECONDS", "1.5")
    folder, out = make("a", "b"), tmp_path / "out"
    with progress.reporting() as told:
        options = Options(out=out, settings=settings(), jobs=2)
        assert run_batch([str(folder)], options, progress=told).n_done == 2
    lines = capsys.readouterr().err.splitlines()
    line = re.compile(r"at work: [ab]: BICEPS L: units \(1 of 1 site\), 38 %, [12] s; 1 more")
    assert any(line.fullmatch(told) for told in lines), lines
    assert left_behind(out) == []
    assert list(out.rglob(STAGE)) == []
