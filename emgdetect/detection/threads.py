"""Work in threads whose results do not depend on how many there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")


def each(function: Callable[[T], R], items: Sequence[T], n_threads: int) -> list[R]:
    """Apply a function to items in threads; results in the order of the items."""
    if n_threads <= 1 or len(items) < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))


def plain_algebra() -> AbstractContextManager[object]:
    """Linear algebra in the calling thread alone, for as long as the context lasts.

    Products here are small: a library's own threads for each cost more than they bring, fight those
    of `each`, and round by their number.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def available_threads() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
