"""A detector's own process: time limits, crashes, memory."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from benchmarks.worker import Worker


def double(value: float) -> float:
    return 2 * value


def work(seconds: float) -> float:
    while time.process_time() < seconds:
        pass
    return seconds


def die() -> None:
    os._exit(3)


def fail(text: str) -> None:
    raise RuntimeError(text)


def allocate(megabytes: int) -> float:
    return float(np.ones(megabytes * 131_072).sum())


def test_one_process_answers_many_calls() -> None:
    with Worker(double, 30.0) as worker:
        first = worker.run(2.0)
        process = worker._process.pid
        second = worker.run(3.0)
        assert (first.value, second.value) == (4.0, 6.0)
        assert first.trouble == "" and first.seconds < 30
        assert worker._process.pid == process


def test_a_call_that_takes_too_long_is_ended_and_the_next_one_works() -> None:
    with Worker(work, 1.0) as worker:
        assert worker.run(0.0).value == 0.0
        assert worker.run(1e9).trouble == "timeout after 1 s"
        assert worker.run(0.0).value == 0.0


def test_a_process_that_dies_says_so() -> None:
    with Worker(die, 30.0) as worker:
        assert worker.run().trouble == "the process died (exit code 3)"


def test_an_exception_becomes_one_line() -> None:
    with Worker(fail, 30.0) as worker:
        outcome = worker.run("two\nlines")
    assert outcome.value is None
    assert outcome.trouble == "RuntimeError in test_worker.py: two lines"


def test_peak_memory_is_that_of_the_call() -> None:
    with Worker(allocate, 30.0) as worker:
        large, small = worker.run(200), worker.run(1)
    if np.isnan(large.peak_mb):
        pytest.skip("the system does not tell")
    assert 150 < large.peak_mb < 300
    assert small.peak_mb < 100
