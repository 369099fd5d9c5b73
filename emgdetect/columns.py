"""The columns of the tables: one place for names, order, units, meaning and the empty case.

`events.json` and the documentation are written from here, and every empty table has these columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = (
    "fasciculation", "train", "burst", "ecg", "crosstalk", "pop", "motion", "clipped", "hum",
)  # fmt: skip
"""What a potential can be judged to be; only the first is counted."""

REASONS = ("contraction", "tremor", "motion", "noise", "clipped", "flat", "gap", "missing")
"""Why a span of time may be excluded."""


@dataclass(frozen=True)
class Column:
    """Name, pandas dtype, unit (empty if none) and one-sentence description of a column."""

    name: str
    dtype: str
    unit: str
    description: str


EVENTS = (
    Column("onset", "float64", "s", "Start of the potential since the first sample of the recording, gaps included."),
    Column("duration", "float64", "s", "Time from the start to the end of the potential on its strongest channel."),
    Column("site", "object", "", "Muscle site."),
    Column("channel", "object", "", "Channel of the site on which the potential is strongest."),
    Column("verdict", "object", "", "What the potential was judged to be."),
    Column("peak_s", "float64", "s", "Time of the largest absolute deflection on `channel`."),
    Column("amplitude_uv", "float64", "uV", "Peak-to-peak amplitude on `channel`, mildly filtered; noise adds to it."),
    Column("amplitude_fit_uv", "float64", "uV", "Peak-to-peak amplitude of the unit's own waveform at the scale that fits best; free of the noise's share."),
    Column("snr", "float64", "", "Amplitude (`amplitude_uv`) over the local noise RMS."),
    Column("unit", "Int64", "", "Motor unit of the site, numbered from 1 by size of the group."),
    Column("score", "float64", "", "Matched-filter score in units of the local noise of the score."),
    Column("threshold", "float64", "", "Threshold the score had to reach, in the same units."),
    Column("noise_uv", "float64", "uV", "Local noise RMS on `channel` in the mild band."),
    Column("phases", "Int64", "", "Number of phases: baseline crossings beyond the noise, plus one."),
    Column("match", "float64", "", "Correlation with the average waveform of its unit."),
    Column("n_channels_seen", "Int64", "", "Number of the site's channels on which the potential stands out of the noise."),
    Column("interval_before_s", "float64", "s", "Time since the previous potential of the same unit (of the site where unassigned)."),
    Column("interval_after_s", "float64", "s", "Time until the next potential of the same unit (of the site where unassigned)."),
    Column("why", "object", "", "The judgement in a few words."),
)  # fmt: skip

EXCLUDED = (
    Column("onset", "float64", "s", "Start of the span since the first sample of the recording, gaps included."),
    Column("duration", "float64", "s", "Length of the span."),
    Column("site", "object", "", "Muscle site the span is excluded at."),
    Column("reason", "object", "", "Why the span is not analysed."),
)  # fmt: skip


def empty(columns: tuple[Column, ...]) -> pd.DataFrame:
    """A table of no rows with these columns and dtypes."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in columns})


def table(rows: list[dict[str, object]], columns: tuple[Column, ...]) -> pd.DataFrame:
    """A table of these rows (missing keys become missing values), columns in their fixed order.

    Raises
    ------
    ValueError
        If a row has a key that is no column.
    """
    import pandas as pd

    names = [c.name for c in columns]
    unknown = {key for row in rows for key in row} - set(names)
    if unknown:
        raise ValueError(f"no such columns: {sorted(unknown)}")
    if not rows:
        return empty(columns)
    return pd.DataFrame(rows, columns=names).astype({c.name: c.dtype for c in columns})
