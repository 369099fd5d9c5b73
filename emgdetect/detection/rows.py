"""Tables of columns: dataclasses whose fields are arrays with one row per item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def chosen(rows: T, which: NDArray[np.bool_] | NDArray[np.int64]) -> T:
    """The chosen rows, by a mask or by their positions in the order wanted."""
    names = rows.__dataclass_fields__
    return type(rows)(**{name: getattr(rows, name)[which] for name in names})


def in_time(time_s: NDArray[np.floating[Any]], which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of the chosen rows, in order of time."""
    own = np.flatnonzero(which)
    return own[np.argsort(time_s[own], kind="stable")]


def stacked(parts: Sequence[T]) -> T:
    """Rows of several tables, one after the other; of one table at least."""
    names = parts[0].__dataclass_fields__
    return type(parts[0])(**{
        name: np.concatenate([getattr(part, name) for part in parts]) for name in names
    })  # fmt: skip
