"""Running a detector in a process of its own, with a time limit and its peak memory.

A rival that crashes, hangs or takes the interpreter with it costs its own row and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

_START_S = 120.0
"""Longest time the start of a process may take; it does not count against a detector."""

_WALL = 30
"""Wall-clock time a call may take, in units of its processor time."""

_STATUS = Path("/proc/self/status")
_RESET_PEAK = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Outcome:
    """What came of one call.

    Attributes
    ----------
    value : object
        What the function returned; None if it did not.
    seconds : float
        Wall-clock time of the call.
    peak_mb : float
        Memory at its peak above that before the call, in MB; NaN where the system does not tell.
    trouble : str
        Why there is no value, in one line; empty if there is one.
    """

    value: Any
    seconds: float
    peak_mb: float
    trouble: str


@dataclass
class Worker:
    """A process that runs one function on many arguments, restarted when it is lost.

    Attributes
    ----------
    function : callable
        A module-level function.
    limit_s : float
        Longest processor time a call may take (wall-clock time where the system does not tell, and
        never more than `_WALL` times it); the process is ended then.
    """

    function: Callable[..., Any]
    limit_s: float
    _process: Any = field(default=None, repr=False)
    _pipe: Any = field(default=None, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None

    def run(self, *arguments: Any) -> Outcome:
        """Call the function; never raises what it raises."""
        if self._process is None:
            self._start()
        begun = time.perf_counter()
        try:
            self._pipe.send(arguments)
            if not self._answered(begun):
                self.close()
                told = f"timeout after {self.limit_s:g} s"
                return Outcome(None, self.limit_s, float("nan"), told)
            outcome = self._pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process.join(5)
            code = self._process.exitcode
            self.close()
            seconds = time.perf_counter() - begun
            return Outcome(None, seconds, float("nan"), f"the process died (exit code {code})")
        assert isinstance(outcome, Outcome)
        return outcome

    def _answered(self, begun: float) -> bool:
        """Wait for an answer; False if the call used up its time."""
        used_before = _processor_s(self._process.pid)
        while not self._pipe.poll(0.1):
            waited = time.perf_counter() - begun
            used = _processor_s(self._process.pid) - used_before
            over = waited > self.limit_s if used != used else used > self.limit_s
            if over or waited > _WALL * self.limit_s:
                return False
        return True

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self.function), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_START_S):
            self.close()
            raise RuntimeError(f"a worker did not start within {_START_S:g} s")
        self._pipe.recv()


def _serve(pipe: Connection, function: Callable[..., Any]) -> None:
    """Answer calls until the other end closes."""
    warnings.simplefilter("ignore")
    pipe.send("ready")
    while True:
        try:
            arguments = pipe.recv()
        except EOFError:
            return
        pipe.send(_timed(function, arguments))


def _timed(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """Call the function with a clock and an eye on memory."""
    before = _memory_mb("VmRSS")
    try:
        _RESET_PEAK.write_text("5")
    except OSError:
        before = float("nan")
    begun = time.perf_counter()
    value, trouble = None, ""
    try:
        value = function(*arguments)
    except Exception as error:  # a rival may raise anything; its row says so
        last = traceback.extract_tb(error.__traceback__)[-1]
        text = " ".join(str(error).split())[:160]
        trouble = f"{type(error).__name__} in {Path(last.filename).name}: {text}"
    seconds = time.perf_counter() - begun
    return Outcome(value, seconds, max(0.0, _memory_mb("VmHWM") - before), trouble)


def _processor_s(pid: int) -> float:
    """Processor time a process has used; NaN where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(what: str) -> float:
    """A figure of this process's memory; NaN where the system does not tell."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return float("nan")
    return next(
        (int(line.split()[1]) / 1024 for line in lines if line.startswith(what)), float("nan")
    )
