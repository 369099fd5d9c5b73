"""What a detector owes on a simulated recording, and how what it found is judged.

A true fasciculation potential is *owed* if its peak-to-peak amplitude is at least 5 × the local
noise RMS and it lies outside the true contraction, tremor and train spans of its site, whether the
detector excluded its time or not. All other fasciculations are *free*: finding them is neither
rewarded nor punished. These are smaller ones, those inside such spans, those of a train's own unit
within 1 s of its train, six or more of one unit less than 60 ms apart (a burst by the definition of
the verdicts), and those whose samples the converter lost. Whatever a detector reports as
a fasciculation and that matches neither an owed nor a free potential is *extra*: heart beats,
cross-talk, artefacts, noise, and every discharge of a train, tremor or contraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emgdetect.detection.trains import in_burst
from emgdetect.scoring import score
from emgdetect.simulation import Simulated

TOLERANCE_S = 0.015
OWED_REL = 5.0
NO_REST = ("contraction", "tremor", "train")
LOST = ("clipped", "dropped", "held")
LOST_MARGIN_S = 0.01
TRAIN_MARGIN_S = 1.0
BESIDE_S = 0.06

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """How the events found at one site agree with its truth.

    Attributes
    ----------
    owed, free : DataFrame
        Rows of the truth, see the module.
    missed : DataFrame
        Rows of `owed` that were not found.
    extra_s : ndarray
        Times that are neither owed nor free.
    errors_s : ndarray
        Found minus true time of the matched ones.
    matched : DataFrame
        Rows of `owed` that were found.
    free_found : int
        Free potentials that were found.
    """

    owed: pd.DataFrame
    free: pd.DataFrame
    matched: pd.DataFrame
    missed: pd.DataFrame
    extra_s: Floats
    errors_s: Floats
    free_found: int


def inside(times_s: Floats, spans: pd.DataFrame, *, margin_s: float = 0.0) -> NDArray[np.bool_]:
    """Which times lie in any of the spans, widened by a margin."""
    hit = np.zeros(len(times_s), dtype=bool)
    for start, stop in zip(spans["start_s"], spans["stop_s"], strict=True):
        hit |= (times_s >= start - margin_s) & (times_s <= stop + margin_s)
    return hit


def owed_and_free(simulated: Simulated, site: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fasciculations of a site that a detector owes, and those that do not count."""
    rows = simulated.fasciculations
    rows = rows[rows["site"] == site]
    spans = simulated.spans[simulated.spans["site"] == site]
    times = rows["time_s"].to_numpy()
    free = (rows["amplitude_rel"] < OWED_REL).to_numpy(copy=True)
    free |= inside(times, spans[spans["kind"].isin(NO_REST)])
    free |= inside(times, spans[spans["kind"].isin(LOST)], margin_s=LOST_MARGIN_S)
    for unit, own in spans[spans["kind"] == "train"].groupby("unit"):
        same = (rows["unit"] == unit).to_numpy()
        free |= same & inside(times, own, margin_s=TRAIN_MARGIN_S)
    for own_rows in rows.groupby("unit").indices.values():
        by_time = own_rows[np.argsort(times[own_rows], kind="stable")]
        free[by_time] |= in_burst(times[by_time])
    return rows[~free], rows[free]


def judge(simulated: Simulated, site: str, found_s: Floats) -> Verdict:
    """Judge the times reported as fasciculations of one site."""
    owed, free = owed_and_free(simulated, site)
    first = score(owed["time_s"], found_s, tolerance_s=TOLERANCE_S)
    rest_s = np.asarray(found_s, dtype=np.float64)[first.extra_at]
    second = score(free["time_s"], rest_s, tolerance_s=TOLERANCE_S)
    return Verdict(
        owed,
        free,
        owed.iloc[np.sort(first.pairs[:, 0])],
        owed.iloc[first.missed_at],
        rest_s[second.extra_at],
        first.errors_s,
        second.matched,
    )


def cause(simulated: Simulated, site: str, time_s: float) -> str:
    """What an extra event most probably is, in a few words."""
    truth = simulated.truth
    near = truth[(truth["site"] == site) & ((truth["time_s"] - time_s).abs() <= TOLERANCE_S)]
    for kind in ("train", "contraction", "tremor", "crosstalk", "fasciculation"):
        if (near["kind"] == kind).any():
            return kind if kind != "fasciculation" else "second report"
    others = truth[(truth["site"] == site) & (truth["kind"] == "fasciculation")]
    if len(others) and (others["time_s"] - time_s).abs().min() <= BESIDE_S:
        return "beside a potential"
    spans = simulated.spans[simulated.spans["site"] == site]
    for row in spans.itertuples():
        if row.start_s - 0.1 <= time_s <= row.stop_s + 0.1:
            return f"in or beside {row.kind}"
    beats = simulated.beats_s
    if len(beats) and np.abs(beats - time_s).min() <= 0.08:
        return "heart beat"
    return _disturbed(simulated, site, time_s)


def _disturbed(simulated: Simulated, site: str, time_s: float) -> str:
    """Whether movement is large around this time (after the mains, which are everywhere)."""
    rows = [i for i, c in enumerate(simulated.recording.channels) if c.site == site]
    fs = simulated.scenario.sampling_hz
    near = slice(max(0, int((time_s - 0.05) * fs)), int((time_s + 0.05) * fs))
    if simulated.scenario.movement is None:
        return "noise"
    excursion = np.ptp(simulated.disturbance_uv[rows, near], axis=-1)
    noise = simulated.noise_rms_uv[rows, near].mean(axis=-1)
    return "movement" if (excursion > 6 * noise).any() else "noise"
