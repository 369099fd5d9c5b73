"""The same batch on a Dask cluster on the loopback interface: same tables, workers may die."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from batch_helpers import ROOT, STAND_IN, Make, batch, call, left_behind, status_of, tables_of

pytest.importorskip("distributed")

from emgdetect.batch import CallError
from emgdetect.batch.call import check_scheduler


def wait_for(path: Path, *, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not path.exists() or not path.read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Address of a scheduler with two workers, each under a nanny, and the nannies."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    path = os.pathsep.join([str(STAND_IN), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__WORKER__DAEMON": "True"}
    told = tmp_path / "scheduler.json"
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
             "--port", "0", "--no-dashboard", "--scheduler-file", str(told)],
            env=environment, **quiet,
        )
    ]  # fmt: skip
    try:
        wait_for(told)
        import json

        address = json.loads(told.read_text())["address"]
        for index in range(2):
            command = [
                sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
                "--no-dashboard", "--local-directory", str(tmp_path / f"worker{index}"),
                "--death-timeout", "60", "--host", "127.0.0.1",
            ]  # fmt: skip
            started.append(subprocess.Popen(command, env=environment, **quiet))
        yield address, [psutil.Process(process.pid) for process in started[1:]]
    finally:
        for process in started:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
            process.wait()


def test_a_cluster_that_loses_a_worker_makes_the_same_tables(
    tmp_path: Path,
    make: Make,
    cluster: tuple[str, list[psutil.Process]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, nannies = cluster
    folder = make("a", "b", "c", "d", "crash", "e")
    monkeypatch.setenv("STAND_IN_SECONDS", "0.5")
    batch([folder], tmp_path / "local")
    out = tmp_path / "out"
    killed = []

    def kill_one() -> None:
        deadline = time.monotonic() + 90
        while not list((out / ".work").glob("*/*/request.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        for worker in nannies[0].children():
            worker.kill()
            killed.append(worker)

    helper = threading.Thread(target=kill_one)
    helper.start()
    tally = batch([folder], out, scheduler=address)
    helper.join()
    assert killed
    assert (tally.n_done, tally.n_failed) == (5, 1)
    assert status_of(out)["crash"] == ("failed", "crashed")
    assert tables_of(out) == tables_of(tmp_path / "local")
    assert left_behind(out) == []
    assert batch([folder / "a.edf"], out, scheduler=address).n_kept == 1


def test_no_scheduler_is_told(tmp_path: Path, make: Make) -> None:
    with pytest.raises(CallError, match="must look like"):
        check_scheduler("localhost:8786")
    assert check_scheduler("tcp://127.0.0.1:8786")
    done = call("run", make("a"), "--out", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "No Dask scheduler answers" in done.stderr
    assert "Traceback" not in done.stderr
