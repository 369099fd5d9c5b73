"""The supervisor on this machine: hands tasks to processes, survives the death of any of them."""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emgdetect.batch.options import Stop, no_work
from emgdetect.batch.results import clear
from emgdetect.batch.room import lack_of_room
from emgdetect.batch.stages import PAUSE_S, AtWork, read_stage
from emgdetect.batch.task import REQUEST, RETRIED, Outcome, Task, load_outcome, store
from emgdetect.one_thread import ONE_THREAD

TICK_S = 0.2
GRACE_S = 10.0
"""How long a killed process may take to go before it is given up."""


@dataclass
class _Running:
    """A task at work; `since` is when its process began, infinite while it waits for the server."""

    task: Task
    since: float
    is_retry: bool
    timed_out_at: float | None = None


@dataclass
class Supervisor:
    """Tasks waiting, running, and to be tried again alone."""

    jobs: int
    timeout_s: float | None
    stop: Stop
    with_report: bool = False
    at_work: Callable[[Sequence[AtWork]], None] = no_work
    waiting: deque[Task] = field(default_factory=deque)
    alone: deque[Task] = field(default_factory=deque)
    running: dict[str, _Running] = field(default_factory=dict)
    server: _Server | None = None
    told_at: float = -math.inf

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Do all tasks; yields each with its outcome as it ends.

        A task whose process crashes, is killed or runs out of memory is tried once more, alone.
        After one request to stop nothing new is started; after two, what runs is killed and
        yields nothing.
        """
        self.waiting.extend(tasks)
        while self.waiting or self.alone or self.running:
            if self.stop.asked > 1 or (self.stop.asked and not self.running):
                return
            yield from self._start_more()
            yield from self._events()
            self._tell()

    def close(self) -> None:
        """End everything that is at work."""
        if self.server:
            self.server.close()
        self.server = None

    def _start_more(self) -> Iterator[tuple[Task, Outcome]]:
        while self.waiting and len(self.running) < self.jobs and not self.stop.asked:
            yield from self._start(self.waiting.popleft(), is_retry=False)
        if self.alone and not self.running and not self.waiting and not self.stop.asked:
            yield from self._start(self.alone.popleft(), is_retry=True)

    def _start(self, task: Task, *, is_retry: bool) -> Iterator[tuple[Task, Outcome]]:
        """Start a task; yields it as failed if there is no room for its result."""
        try:
            lack = lack_of_room(Path(task.out))
            if not lack:
                self._hand_over(task, is_retry=is_retry)
        except OSError as error:
            lack = f"it cannot be written: {error.strerror or error}"
        if lack:
            text = f"It was not begun, for want of room in the output folder: {lack}."
            yield task, Outcome(status="failed", code="disk-full", message=text)

    def _hand_over(self, task: Task, *, is_retry: bool) -> None:
        self.server = self.server or _Server(with_report=self.with_report)
        staging = Path(task.staging)
        clear(staging)
        staging.mkdir(parents=True)
        n_together = 1 if is_retry else min(self.jobs, len(self.running) + len(self.waiting) + 1)
        store(staging, REQUEST, replace(task, n_threads=max(1, n_cores() // n_together)))
        self.running[task.staging] = _Running(task, math.inf, is_retry)
        self.server.send("start", task.staging)

    def _events(self) -> Iterator[tuple[Task, Outcome]]:
        if self.server is None:
            return
        for line in self.server.receive(TICK_S):
            if "exit" in line:
                yield from self._ended(line["staging"], line["exit"])
            elif line["staging"] in self.running:
                self.running[line["staging"]].since = time.monotonic()
        if self.server.is_gone:
            self.server.close()
            self.server = None
            for staging in list(self.running):
                yield from self._ended(staging, -signal.SIGKILL)
        yield from self._overdue()

    def _tell(self) -> None:
        """Tell what is analysed at present, and how far it is; not at every turn."""
        now = time.monotonic()
        if now - self.told_at < PAUSE_S:
            return
        self.told_at = now
        self.at_work([
            AtWork(entry.task.names[0], *read_stage(Path(staging)), max(0.0, now - entry.since))
            for staging, entry in self.running.items() if entry.task.do == "analyse"
        ])  # fmt: skip

    def _ended(self, staging: str, code: int) -> Iterator[tuple[Task, Outcome]]:
        entry = self.running.pop(staging, None)
        if entry is None:
            return
        outcome = self._outcome(entry, code)
        if outcome.code in RETRIED and not entry.is_retry:
            self.alone.append(entry.task)
        else:
            yield entry.task, outcome

    def _outcome(self, entry: _Running, code: int) -> Outcome:
        seconds = max(0.0, time.monotonic() - entry.since)
        if entry.timed_out_at is not None:
            text = f"It took longer than {self.timeout_s:g} s and was stopped."
            return Outcome(status="failed", code="timeout", message=text, seconds=seconds)
        told = load_outcome(Path(entry.task.staging)) if code == 0 else None
        return told or death(code, seconds)

    def _overdue(self) -> Iterator[tuple[Task, Outcome]]:
        if self.timeout_s is None or self.server is None:
            return
        now = time.monotonic()
        for staging, entry in list(self.running.items()):
            if entry.timed_out_at is not None and now - entry.timed_out_at > GRACE_S:
                yield from self._ended(staging, -signal.SIGKILL)
            until = entry.since + (allowed_s(entry.task, self.timeout_s) or math.inf)
            if entry.timed_out_at is None and now > until:
                entry.timed_out_at = now
                self.server.send("stop", staging)


def allowed_s(task: Task, timeout_s: float | None) -> float | None:
    """Seconds a task may take by the time one recording may; None for any time.

    The page is that of all recordings, and grows with their number.
    """
    if not timeout_s or task.do == "overview":
        return None
    return timeout_s * max(1, len(task.inputs))


def death(code: int, seconds: float) -> Outcome:
    """Outcome of a process that ended without a response."""
    if code == -signal.SIGKILL:
        text = "The process was killed, perhaps because memory ran out."
        return Outcome(status="failed", code="killed", message=text, seconds=seconds)
    name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
    text = f"The process crashed ({name})."
    return Outcome(status="failed", code="crashed", message=text, seconds=seconds)


def n_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Server:
    """The pre-loaded server as a child process and the pipes to it."""

    def __init__(self, *, with_report: bool) -> None:
        wish = {"EMGDETECT_PRELOAD_REPORT": "1"} if with_report else {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emgdetect.batch.server", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, **wish, "MPLBACKEND": "Agg"},
            process_group=0,  # Ctrl-C is for the supervisor alone.
            bufsize=0,
        )
        self.rest = b""
        self.is_gone = False

    def send(self, order: str, staging: str) -> None:
        """Send an order; a server that is gone is noticed when it is listened to."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write((json.dumps([order, staging]) + "\n").encode())
        except OSError:
            self.is_gone = True

    def receive(self, timeout_s: float) -> list[dict[str, Any]]:
        """Reports that came within a time."""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        if not select.select([descriptor], [], [], timeout_s)[0]:
            return []
        received = os.read(descriptor, 65536)
        self.is_gone = self.is_gone or not received
        *lines, self.rest = (self.rest + received).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """End the server and with it all its processes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
