"""A batch at work that a test can end, and waiting for what it does."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from batch_helpers import (
    STAND_IN,
    command,
)  # fmt: skip


@contextmanager
def running(*arguments: object, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`emgdetect` at work, ended at the end of the block."""
    process = subprocess.Popen(
        command(*arguments), cwd=STAND_IN, env={**os.environ, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition: object, *, timeout_s: float = 60.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)
