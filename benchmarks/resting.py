"""The detector at real rest: what it counts there, and recall of potentials added to it.

The counts are counts, not errors, since nobody can say what those stretches contain. Recall is
that of simulated potentials of 6–20 × the noise RMS of their stretch (`benchmarks/stretches.py`),
in each channel of each recording. Four numbers say what it means:

- *added*: all that were added, as drawn. Until November 2026 this alone was printed, of 60
  potentials: by chance a channel of 0.88 then showed less than 0.85 with a probability of 0.18.
  Of the 150 there are now it does with 0.13.
- *owed*: those at least 6 × the noise RMS of the half second around them high (as far as it is
  quiet). A unit's amplitude varies by a tenth, and stretches grow towards the contractions beside
  them: 2 to 9 % of the added potentials are less than 6 ×. The bar holds for these: recall
  is 0.00 to 0.06 more by it.
- *at rest*: those of them in a quarter second of less than 1.5 × the recording's lowest RMS of
  1.5 s. A recording that rests for less than a tenth of its time has its tenth percentile in
  activity, and what is less than twice that is a contraction or a tonic muscle in part.
- *ceiling*: of those owed, what a whitened matched filter finds that knows the waveforms of the
  stretch's units, its own noise spectrum and the moving level of its noise without the potentials,
  at a false-alarm budget of 0.2 per minute in Gaussian noise. It knows neither trains nor
  contractions, so it loses nothing to them; real noise has heavier tails, so its budget is worth
  more than the detector's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import welch

import emgdetect as emg
from benchmarks.stretches import Added, Floats, Real, Spans, added, quiet_spans, searched
from emgdetect.simulation import Unit

Rows = list[dict[str, object]]

RECALL_BAR = 0.85
TOLERANCE_S = 0.015
LEAST_ADDED, MOST_SEEDS = 150, 150
CROSSINGS_HZ = 100.0
"""Independent chances a second of a waveform's score, as `detection.first_pass.thresholds` has
it."""
LEVEL_S = 0.5
"""Seconds in which the ceiling knows the level of the noise."""
BAND_HZ = (10.0, 450.0)
PIECE = 256
"""Samples of a piece from which the ceiling knows the noise spectrum."""
FLOOR = 0.02
"""Noise amplitude is not taken for smaller than this share of its largest value."""


@dataclass(frozen=True)
class Fate:
    """What became of added potentials, each of shape (n,)."""

    counted: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    owed: NDArray[np.bool_]
    resting: NDArray[np.bool_]
    ceiling: NDArray[np.bool_]


def bar(value: float, least: float) -> str:
    """A bar, and whether it is reached."""
    return f"(bar {least:.2f} {'ok' if value >= least else 'NOT REACHED'})"


def at_rest(real: Real, config: emg.Config) -> Rows:
    """Counts in the quiet stretches of one channel, and recall of potentials added to them."""
    spans = quiet_spans(real)
    if not spans:
        return []
    seconds = sum(b - a for a, b in spans)
    found = emg.detect(real.recording(), config)
    counted = found.fasciculations["peak_s"].to_numpy(dtype=float)
    count = int(sum(((counted >= a) & (counted < b)).sum() for a, b in spans))
    fate = fates(real, spans, found.events["peak_s"].to_numpy(float), config)
    calm = fate.owed & fate.resting
    recall = _share(fate.counted, fate.owed)
    print(
        f"rest {real.name:24s} {seconds:5.1f} s quiet  {count:3d} counted "
        f"({60 * count / seconds:5.1f}/min)  recall of {len(fate.owed)} added "
        f"{fate.counted.mean():.3f}, of {fate.owed.sum()} owed {recall:.3f} "
        f"{bar(recall, RECALL_BAR)}, of any verdict {_share(fate.seen, fate.owed):.3f}, "
        f"of {calm.sum()} at rest {_share(fate.counted, calm):.3f}; "
        f"ceiling {_share(fate.ceiling, fate.owed):.3f}",
        flush=True,
    )
    common = {"version": emg.__version__, "set": "real", "recording": real.name,
              "tolerance_s": TOLERANCE_S, "minutes": seconds / 60}  # fmt: skip
    own = common | {"detector": "emgdetect"}
    every = np.ones(len(fate.owed), dtype=bool)
    rows = [
        own | {"phenomenon": f"real_rest_{name}"} | _counts(fate.counted[of], fate.seen[of])
        for name, of in (("recall", every), ("owed", fate.owed), ("resting", calm))
    ]
    best = fate.ceiling[fate.owed]
    return [
        own | {"phenomenon": "real_rest_count", "count": count},
        *rows,
        common | {"detector": "ceiling", "phenomenon": "real_rest_owed"} | _counts(best, best),
    ]


def _share(which: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    """Share of some potentials; NaN of none."""
    return float(which[of].mean()) if of.any() else float("nan")


def _counts(counted: NDArray[np.bool_], seen: NDArray[np.bool_]) -> dict[str, object]:
    return {"matched": int(counted.sum()), "missed": int((~counted).sum()), "seen": int(seen.sum())}


def fates(real: Real, spans: Spans, occupied_s: Floats, config: emg.Config) -> Fate:
    """Add at least 150 potentials to a channel, some at a time, and look for them."""
    parts: list[Fate] = []
    for seed in range(MOST_SEEDS):
        if sum(len(part.owed) for part in parts) >= LEAST_ADDED:
            break
        test = added(real, spans, occupied_s, np.random.default_rng([seed, 77]))
        found = emg.detect(real.recording(test.signal_uv), config)
        parts.append(Fate(
            _near(test.peak_s, found.fasciculations["peak_s"].to_numpy(float)),
            _near(test.peak_s, found.events["peak_s"].to_numpy(float)),
            test.owed, test.resting, by_ceiling(real, spans, test, config.false_alarms_per_min),
        ))  # fmt: skip
    names = ("counted", "seen", "owed", "resting", "ceiling")
    return Fate(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _near(times_s: Floats, events_s: Floats) -> NDArray[np.bool_]:
    """Which times have an event within 15 ms; they lie farther from each other than that."""
    away = np.abs(times_s[:, None] - events_s[None, :])
    return np.asarray(away.min(axis=1, initial=np.inf) <= TOLERANCE_S)


def by_ceiling(real: Real, spans: Spans, test: Added, per_min: float) -> NDArray[np.bool_]:
    """Which added potentials a matched filter finds that knows their units and their noise.

    Parameters
    ----------
    real : Real
    spans : list of (float, float)
        Quiet stretches in seconds.
    test : Added
    per_min : float
        False alarms allowed per minute, of all units of a stretch together.

    Returns
    -------
    ndarray of bool, shape (n_added,)
    """
    hz = real.sampling_hz
    noise = searched(real.signal_uv, hz, low_hz=BAND_HZ[0])
    both = noise + np.nan_to_num(test.signal_uv - real.signal_uv)
    found = np.zeros(len(test.peak_s), dtype=bool)
    for (start, stop), units in zip(spans, test.units, strict=True):
        own = (test.peak_s >= start) & (test.peak_s < stop)
        if not own.any():
            continue
        level = np.sqrt(2 * np.log(60 * CROSSINGS_HZ * len(units) / per_min))
        # Half a second on either side, so that a waveform is whole.
        first, last = max(0, round((start - LEVEL_S) * hz)), round((stop + LEVEL_S) * hz)
        quiet = noise[round(start * hz) : round(stop * hz)]
        score = _score(both[first:last], noise[first:last], quiet, units, hz)
        found[own] = _near(test.peak_s[own], (first + np.flatnonzero(score >= level)) / hz)
    return found


def _score(signal: Floats, noise: Floats, quiet: Floats, units: tuple[Unit, ...], hz: float
           ) -> Floats:  # fmt: skip
    """Largest matched score of all units at each sample, in units of the noise around it."""
    n = len(signal)
    known_hz, power = welch(quiet, hz, nperseg=min(PIECE, len(quiet)))
    freqs, amplitude = np.fft.rfftfreq(n, 1 / hz), np.sqrt(power)
    high = min(BAND_HZ[1], 0.45 * hz)
    gain = (freqs >= BAND_HZ[0]) & (freqs <= high)
    gain = gain / np.maximum(np.interp(freqs, known_hz, amplitude), FLOOR * amplitude.max())
    white = np.fft.rfft(signal) * gain
    square = np.fft.irfft(np.fft.rfft(noise) * gain, n) ** 2
    # A filter of unit energy within the band passes the noise of the band alone.
    share = (high - BAND_HZ[0]) / (hz / 2)
    level = np.sqrt(uniform_filter1d(square, round(LEVEL_S * hz), mode="nearest") / share)
    best = np.zeros(n)
    for unit in units:
        factor = round(unit.fine_hz / hz)
        for phase in range(0, factor, max(1, factor // 4)):
            wave = unit.average_uv[unit.channel, phase::factor]
            matched = np.fft.rfft(wave, n) * gain
            norm = np.linalg.norm(np.fft.irfft(matched, n))
            score = np.fft.irfft(white * np.conj(matched), n) / norm
            best = np.maximum(best, np.roll(score, round(unit.centre / factor)))
    return np.asarray(best / level)
