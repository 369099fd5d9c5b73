"""The tables of the truth: discharges and spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.columns import Column
from emgdetect.simulation.model import Discharges, Ints
from emgdetect.simulation.render import Drawn
from emgdetect.simulation.site import SitePart
from emgdetect.simulation.voluntary import Span

if TYPE_CHECKING:
    import pandas as pd


TRUTH = (
    Column("time_s", "float64", "s", "Time of the largest absolute deflection on `channel`."),
    Column("site", "object", "", "Muscle site."),
    Column("channel", "object", "", "Channel of the site on which the unit is strongest."),
    Column("unit", "Int64", "", "Unit of the site."),
    Column("amplitude_uv", "float64", "uV", "Peak-to-peak amplitude without noise on `channel`."),
    Column("amplitude_rel", "float64", "", "Amplitude over the local noise RMS."),
    Column("kind", "object", "", "Fasciculation, train, contraction, tremor or crosstalk."),
    Column("pattern", "object", "", "Firing pattern that made it."),
)  # fmt: skip
"""Columns of the truth; times and amplitudes in the 10–500 Hz band, zero phase."""


@dataclass(frozen=True)
class Echo:
    """Cross-talk heard at a site."""

    site: str
    found: Discharges
    drawn: Drawn
    signal_uv: NDArray[np.float32]


def channel_names(part: SitePart) -> list[str]:
    """Names of a site's channels as an EDF file would spell them."""
    n = len(part.noise_uv)
    return [f"EMG {part.name}"] if n == 1 else [f"EMG {part.name} {i + 1:02d}" for i in range(n)]


def truth_table(parts: list[SitePart], echoes: list[Echo], sampling_hz: float) -> pd.DataFrame:
    """All discharges of all sites by time of their peak; see `Simulated.truth`."""
    import pandas as pd

    by_name = {p.name: p for p in parts}
    tables = [_table(p, p.found, p.drawn, sampling_hz) for p in parts]
    tables += [_table(by_name[e.site], e.found, e.drawn, sampling_hz) for e in echoes]
    table = pd.concat(tables, ignore_index=True)
    end_s = parts[0].noise_uv.shape[1] / sampling_hz
    inside = (table["time_s"] >= 0) & (table["time_s"] < end_s)
    kept: pd.DataFrame = table[inside].sort_values("time_s", kind="stable", ignore_index=True)
    return kept


def _table(part: SitePart, found: Discharges, drawn: Drawn, sampling_hz: float) -> pd.DataFrame:
    import pandas as pd

    channels = _channels(part, found)
    last = part.noise_rms_uv.shape[1] - 1
    at = np.clip(np.rint(drawn.peak_s * sampling_hz), 0, last).astype(np.intp)
    names = np.array(channel_names(part), dtype=object)
    return pd.DataFrame({
        "time_s": drawn.peak_s,
        "site": np.full(len(found), part.name, dtype=object),
        "channel": names[channels],
        "unit": found.units,
        "amplitude_uv": drawn.height_uv,
        "amplitude_rel": drawn.height_uv / part.noise_rms_uv[channels, at],
        "kind": found.kinds,
        "pattern": found.patterns,
    })  # fmt: skip


def _channels(part: SitePart, found: Discharges) -> Ints:
    """Strongest channel of each discharge's unit; heard units have only one."""
    strongest = np.zeros(max([0, *found.units, *(u.number for u in part.units)]) + 1, dtype=np.intp)
    for unit in part.units:
        strongest[unit.number] = unit.channel
    return strongest[found.units]


def spans_table(parts: list[SitePart], lost: list[tuple[str, Span]]) -> pd.DataFrame:
    """True spans that are no rest and spans without signal; see `Simulated.spans`."""
    import pandas as pd

    rows = [(p.name, span) for p in parts for span in p.spans] + lost
    rows.sort(key=lambda row: row[1].start_s)
    return pd.DataFrame({
        "start_s": np.array([s.start_s for _, s in rows], dtype=np.float64),
        "stop_s": np.array([s.stop_s for _, s in rows], dtype=np.float64),
        "site": np.array([name for name, _ in rows], dtype=object),
        "kind": np.array([s.kind for _, s in rows], dtype=object),
        "unit": np.array([s.unit for _, s in rows], dtype=np.intp),
    })  # fmt: skip
