"""Tables of columns: dataclasses whose fields are arrays with one row per item, or such tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def chosen(rows: T, which: NDArray[np.bool_] | NDArray[np.int64]) -> T:
    """The chosen rows, by a mask or by their positions in the order wanted."""
    return _by_column(lambda column: column[which], rows)


def in_time(time_s: NDArray[np.floating[Any]], which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of the chosen rows, in order of time."""
    own = np.flatnonzero(which)
    return own[np.argsort(time_s[own], kind="stable")]


def replaced(rows: T, at: NDArray[np.int64], others: T) -> T:
    """The same with other rows at some positions."""

    def changed(column: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        out = column.copy()
        out[at] = other
        return out

    return _by_column(changed, rows, others)


def stacked(parts: Sequence[T]) -> T:
    """Rows of several tables, one after the other; of one table at least."""
    return _by_column(lambda *columns: np.concatenate(columns), *parts)


def _by_column(of: Callable[..., NDArray[Any]], *tables: T) -> T:
    """A table whose columns are made of the same ones of one or more tables."""
    made = {}
    for name in tables[0].__dataclass_fields__:
        columns = [getattr(table, name) for table in tables]
        nested = is_dataclass(columns[0])
        made[name] = _by_column(of, *columns) if nested else of(*columns)
    return type(tables[0])(**made)
