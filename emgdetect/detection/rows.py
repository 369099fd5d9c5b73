"""Tables of columns: dataclasses whose fields are arrays with one row per item, or such tables.

And what is asked of such columns: rows in order of time, shares of units.
"""

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


def unit_shares(
    template: NDArray[np.int64], which: NDArray[np.bool_], among: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Share of each potential's unit that is chosen.

    Parameters
    ----------
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    which : ndarray of bool, shape (n_found,)
    among : ndarray of bool, shape (n_found,), optional
        Potentials that are asked; all without.

    Returns
    -------
    ndarray, shape (n_found,)
        NaN where no unit is known, or none of it is asked.
    """
    unit = np.maximum(template + 1, 0)
    asked = np.ones(len(unit), dtype=bool) if among is None else among
    every, part = (np.bincount(unit, rows, minlength=1) for rows in (asked, asked & which))
    every[0] = 0
    share = np.divide(part, every, out=np.full(len(every), np.nan), where=every > 0)
    return np.asarray(share[unit])


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
