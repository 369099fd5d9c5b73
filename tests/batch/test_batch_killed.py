"""A batch that is killed or stopped at any moment goes on as if it had not been."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest
from batch_faults import running, until
from batch_helpers import (
    TABLES,
    Make,
    batch,
    call,
    left_behind,
    status_of,
    tables_of,
)  # fmt: skip

from emgdetect.batch import Stop
from emgdetect.batch.room import clear_staging


def test_no_process_outlives_its_parent(tmp_path: Path, make: Make) -> None:
    folder = make("hang1", "hang2")
    with running("run", folder, "--out", tmp_path / "out", "--no-report") as process:
        parent = psutil.Process(process.pid)
        until(lambda: len(parent.children(recursive=True)) == 3)
        family = parent.children(recursive=True)
        parent.kill()
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_and_called_again(tmp_path: Path, make: Make, seed: int) -> None:
    folder = make(*"abcdef")
    batch([folder], tmp_path / "undisturbed")
    out = tmp_path / "out"
    arguments = ("run", folder, "--out", out, "--no-report", "--jobs", 2)
    draw = random.Random(seed)
    for _ in range(2):
        with running(*arguments, STAND_IN_SECONDS="0.05") as process:
            until((out / "status.tsv").exists)
            time.sleep(draw.uniform(0, 2.5))
            process.kill()
        for name in TABLES:
            for table in out.glob(f"*/{name}"):
                whole = tmp_path / "undisturbed" / table.relative_to(out)
                assert table.read_bytes() == whole.read_bytes(), "nothing partial ever stands"
    assert call(*arguments).returncode == 0
    assert tables_of(out) == tables_of(tmp_path / "undisturbed")
    assert left_behind(out) == []


@pytest.mark.parametrize("n", [1, 2, 5, 13, 21, 34])
def test_killed_at_the_nth_move_into_place(tmp_path: Path, make: Make, n: int) -> None:
    """The parent dies right before its n-th move of a file to its final name."""
    folder = make("a", "one/rest", "two/rest")
    batch([folder], tmp_path / "undisturbed")
    out = tmp_path / "out"
    arguments = ("run", folder, "--out", out, "--no-report", "--jobs", 1)
    assert call(*arguments, STAND_IN_KILL_AT=str(n)).returncode == -signal.SIGKILL
    marks = {mark.parent.name for mark in out.glob("*/run.json")}
    for name in marks:
        whole = tables_of(tmp_path / "undisturbed")
        mine = {key: value for key, value in _tables(out).items() if key.startswith(f"{name}/")}
        assert mine.items() <= whole.items()
        assert len(mine) == len(TABLES)
    assert call(*arguments).returncode == 0
    assert tables_of(out) == tables_of(tmp_path / "undisturbed")


@pytest.mark.parametrize("n", [2, 7, 16, 31, 53])
def test_killed_at_the_nth_write(tmp_path: Path, make: Make, n: int) -> None:
    """The parent dies before it makes, writes, moves or removes a file or folder."""
    folder = make("a", "b")
    batch([folder], tmp_path / "undisturbed")
    out = tmp_path / "out"
    arguments = ("run", folder, "--out", out, "--no-report", "--jobs", 1)
    assert call(*arguments, STAND_IN_KILL_AT_CHANGE=str(n)).returncode == -signal.SIGKILL
    assert call(*arguments).returncode == 0
    assert tables_of(out) == tables_of(tmp_path / "undisturbed")
    assert left_behind(out) == []


def _tables(out: Path) -> dict[str, str]:
    (out / "summary.tsv").touch()
    return tables_of(out)


def test_killed_while_results_are_replaced(tmp_path: Path, make: Make) -> None:
    """A new configuration is half in place when the parent dies: nothing counts as done by it."""
    folder = make("a")
    out = tmp_path / "out"
    strict = tmp_path / "strict.toml"
    strict.write_text('exclusion = "strict"\n')
    arguments = ("run", folder, "--out", out, "--no-report")
    assert call(*arguments).returncode == 0
    for n in (2, 4, 9):
        call(*arguments, "--config", strict, "--overwrite", STAND_IN_KILL_AT=str(n))
        assert not (out / "a" / "run.json").exists() or n < 3
    done = call(*arguments)
    assert (done.returncode, "1/1 done" in done.stderr) == (0, True)


def test_ctrl_c_once_finishes_what_is_running(tmp_path: Path, make: Make) -> None:
    folder = make(*"abcdef")
    out = tmp_path / "out"
    arguments = ("run", folder, "--out", out, "--no-report", "--jobs", 1)
    with running(*arguments, STAND_IN_SECONDS="1") as process:
        until(lambda: (out / ".work").exists() and any((out / ".work").iterdir()))
        os.killpg(process.pid, signal.SIGINT)
        error = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert "Finishing what is running" in error
    assert "Traceback" not in error
    done = {name for name, (status, _) in status_of(out).items() if status == "done"}
    assert 1 <= len(done) < 6
    assert left_behind(out) == []
    assert call(*arguments).returncode == 0
    assert len(status_of(out)) == 6


def test_ctrl_c_twice_stops(tmp_path: Path, make: Make) -> None:
    folder = make("hang", "z")
    out = tmp_path / "out"
    with running("run", folder, "--out", out, "--no-report", "--jobs", 1) as process:
        until(lambda: (out / ".work").exists() and any((out / ".work").iterdir()))
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.5)
        error = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 130
    assert "Traceback" not in error
    assert left_behind(out) == []


def test_sigterm_stops_at_once(tmp_path: Path, make: Make) -> None:
    folder = make("hang")
    out = tmp_path / "out"
    with running("run", folder, "--out", out, "--no-report") as process:
        until(lambda: (out / ".work").exists() and any((out / ".work").iterdir()))
        process.terminate()
        assert process.wait(30) == 130


def test_stop_before_anything_runs(tmp_path: Path, make: Make) -> None:
    from batch_helpers import settings

    from emgdetect.batch import Options, run_batch

    options = Options(out=tmp_path / "out", settings=settings())
    tally = run_batch([str(make("a"))], options, stop=Stop(asked=1))
    assert (tally.n_open, tally.exit_status) == (1, 130)


def test_tables_that_were_being_written_go_with_the_next_run(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    out.mkdir()
    (out / ".tmp-0123456789ab.tsv").write_text("name\tst", encoding="utf-8")
    (out / "notes.tsv").write_text("mine", encoding="utf-8")
    clear_staging(out, part=".1-2")
    assert left_behind(out) == [".tmp-0123456789ab.tsv"], "another part may be writing it"
    assert call("run", folder, "--out", out, "--no-report").returncode == 0
    assert left_behind(out) == []
    assert (out / "notes.tsv").exists()
