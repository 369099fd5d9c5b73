"""Faults: a crash, a kill, a hang or a full disk costs one recording; a killed batch goes on."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from batch_faults import running, until
from batch_helpers import (
    Make,
    batch,
    call,
    left_behind,
    make_edf,
    settings,
    status_of,
)  # fmt: skip

from emgdetect.batch import CallError
from emgdetect.batch.local import n_cores
from emgdetect.batch.lock import locked


def test_faults_of_one_recording_cost_that_recording(tmp_path: Path, make: Make) -> None:
    folder = make("a", "b", "c", "crash", "kill", "memory", "fault")
    out = tmp_path / "out"
    tally = batch([folder], out)
    assert (tally.n_done, tally.n_failed) == (3, 4)
    codes = {name: code for name, (_, code) in status_of(out).items() if code != "ok"}
    assert codes == {
        "crash": "crashed", "kill": "killed", "memory": "out-of-memory", "fault": "internal-error",
    }  # fmt: skip
    assert left_behind(out) == []
    logs = {entry.name for entry in (out / "logs").iterdir()}
    assert logs == {"crash.txt", "fault.txt"}
    assert "a fault on purpose" in (out / "logs" / "fault.txt").read_text()
    assert "Segmentation fault" in (out / "logs" / "crash.txt").read_text()
    again = batch([folder], out)
    assert (again.n_kept, again.n_failed) == (3, 4)


def test_recordings_at_work_share_the_cores(tmp_path: Path, make: Make) -> None:
    folder, n = make("threads1", "threads2"), n_cores()
    half = max(1, n // 2)
    batch([folder], tmp_path / "together", jobs=2)
    batch([folder / "threads1.edf"], tmp_path / "alone", jobs=2)
    told = {mark.name for mark in tmp_path.glob("threads*")}
    assert told == {f"threads1-{n}-1", f"threads1-{half}-1", f"threads2-{half}-1"}


def test_an_output_that_vanishes_is_told(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_SECONDS", "1")
    out = tmp_path / "out"

    def interfere() -> None:
        until(lambda: list((out / ".work").glob("*/request.json")))
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)

    helper = threading.Thread(target=interfere)
    helper.start()
    with pytest.raises(CallError, match="cannot be written"):
        batch([make("a", "b", "c")], out, jobs=1)
    helper.join()
    assert batch([tmp_path / "in"], out).n_done == 3


def test_what_was_killed_once_is_tried_again_and_done(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    assert batch([make("a", "once", "b")], out).n_done == 3
    assert status_of(out)["once"] == ("done", "ok")


def test_what_takes_too_long_is_stopped(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    began = time.monotonic()
    tally = batch([make("a", "hang", "b")], out, timeout_s=5.0)
    assert (tally.n_done, tally.n_failed) == (2, 1)
    assert status_of(out)["hang"] == ("failed", "timeout")
    assert time.monotonic() - began < 40


@pytest.fixture
def stuck(make: Make) -> Iterator[Path]:
    """A folder with one recording of three that does not open, as on a stalled network drive.

    The kernel holds back whoever opens a file on which another has a lease (45 s by default).
    """
    fcntl = pytest.importorskip("fcntl", reason="leases are of Linux")
    if not hasattr(fcntl, "F_SETLEASE"):
        pytest.skip("leases are of Linux")
    folder = make("a", "stuck", "z")
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    file = os.open(folder / "stuck.edf", os.O_RDWR)
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        pytest.skip(f"this file system has no leases: {error}")
    else:
        yield folder
    finally:
        os.close(file)
        signal.signal(signal.SIGIO, before)


def test_the_time_for_one_recording_is_none_for_the_page_of_all(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    tally = batch([make("hang")], out, timeout_s=0.01, settings=settings(report=True))
    assert status_of(out)["hang"] == ("failed", "timeout")
    assert not tally.pageless
    assert "1 failed" in (out / "report.html").read_text(encoding="utf-8")


def test_an_input_that_hangs_when_it_is_opened_is_stopped(tmp_path: Path, stuck: Path) -> None:
    out = tmp_path / "out"
    began = time.monotonic()
    tally = batch([stuck], out, timeout_s=5.0)
    assert time.monotonic() - began < 40  # before the kernel gives way
    assert (tally.n_done, tally.n_failed) == (2, 1)
    assert status_of(out)["stuck"] == ("failed", "timeout")
    assert left_behind(out) == []
    assert not (out / "stuck").exists()


def test_an_input_that_hangs_is_stopped_where_names_are_hashes(tmp_path: Path, stuck: Path) -> None:
    out = tmp_path / "out"
    began = time.monotonic()
    tally = batch([stuck], out, timeout_s=5.0, anonymous_names=True)
    assert time.monotonic() - began < 40
    assert (tally.n_done, tally.n_failed) == (2, 1)
    codes = sorted(code for _, code in status_of(out).values())
    assert codes == ["ok", "ok", "timeout"]


@pytest.mark.parametrize("where", ["header", "samples"])
def test_an_input_that_hangs_while_it_is_read_is_stopped(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("STAND_IN_STALL", where)
    out = tmp_path / "out"
    tally = batch([make("a", "stall", "z")], out, timeout_s=5.0)
    assert (tally.n_done, tally.n_failed) == (2, 1)
    assert status_of(out)["stall"] == ("failed", "timeout")
    assert (tmp_path / f"stalled-{where}").exists()
    assert left_behind(out) == []
    monkeypatch.delenv("STAND_IN_STALL")
    again = batch([tmp_path / "in"], out)
    assert (again.n_kept, again.n_done) == (2, 1)


def test_a_server_that_is_killed_is_replaced(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_SECONDS", "0.5")
    out = tmp_path / "out"
    folder = make(*"abcd")

    def kill_server() -> None:
        me = psutil.Process()
        until(lambda: any(server.children() for server in me.children()))
        me.children()[0].kill()

    killer = threading.Thread(target=kill_server)
    killer.start()
    tally = batch([folder], out)
    killer.join()
    assert (tally.n_done, tally.n_failed) == (4, 0)


def test_the_second_run_says_who_holds_the_folder(tmp_path: Path, make: Make) -> None:
    folder = make("hang")
    out = tmp_path / "out"
    with running("run", folder, "--out", out, "--no-report") as process:
        until((out / "status.tsv").exists)
        second = call("run", folder, "--out", out)
        assert second.returncode == 2
        assert f"process {process.pid} on" in second.stderr
        assert second.stderr.count("\n") == 1
        assert call("summary", out).returncode == 2
        assert call("run", folder, "--out", out, "--shard", "1/2").returncode == 2
        process.kill()
        process.wait()
    with locked(out):
        pass


def test_parts_share_the_folder_but_not_a_part(tmp_path: Path) -> None:
    with locked(tmp_path, shared=True), locked(tmp_path, name=".lock-1-of-2"):
        with locked(tmp_path, shared=True), locked(tmp_path, name=".lock-2-of-2"):
            pass
        with pytest.raises(CallError, match="in use"), locked(tmp_path):
            pass
        with pytest.raises(CallError, match="in use"), locked(tmp_path, name=".lock-1-of-2"):
            pass


@pytest.mark.parametrize("change", ["shrinks", "grows", "vanishes"])
def test_an_input_that_changes_while_it_is_read_fails(
    tmp_path: Path, make: Make, change: str
) -> None:
    folder = make("slow", "other")
    file, out = folder / "slow.edf", tmp_path / "out"
    began = threading.Event()

    def interfere() -> None:
        until(lambda: list((out / ".work").glob("analyse-slow/request.json")))
        until(lambda: list((out / ".work").glob("analyse-slow/began")))
        began.set()
        if change == "vanishes":
            file.unlink()
        elif change == "shrinks":
            os.truncate(file, 1000)
        else:
            with file.open("ab") as stream:
                stream.write(b"\0" * 4000)

    helper = threading.Thread(target=interfere)
    helper.start()
    tally = batch([folder], out)
    helper.join()
    assert began.is_set()
    assert (tally.n_done, tally.n_failed) == (1, 1)
    assert status_of(out)["slow"][1] in ("file-changed", "file-missing")


def test_a_failing_opener_fails_one_recording(tmp_path: Path, make: Make) -> None:
    folder = make("a", "enospc", "b")
    out = tmp_path / "out"
    assert batch([folder], out).n_failed == 1
    assert status_of(out)["enospc"] == ("failed", "disk-full")
    assert not (out / "enospc").exists()


@pytest.mark.slow
def test_three_hundred_small_inputs(tmp_path: Path) -> None:
    for index in range(300):
        make_edf(tmp_path / "in" / f"{index:03}.edf", seed=index)
    out = tmp_path / "out"
    assert batch([tmp_path / "in"], out).n_done == 300
    began = time.monotonic()
    assert batch([tmp_path / "in"], out).n_kept == 300
    assert time.monotonic() - began < 60


@pytest.mark.slow
def test_ten_thousand_are_listed_and_continued(tmp_path: Path) -> None:
    """Links to one input and its result stand for 10,000 that were done before."""
    first, out = make_edf(tmp_path / "in" / "00000.edf"), tmp_path / "out"
    batch([tmp_path / "in"], out)
    mark = (out / "00000" / "run.json").read_text("ascii")
    for index in range(1, 10_000):
        name = f"{index:05}"
        os.link(first, tmp_path / "in" / f"{name}.edf")
        (out / name).mkdir()
        for product in (out / "00000").iterdir():
            if product.name != "run.json":
                os.link(product, out / name / product.name)
        (out / name / "run.json").write_text(mark.replace("00000.edf", f"{name}.edf"))
    (out / "status.tsv").unlink()
    assert batch([tmp_path / "in"], out).n_kept == 10_000
    assert len(status_of(out)) == 10_000
    assert (out / "summary.tsv").read_text("utf-8").count("\n") == 10_001
