"""One reader of the recording at a time, and whoever a person waits for goes first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock with two doors.

    A plain lock is not fair: a thread that reads chunk after chunk takes it again before one that
    waits has woken up, and the page stands still meanwhile.
    """

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken = False
        self._n_urgent = 0

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """A turn for what a person waits for: the next one."""
        with self._free:
            self._n_urgent += 1
            try:
                self._free.wait_for(lambda: not self._taken)
                self._taken = True
            finally:
                self._n_urgent -= 1
        yield from self._turn()

    @contextmanager
    def patient(self) -> Iterator[None]:
        """A turn for what is read ahead: when nobody waits."""
        with self._free:
            self._free.wait_for(lambda: not self._taken and not self._n_urgent)
            self._taken = True
        yield from self._turn()

    def _turn(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()
