"""Ctrl-C and the signals of a cluster's scheduler, as requests to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from emgdetect.batch.options import Stop
from emgdetect.batch.progress import say


@contextmanager
def stoppable() -> Iterator[Stop]:
    """While the block runs, Ctrl-C once asks to finish what is running, twice to stop at once.

    A request to terminate (SIGTERM) stops at once.
    """
    stop = Stop()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stop.asked += 1
        if stop.asked == 1:
            say("Finishing what is running; once more to stop at once.")

    def terminated(_number: int, _frame: FrameType | None) -> None:
        stop.asked = max(2, stop.asked)

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, interrupted),
        signal.SIGTERM: signal.signal(signal.SIGTERM, terminated),
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
