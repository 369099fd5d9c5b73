"""What a covariate is, and which of its levels the others are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def is_amount(values: pd.Series[Any]) -> bool:
    """Whether a covariate is a number, to be compared per unit; otherwise it has levels."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def chosen_levels(
    joined: pd.DataFrame, by: Sequence[str], reference: Mapping[str, str]
) -> dict[str, str]:
    """The level of reference of each column for which one was named.

    Parameters
    ----------
    joined : DataFrame
        With the columns of `by`.
    by : sequence of str
    reference : mapping of str to str
        Level by column.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If a column is not compared by, is a number, or has no such level.
    """
    for column, level in reference.items():
        if column not in by:
            raise ValueError(f"the reference names {column!r}, which is not compared by")
        if is_amount(joined[column]):
            raise ValueError(
                f"{column} is a number and compared per unit, so it has no level of reference"
            )
        levels = sorted(joined[column].dropna().astype(str).unique())
        if str(level) not in levels:
            raise ValueError(f"{column} has no level {str(level)!r}; it has {', '.join(levels)}")
    return {column: str(level) for column, level in reference.items()}


def parsed(given: Sequence[str]) -> dict[str, str]:
    """Levels of reference as the command line gives them: `COLUMN=LEVEL`.

    Raises
    ------
    ValueError
        If one is not written so, or a column has two.
    """
    pairs: dict[str, str] = {}
    for text in given:
        column, equals, level = text.partition("=")
        if not (column and equals and level):
            raise ValueError(f"a reference is written COLUMN=LEVEL, not {text!r}")
        if pairs.setdefault(column, level) != level:
            raise ValueError(f"the reference of {column} is named twice: {pairs[column]}, {level}")
    return pairs
