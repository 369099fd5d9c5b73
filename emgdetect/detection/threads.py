"""Work in threads whose results do not depend on how many there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")


def each(function: Callable[[T], R], items: Sequence[T], n_threads: int) -> list[R]:
    """Apply a function to items in threads; results in the order of the items."""
    if n_threads <= 1 or len(items) < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))


class _Plain:
    """Who asks for plain algebra now: the first one sets the limit, the last one lifts it.

    The limit is the process's. Were it set by each, one that began within another and outlasted it
    would keep the other's limit for good.
    """

    lock = Lock()
    n_inside = 0
    limits: Any = None


@contextmanager
def plain_algebra() -> Iterator[None]:
    """Linear algebra in the calling thread alone, for as long as the context lasts.

    Products here are small: a library's own threads for each cost more than they bring, fight those
    of `each`, and round by their number. Contexts may overlap, as of detections in several threads.
    """
    with _Plain.lock:
        if not _Plain.n_inside:
            _Plain.limits = threadpool_limits(limits=1, user_api="blas")
        _Plain.n_inside += 1
    try:
        yield
    finally:
        with _Plain.lock:
            _Plain.n_inside -= 1
            if not _Plain.n_inside:
                _Plain.limits.restore_original_limits()


def available_threads() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
