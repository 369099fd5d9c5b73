"""The same batch on a Dask cluster that shares a file system with this machine."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emgdetect.batch.inputs import CallError
from emgdetect.batch.local import allowed_s, death
from emgdetect.batch.options import Stop
from emgdetect.batch.task import LOG, REQUEST, RETRIED, Outcome, Task, load_outcome, store
from emgdetect.one_thread import ONE_THREAD

CONNECT_S = 10
TICK_S = 0.5
AHEAD = 2
"""Tasks handed out per slot of the cluster: enough to keep it busy, few for its scheduler."""


def isolated(task: Task, timeout_s: float | None) -> Outcome:
    """Do a task in a process of its own, on the machine where this is called.

    A worker under a nanny may not start multiprocessing children, and a crash must not take it
    along: so a plain subprocess. It ends when it takes too long, or when the run that asked for it
    has cleared its staging folder.
    """
    home = Path(task.staging)
    staging = home / secrets.token_hex(4)
    home.mkdir(parents=True, exist_ok=True)
    staging.mkdir()
    store(staging, REQUEST, replace(task, staging=os.fspath(staging)))
    began = time.monotonic()
    with (staging / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "emgdetect.batch.server", str(os.getpid()), str(staging)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **ONE_THREAD, "MPLBACKEND": "Agg"},
        )
        code = _wait(process, staging, began + timeout_s if timeout_s else None)
    seconds = time.monotonic() - began
    if code is None:
        text = f"It took longer than {timeout_s:g} s and was stopped."
        return Outcome(status="failed", code="timeout", message=text, seconds=seconds)
    told = load_outcome(staging) if code == 0 else None
    return told or replace(death(code, seconds), staging=os.fspath(staging))


def _wait(process: subprocess.Popen[bytes], staging: Path, until: float | None) -> int | None:
    """Exit status of a process; None if it had to be ended because its time was up."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(TICK_S)
        late = until is not None and time.monotonic() > until
        if late or not staging.exists():
            process.kill()
            code = process.wait()
            return None if late else code


class Cluster:
    """Hands tasks to a Dask scheduler, a few per slot at a time.

    A worker that dies loses what it was doing; the scheduler gives that to another, and what still
    fails is tried once more.
    """

    def __init__(self, address: str, *, timeout_s: float | None, stop: Stop) -> None:
        """Connect.

        Raises
        ------
        CallError
            If nothing answers at the address.
        """
        from distributed import Client

        try:
            connect: Any = Client
            self.client = connect(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise CallError(f"No Dask scheduler answers at {address}: {error}.") from None
        self.timeout_s = timeout_s
        self.stop = stop

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Do tasks; yields each with its outcome as it ends, or not at all when stopped."""
        waiting = deque((task, False) for task in tasks)
        running: dict[Any, tuple[Task, bool]] = {}
        while waiting or running:
            if self.stop.asked > 1 or (self.stop.asked and not running):
                return
            self._hand_out(waiting, running)
            for future in self._ended(running):
                task, is_retry = running.pop(future)
                outcome = _outcome(future)
                if outcome.code in RETRIED and not is_retry:
                    waiting.append((task, True))
                else:
                    yield task, outcome

    def _hand_out(
        self, waiting: deque[tuple[Task, bool]], running: dict[Any, tuple[Task, bool]]
    ) -> None:
        slots = max(1, sum(self.client.nthreads().values()))
        while waiting and len(running) < AHEAD * slots and not self.stop.asked:
            task, is_retry = waiting.popleft()
            seconds = allowed_s(task, self.timeout_s)
            future = self.client.submit(isolated, task, seconds, pure=False)
            running[future] = (task, is_retry)

    def _ended(self, running: dict[Any, tuple[Task, bool]]) -> list[Any]:
        import distributed

        wait: Any = distributed.wait
        if not running:
            return []
        with contextlib.suppress(TimeoutError), self.client.as_current():
            wait(list(running), timeout=TICK_S, return_when="FIRST_COMPLETED")
        return [future for future in running if future.done()]

    def close(self) -> None:
        """Let go of the cluster; what is at work there ends when its staging folder is cleared."""
        self.client.close(timeout=CONNECT_S)


def _outcome(future: Any) -> Outcome:
    """What a future holds; a worker that was lost again and again is a killed one."""
    error = future.exception()
    if error is None:
        outcome: Outcome = future.result()
        return outcome
    if type(error).__name__ in ("KilledWorker", "CancelledError", "FutureCancelledError"):
        return Outcome(status="failed", code="killed", message="The worker was lost.")
    text = f"The cluster could not do it: {type(error).__name__}: {error}"
    return Outcome(status="failed", code="cluster-error", message=text)
