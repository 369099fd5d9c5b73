"""From a folder of results and a table of sessions to one row per recording and site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emgdetect.stats.comparing.levels import is_amount

if TYPE_CHECKING:
    import pandas as pd

PERSON = "participant_id"
SESSION = "session_id"
TIME = "acq_time"

NAMED = (PERSON, SESSION, "task")
"""Columns of the joint summary that BIDS names fill; what a table of sessions says goes before."""

RESERVED = ("person", "order", "n_above", "_days")
"""Columns that the comparison itself adds to the summary."""

NEEDED = (
    "one row per recording; a column `recording` with its name as in summary.tsv, or "
    "`participant_id` and, where there are several, `session_id`, if the files have BIDS names; "
    "the columns to compare by; optionally `acq_time`, such as 2024-05-31T09:30:00"
)
"""What a table of sessions must hold."""

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def read_tsv(path: Path) -> pd.DataFrame:
    """A BIDS-style table: tab-separated, ``n/a`` for missing.

    Where the first line holds no tab, semicolons or else commas part the columns: as a table of
    sessions has two or more, it is no other.

    Raises
    ------
    ValueError
        If the file cannot be read as a table.
    """
    import pandas as pd

    try:
        read = pd.read_csv(
            path, sep=_separator(path), na_values=["n/a", ""], keep_default_na=False,
            encoding="utf-8-sig",
            dtype={PERSON: str, SESSION: str, TIME: str, "recording": str},
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path.name} cannot be read as a tab-separated table: {error}") from error
    if not isinstance(read.index, pd.RangeIndex):  # pandas would take the first cells as names
        raise ValueError(f"{path.name} has rows with more cells than its first line")
    return read


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline()
    return next((mark for mark in "\t;," if mark in first), "\t")


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
        If a column is missing or has the name of one of the results, keys repeat, numbers have
        decimal commas, or no recording matches.
    """
    keys = _keys(summary, sessions, by)
    _refuse_taken(summary, by, keys)
    _refuse_decimal_commas(sessions, by)
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
        raise ValueError(_no_match(summary, sessions, keys))
    timed = joined["_days"].notna()
    if timed.all():
        joined["order"] = joined["_days"]
    person = joined[PERSON] if PERSON in joined.columns else None
    single = person is None or person.isna().all()
    joined["person"] = "" if single or person is None else person.fillna(joined["recording"])
    notes = _left_out(summary, joined, single=bool(single))
    notes += _with_suffix(summary, sessions, keys) + _named_otherwise(summary, joined, keys)
    notes += _mixed(joined, by)
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
        f"the table of sessions has {', '.join(map(str, sessions.columns))}; it needs {NEEDED}"
    )


def _refuse_taken(summary: pd.DataFrame, by: Sequence[str], keys: list[str]) -> None:
    """Refuse covariates that would take the place of what is compared."""
    own = {*summary.columns, *RESERVED} - {*NAMED, *keys}
    taken = [name for name in by if name in own]
    if taken:
        raise ValueError(
            f"{taken[0]!r} is the name of a column of the results, which that of the table of "
            "sessions would replace; name it otherwise there"
        )


def _refuse_decimal_commas(sessions: pd.DataFrame, by: Sequence[str]) -> None:
    """Refuse numbers that would be taken for words, and so for levels."""
    for name in by:
        cells = [str(value) for value in sessions[name].dropna()]
        commas = [cell for cell in cells if "," in cell]
        if commas and all(map(_NUMBER.fullmatch, cells)):
            raise ValueError(
                f"{name} holds numbers with a comma ({commas[0]}); write them with a point, "
                "and thousands without any mark"
            )


def _no_match(summary: pd.DataFrame, sessions: pd.DataFrame, keys: list[str]) -> str:
    """Why nothing could be joined: how either table names what it has."""
    one, other = (
        "/".join(map(str, table[keys].dropna(subset=keys[:1]).head(1).to_numpy().ravel()))
        for table in (sessions, summary)
    )
    hint = "".join(f". {note}" for note in _with_suffix(summary, sessions, keys)).rstrip(".")
    return (
        f"no recording of the summary matches the sessions by {' and '.join(keys)}: the table of "
        f"sessions names {one or 'none'}, the summary {other or 'none'}{hint}"
    )


def _with_suffix(summary: pd.DataFrame, sessions: pd.DataFrame, keys: list[str]) -> tuple[str, ...]:
    """Sessions that name a file where its recording is meant."""
    if keys != ["recording"]:
        return ()
    known = set(summary["recording"])
    files = [name for name in sessions["recording"] if name not in known]
    meant = [name for name in files if Path(name).stem in known]
    if not meant:
        return ()
    return (f"Recordings are named without the ending of their file: "
            f"{Path(meant[0]).stem}, not {meant[0]}.",)  # fmt: skip


def _named_otherwise(
    summary: pd.DataFrame, joined: pd.DataFrame, keys: list[str]
) -> tuple[str, ...]:
    """Where the table of sessions contradicts the names of the recordings."""
    own, said = (table.drop_duplicates("recording").set_index("recording").astype("object")
                 for table in (summary, joined))  # fmt: skip
    own, notes = own.reindex(said.index), []
    for name in NAMED:
        if name in keys or name not in own.columns or name not in said.columns:
            continue
        n = int((own[name].notna() & said[name].notna() & (own[name] != said[name])).sum())
        if n:
            notes.append(f"{n} recordings have another {name} in their names than in the table of "
                         "sessions, which holds.")  # fmt: skip
    return tuple(notes)


def _mixed(joined: pd.DataFrame, by: Sequence[str]) -> tuple[str, ...]:
    """Covariates with words among their numbers."""
    notes = []
    for name in by:
        cells = list(dict.fromkeys(str(value) for value in joined[name].dropna()))
        words = [cell for cell in cells if not _NUMBER.fullmatch(cell)]
        if 0 < len(words) < len(cells) and not is_amount(joined[name]):
            notes.append(f"{name} is compared by level, as {words[0]!r} is no number; a missing "
                         "value is written n/a.")  # fmt: skip
    return tuple(notes)


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
