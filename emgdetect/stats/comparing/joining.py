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
TIME = "acq_time"


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
            dtype={PERSON: str, SESSION: str, TIME: str, "recording": str},
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path.name} cannot be read as a tab-separated table: {error}") from error


def join_sessions(
    summary: pd.DataFrame, sessions: pd.DataFrame, by: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The summary with the covariates of the sessions.

    Keys are `recording`, or `participant_id` and `session_id`, or `participant_id` alone where
    sessions are not told apart. A session that does not name its recording or participant belongs
    to none; one without a `session_id` belongs to the recordings of that participant without one.

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
        Rows of the summary that have a session, with `person`, `order` (by `acq_time` where all of
        them have one, otherwise as in `sessions`) and the covariates.
    notes : tuple of str
        What was left out or not used, one sentence each.

    Raises
    ------
    ValueError
        If a column is missing, keys repeat, or no recording matches.
    """
    keys = _keys(summary, sessions, by)
    n_rows, sessions = len(sessions), sessions.dropna(subset=keys[:1])
    _refuse_repeats(sessions, keys)
    wanted = dict.fromkeys([*keys, *(n for n in (PERSON,) if n in sessions.columns), *by])
    right = sessions[list(wanted)].assign(
        order=np.arange(len(sessions), dtype=float), _days=_days(sessions)
    )
    left = summary.drop(
        columns=[c for c in right.columns if c in summary.columns and c not in keys]
    )
    # pandas would join what has no key with what has none.
    joined = left.dropna(subset=keys[:1]).merge(right, on=keys, how="inner")
    if not len(joined):
        raise ValueError(
            f"no recording of the summary matches the sessions by {' and '.join(keys)}"
        )
    timed = joined["_days"].notna()
    if timed.all():
        joined["order"] = joined["_days"]
    person = joined[PERSON] if PERSON in joined.columns else None
    single = person is None or person.isna().all()
    joined["person"] = "" if single or person is None else person.fillna(joined["recording"])
    notes = _left_out(summary, joined, single=bool(single))
    if n_rows > len(sessions):
        notes += (f"{n_rows - len(sessions)} rows of the table of sessions have no {keys[0]}.",)
    if TIME in sessions.columns and not timed.all():
        n, n_all = joined.loc[~timed, "recording"].nunique(), joined["recording"].nunique()
        notes += (f"{n} of {n_all} recordings have no {TIME}, or none like 2024-05-31T09:30:00, so "
                  "the order in time is that of the table of sessions.",)  # fmt: skip
    return joined.drop(columns="_days"), notes


def _keys(summary: pd.DataFrame, sessions: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Columns to join by, once all that is needed is there; the first names whose it is."""
    missing = [name for name in by if name not in sessions.columns]
    if missing:
        raise ValueError(
            f"the table of sessions has no column {missing[0]!r}; "
            f"it has {', '.join(map(str, sessions.columns))}"
        )
    if "recording" in sessions.columns:
        return ["recording"]
    for keys in ([PERSON, SESSION], [PERSON]):
        if all(k in sessions.columns and k in summary.columns for k in keys):
            return keys
    raise ValueError(
        "the table of sessions needs a column `recording`, or `participant_id` and `session_id` "
        "where the recordings have BIDS names"
    )


def _refuse_repeats(sessions: pd.DataFrame, keys: list[str]) -> None:
    if sessions.duplicated(keys).any():
        double = sessions.loc[sessions.duplicated(keys), keys].iloc[0].tolist()
        raise ValueError(f"the table of sessions names {'/'.join(map(str, double))} twice")


def _days(sessions: pd.DataFrame) -> np.ndarray:
    """Days of each session since the first; NaN where no time is known."""
    import pandas as pd

    if TIME not in sessions.columns:
        return np.full(len(sessions), np.nan)
    # BIDS allows fractions of a second in some rows only; a guessed format takes but one.
    times = pd.to_datetime(sessions[TIME], format="ISO8601", errors="coerce", utc=True)
    return ((times - times.min()).dt.total_seconds() / 86_400).to_numpy(float)


def _left_out(summary: pd.DataFrame, joined: pd.DataFrame, *, single: bool) -> tuple[str, ...]:
    notes = []
    without = sorted(set(summary["recording"]) - set(joined["recording"]))
    if without:
        named = ", ".join(without[:3]) + (" …" if len(without) > 3 else "")
        notes.append(f"{len(without)} recordings are not in the table of sessions ({named}).")
    if single:
        notes.append("No participant_id is known, so all recordings are taken as one person's.")
    return tuple(notes)
