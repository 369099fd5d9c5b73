"""From a folder of results and a table of sessions to one row per recording and site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

PERSON = "participant_id"
SESSION = "session_id"


def read_tsv(path: Path) -> pd.DataFrame:
    """A BIDS-style table: tab-separated, ``n/a`` for missing.

    Raises
    ------
    ValueError
        If the file cannot be read as a table.
    """
    import pandas as pd

    try:
        return pd.read_csv(
            path, sep="\t", na_values=["n/a", ""], keep_default_na=False, encoding="utf-8-sig",
            dtype={PERSON: str, SESSION: str, "recording": str},
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path.name} cannot be read as a tab-separated table: {error}") from error


def join_sessions(
    summary: pd.DataFrame, sessions: pd.DataFrame, by: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The summary with the covariates of the sessions.

    Keys are `recording`, or `participant_id` and `session_id`, or `participant_id` alone where
    sessions are not told apart.

    Parameters
    ----------
    summary : DataFrame
        The joint summary of a folder.
    sessions : DataFrame
        One row per session, with the columns of `by`.
    by : sequence of str

    Returns
    -------
    table : DataFrame
        Rows of the summary that have a session, with `person`, `order` (by `acq_time` where it is
        given, otherwise as in `sessions`) and the covariates.
    notes : tuple of str
        What was left out, one sentence each.

    Raises
    ------
    ValueError
        If a column is missing, keys repeat, or no recording matches.
    """
    keys = _checked_keys(summary, sessions, by)
    wanted = dict.fromkeys([*keys, *(n for n in (PERSON,) if n in sessions.columns), *by])
    right = sessions[list(wanted)].assign(order=_order(sessions))
    left = summary.drop(
        columns=[c for c in right.columns if c in summary.columns and c not in keys]
    )
    joined = left.merge(right, on=keys, how="inner")
    if not len(joined):
        raise ValueError(
            f"no recording of the summary matches the sessions by {' and '.join(keys)}"
        )
    person = joined[PERSON] if PERSON in joined.columns else None
    single = person is None or person.isna().all()
    joined["person"] = "" if single or person is None else person.fillna(joined["recording"])
    return joined, _left_out(summary, joined, single=bool(single))


def _checked_keys(summary: pd.DataFrame, sessions: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Columns to join by, once all that is needed is there and no session stands twice."""
    missing = [name for name in by if name not in sessions.columns]
    if missing:
        raise ValueError(
            f"the table of sessions has no column {missing[0]!r}; "
            f"it has {', '.join(map(str, sessions.columns))}"
        )
    keys = _keys(summary, sessions)
    if sessions.duplicated(keys).any():
        double = sessions.loc[sessions.duplicated(keys), keys].iloc[0].tolist()
        raise ValueError(f"the table of sessions names {'/'.join(map(str, double))} twice")
    return keys


def _keys(summary: pd.DataFrame, sessions: pd.DataFrame) -> list[str]:
    if "recording" in sessions.columns:
        return ["recording"]
    for keys in ([PERSON, SESSION], [PERSON]):
        if all(k in sessions.columns and k in summary.columns for k in keys):
            return keys
    raise ValueError(
        "the table of sessions needs a column `recording`, or `participant_id` and `session_id` "
        "where the recordings have BIDS names"
    )


def _order(sessions: pd.DataFrame) -> np.ndarray:
    import pandas as pd

    if "acq_time" in sessions.columns:
        times = pd.to_datetime(sessions["acq_time"], errors="coerce")
        if times.notna().all():
            days = (times - times.min()).dt.total_seconds() / 86_400
            return days.to_numpy(float)
    return np.arange(len(sessions), dtype=float)


def _left_out(summary: pd.DataFrame, joined: pd.DataFrame, *, single: bool) -> tuple[str, ...]:
    notes = []
    without = sorted(set(summary["recording"]) - set(joined["recording"]))
    if without:
        named = ", ".join(without[:3]) + (" …" if len(without) > 3 else "")
        notes.append(f"{len(without)} recordings are not in the table of sessions ({named}).")
    if single:
        notes.append("No participant_id is known, so all recordings are taken as one person's.")
    return tuple(notes)
