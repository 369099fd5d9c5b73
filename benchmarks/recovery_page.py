"""The page of `benchmarks.recovery`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.coverage_page import table
from emgdetect.injection.parts import MOST_S, SHARE

N_REFERENCE = 8
"""Further runs of injections that tell the 90 % point that each run is judged by: with eight times
as many injections its own uncertainty widens a fair interval by no more than 6 %."""
SNR, WEAK_SNR = (4.0, 16.0), (3.0, 8.0)
"""Median amplitudes of the units over the noise: of most recordings, and mostly weak ones."""


@dataclass(frozen=True)
class Studies:
    """What the page shows.

    Attributes
    ----------
    call : str
        The command.
    minutes : float
        Processor time of the study of the detector.
    n_repeats : int
        Of the studies of drawn outcomes.
    curves, drawn_rates, points, rates, weak, cost : DataFrame
    """

    call: str
    minutes: float
    n_repeats: int
    curves: pd.DataFrame
    drawn_rates: pd.DataFrame
    points: pd.DataFrame
    rates: pd.DataFrame
    weak: pd.DataFrame
    cost: pd.DataFrame


def report(studies: Studies) -> str:
    """The studies as Markdown."""
    parts = [
        f"# Injection and recovery\n\n`{studies.call}`; the study of the detector took "
        f"{studies.minutes:.0f} minutes of processor time.",
        f"## Outcomes drawn from known curves, {studies.n_repeats} repeats",
        "Of a quarter of the injections the template is known, which moves the middle of the curve "
        "down by 0, 14 or 26 %; 21 injections are those of a site of 3 minutes.",
        table(studies.curves),
        f"## Corrected rate, {studies.n_repeats} repeats",
        "40 potentials/min of log-normal amplitude (sigma 0.4), 50 % point at 12 µV without a "
        "template and by 0, 14 or 26 % lower with one, which 90 % of them have; 0.5 false ones a "
        "minute; errors are relative to the rate of potentials of at least the estimated 50 % "
        "point.",
        table(studies.drawn_rates),
        "## The detector on simulated recordings",
        _points_in_words(studies.points),
        table(studies.points),
        "Corrected rates against the truth of the simulation (potentials of at least `above_uv`, "
        "found: of those found the ones that measure so much):",
        _rates_in_words(studies.rates),
        table(studies.rates),
        "## Recordings of weak potentials",
        f"Units of {WEAK_SNR[0]:g} to {WEAK_SNR[1]:g} times the noise instead of {SNR[0]:g} to "
        f"{SNR[1]:g}, twice as many recordings. {_rates_in_words(studies.weak)}",
        table(studies.weak),
        "## What it costs",
        f"Processor time in one thread; potentials are injected and looked for in {SHARE:.0%} of "
        f"a recording, at most {MOST_S / 60:.0f} min of it, half of that in either look.",
        table(studies.cost),
    ]
    return "\n\n".join(parts) + "\n"


def _points_in_words(points: pd.DataFrame) -> str:
    reached = np.isfinite(points["reference_uv"].astype(float))
    error = points.loc[reached, "error"].abs()
    return (
        f"Each run of injections against {N_REFERENCE} others together on the same recording. Of "
        f"the {np.sum(reached)} runs whose reference reaches 90 %, {np.sum(error < 0.15)} lie "
        f"within 15 % of its 90 % point (median absolute error {np.median(error):.3f}); of all "
        f"{len(points)}, {np.sum(points['covers'])} intervals hold it (an infinite one where the "
        "plateau lies below 90 %)."
    )


def _rates_in_words(rates: pd.DataFrame) -> str:
    corrected, raw = (_error(rates, f"{name}_per_min") for name in ("corrected", "found"))
    means = [error.groupby(rates["seed"]).mean().abs() for error in (corrected, raw)]
    return (
        f"{np.sum(rates['covers'])} of {len(rates)} intervals of the corrected rate hold the true "
        f"rate; {_errors(corrected, rates['seed'])}; not corrected {_errors(raw, rates['seed'])}. "
        f"The corrected rate lies nearer to the truth in {np.sum(means[0] < means[1])} of "
        f"{len(means[0])} recordings."
    )


def _error(rates: pd.DataFrame, column: str) -> pd.Series:
    """Error of a rate, relative to the true rate of potentials of that size."""
    error: pd.Series = (rates[column] / rates["true_per_min"] - 1).astype(float)
    return error


def _errors(error: pd.Series, seeds: pd.Series) -> str:
    """Errors in words; the runs of one recording count as one in the standard error."""
    means, rms = error.groupby(seeds).mean(), float(np.sqrt(np.mean(error**2)))
    spread = float(means.std() / np.sqrt(len(means)))
    return f"mean error {np.mean(error):+.3f} (standard error {spread:.3f}), RMS {rms:.3f}"
