"""A run of a few detectors that keeps the rows of all others as the tables have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import Case
from benchmarks.cost import BUDGET_PHENOMENA, SIZES

PLACES = {
    "scores.csv": ["recording"],
    "amplitudes.csv": ["recording"],
    "budget.csv": ["phenomenon"],
    "timing.csv": ["minutes", "channels"],
}
"""The tables with rows by detector, and the columns that tell the recording."""

WORDS = ("version", "detector", "setting", "trouble")
"""Columns that are text even where all of them look like numbers or are empty."""

SLACK_S = 0.1
"""By how much a length may differ: tables have minutes to four places."""

WAY_OUT = "--keep needs the --seeds and --seconds, and the data, that the tables were made with"


class KeepError(ValueError):
    """The tables do not belong to the run that is asked for; says why in one sentence."""


@dataclass(frozen=True)
class Kept:
    """The tables of an earlier full run.

    Attributes
    ----------
    folder : Path
    tables : mapping by file name
    cases : sequence of Case
        The recordings that are asked for.
    order : sequence of str
        All detectors as the full run has them.
    measured : sequence of str
        Those that are measured now, whose rows are not kept.
    """

    folder: Path
    tables: dict[str, pd.DataFrame]
    cases: Sequence[Case]
    order: Sequence[str]
    measured: Sequence[str]

    @property
    def missing(self) -> list[str]:
        """Detectors of the full run that have no rows here and are not measured either."""
        there = {*self.tables["scores.csv"]["detector"], *self.measured}
        return [name for name in self.order if name not in there]

    def joined(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of what was measured and those kept of the others, in the order of the full run.

        Raises
        ------
        KeepError
            If a recording is another one than that of the same name in the tables.
        """
        others = self._others(name)
        if name == "scores.csv":
            self._same_truth(others, rows)
        parts = [part for part in (others, rows) if len(part)]
        if not parts:
            return rows
        whole = pd.concat(parts, ignore_index=True)
        places = {place: at for at, place in enumerate(_asked(name, self.cases))}
        names = dict.fromkeys([*self.order, *whole["detector"]])
        ranks = {detector: at for at, detector in enumerate(names)}
        by_place = [places[place] for place in _places(name, whole)]
        by_detector = whole["detector"].map(ranks).to_numpy()
        return whole.iloc[np.lexsort((by_detector, by_place))].reset_index(drop=True)

    def _others(self, name: str) -> pd.DataFrame:
        table = self.tables[name]
        return table[~table["detector"].isin(self.measured)]

    def _same_truth(self, others: pd.DataFrame, rows: pd.DataFrame) -> None:
        """What is owed is a matter of the recording, not of the detector."""
        owed = [_owed(part) for part in (others, rows)]
        pairs = owed[0].merge(owed[1], how="outer", on=["recording", "site", "tolerance_s"])
        if not len(others) or not len(rows) or (pairs["owed_x"] == pairs["owed_y"]).all():
            return
        other = pairs.loc[pairs["owed_x"] != pairs["owed_y"], "recording"].iloc[0]
        path = self.folder / "scores.csv"
        raise KeepError(f"{other} has other potentials than in {path}: {WAY_OUT}")


def kept(
    folder: Path, cases: Sequence[Case], order: Sequence[str], measured: Sequence[str]
) -> Kept:
    """The tables in a folder, if they are of the recordings asked for.

    Raises
    ------
    KeepError
        If there is none, or if it is of others.
    """
    tables = {}
    for name in PLACES:
        path = folder / name
        try:
            tables[name] = read(path)
        except OSError:
            why = f"{path} cannot be read: --keep needs the tables of a full run"
            raise KeepError(why) from None
        _check(path, tables[name], cases)
    return Kept(folder, tables, cases, order, measured)


def read(path: Path) -> pd.DataFrame:
    """A table as it was written: what is written of it again has the same bytes."""
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    return text.apply(lambda column: column if column.name in WORDS else _numbers(column))


def _numbers(text: pd.Series) -> pd.Series:
    """A column as numbers to the last bit, which not every pandas reads; or as it is."""
    try:
        whole = text.str.fullmatch(r"-?\d+").all()
        return text.astype(int) if whole else text.where(text != "", "nan").astype(float)
    except ValueError:
        return text


def _check(path: Path, table: pd.DataFrame, cases: Sequence[Case]) -> None:
    """Whether a table is of these recordings, by name and length."""
    asked, there = _asked(path.name, cases), set(_places(path.name, table))
    trouble = [f"{_label(place)} was not asked for" for place in there.difference(asked)]
    if path.name == "scores.csv":
        trouble += [f"{_label(place)} is not in it" for place in asked if place not in there]
        minutes = table.drop_duplicates("recording").set_index("recording")["recorded_minutes"]
        lengths = [(case, 60 * minutes.get(case.recording, np.nan)) for case in cases]
        trouble += [
            f"{case.recording} lasts {round(length_s, 1):g} s in it, not {case.length_s:g} s"
            for case, length_s in lengths
            if abs(length_s - case.length_s) > SLACK_S
        ]
    if trouble:
        first = min(trouble)
        raise KeepError(f"{path} is of other recordings than asked for ({first}): {WAY_OUT}")


def _asked(name: str, cases: Sequence[Case]) -> list[tuple[object, ...]]:
    """What tells the recordings of a table that is made now, in its order."""
    if name == "budget.csv":
        return [(phenomenon,) for phenomenon in BUDGET_PHENOMENA]
    if name == "timing.csv":
        return list(SIZES)
    return [(case.recording,) for case in cases]


def _places(name: str, table: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(table[PLACES[name]].itertuples(index=False, name=None))


def _label(place: tuple[object, ...]) -> str:
    return ", ".join(str(part) for part in place)


def _owed(rows: pd.DataFrame) -> pd.DataFrame:
    """Potentials owed in each recording, site and tolerance."""
    owed = rows.assign(owed=rows["matched"] + rows["missed"])
    by = ["recording", "site", "tolerance_s"]
    return owed[[*by, "owed"]].drop_duplicates()
