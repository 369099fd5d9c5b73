"""Evidence of a heart in mild traces: beats that several places, or slow waves, agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.bodymap import limb_of
from emgdetect.signal import ecg
from emgdetect.signal.matched import local_maxima, strongest_apart
from emgdetect.signal.pacing import STEADY, in_rhythm, rhythm_of

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

INTERVAL_S = (0.35, 1.6)
"""Median intervals of a heart: 38-171/min (issue 3: 40-150/min)."""
LEAST_BEATS = 8
"""Beats of a piece below which nothing is said of a heart. Set by judgement; not measured."""
PRESENT = 0.8
"""Share of the expected beats that must be there all along, 80 %: regularity alone would be a slow
rhythmic unit as well (issue 3 asks for nearly all)."""
LEAST_QUARTER = 0.6
"""The same for each quarter of a piece: no unit that falls silent for a while is a heart. Set by
judgement; not measured."""
SHORT, SHORT_SHARE = 0.45, 0.15
"""Share of intervals that may be so much shorter than the median: atrial fibrillation (20-25 %
spread) has 0.1 %, extrasystoles come later. More means that other things were taken for beats."""
LONG, LONG_SHARE = 1.6, 0.12
"""Share of intervals that may be so much longer than the median: of 40 hearts of the tuning seeds
1120 to 1129 (heart, atrial_fibrillation, all_at_once, healthy) at most 0.097, where contractions
hide beats. A unit's trains and what lies between them, which the refractory time makes regular, had
0.15 to 0.18 in five recordings of tonic_trains and tremor."""
CLEAR, CLEAR_SECOND = 40.0, 25.0
"""Energy of the median beat in noise units at the clearest place and at a second one. Pieces of
noise chosen for being alike reached 20 in 17 recordings without a heart of the tuning seeds
1000-1001; beats of 3 x noise peak to peak have 40."""
EXPLAINED, EXPLAINED_SECOND = 0.4, 0.3
"""Its share of the single beats' energy; 0.25 at most in the same recordings without a heart."""
LEAST_LIKE = 0.5
"""Least likeness of anything to be a beat: on seeds 2-8 of a simulation with everything at once,
95 % of true beats had 0.54 or more, three quarters of what else was as large 0.67 or less and half
of it 0.49 or less."""
DISTANCE = {"trunk": 0, "arm": 1, "leg": 2}
"""Order of the parts of the body by how large beats are there (field.md: shoulder and trunk 10-30 x
noise, arms 2-12 x, legs hardly)."""
NEARER = 0.15
"""Share of the size in µV of beats at the only site that sees them, which another has to reach that
is as near to the heart or nearer, if there is any. Set by judgement; not measured. Without it
slow rhythmic units of one site were hearts of which its neighbours saw nothing: 284 potentials of
an independent simulator, 265 of our tuning seed 1131."""
SURELY_SLOW = 0.99
"""`ecg.slow_share` of what is a QRS even where only one site sees it, if it comes steadily: as all
of 300 simulated ones and the ECG of plux_bsnb have. Of 206 beats of an independent simulator that
only one arm saw, on drift and mains, 1 is counted instead of 101. Of four units on one leg that
fire 160 times a minute together, those apart had 0.997, and left no interval out."""
SEES = 0.05
"""Share of the single pieces' energy that the median one has to hold at a site that sees beats at
all. Noise around the same units' potentials had 0.005 to 0.011 at three other sites, one of them of
0.18 of their size in µV, and 130 of 500 potentials were a heart's; of fourteen hearts that one
place shows (two simulators), other sites as near have 0.3 or more."""
OFF = 0.02
"""Share of that size up to which a trace is off: of a beat of 40 µV, noise of 0.8 µV peak to peak.
Set by judgement; not measured."""
SCALE = 0.5
"""Least fit of the typical beat: half way from nothing to a beat."""
SURE = 3.5
"""The same in units of what noise makes of it, where that is more. Where noise grew so far that
half of a typical beat is less, beats are hidden, unless the usual noise is not far below."""
LOUD = 2.0
"""Noise, as a multiple of the usual one, from which weaker beats are hidden, too. Of ten recordings
of an independent simulator (all at once) a heart is found in 7, in 5 if beats are expected
everywhere; in 60 of the same without a heart none is. On our tuning seeds 1130 to 1132 that is 10
beats counted instead of 124."""
ROUNDS = 4
"""The typical beat is learned anew from the beats found: weak beats need some rounds. Set by
judgement; not measured."""


@dataclass(frozen=True)
class Lead:
    """A channel in which beats are sought, its site, and the part of the body that lies on."""

    channel: int
    site: str
    place: str


def typical_beats(bands: Floats, clarity: Floats, peaks: Ints, *, certain: bool) -> Floats | None:
    """Beats by the typical waves at the peaks, if they come as a heart's do where they can be seen.

    A heart's beats have one size, and stand out more or less as muscle is quiet or loud.

    Parameters
    ----------
    bands : ndarray, shape (n_leads, n_samples)
    clarity : ndarray, shape (n_leads, n_samples)
        See `ecg.beat_scale`.
    peaks : ndarray of int, shape (n_peaks,)
    certain : bool
        Whether all peaks are an ECG's: extrasystoles are beats, too, though unlike the typical one.
    """
    beats = peaks
    for _ in range(ROUNDS):
        if len(beats) < LEAST_BEATS:
            return None
        scale, energy = ecg.beat_scale(bands, beats, clarity)
        fits = local_maxima(scale, np.maximum(SCALE, SURE / np.sqrt(energy)))
        beats = fits[strongest_apart(fits, scale[fits], ecg.REFRACTORY_S * ecg.MILD_HZ)]
        beats = beats[_likeness(bands, beats) >= LEAST_LIKE]
    hidden = energy < min((SURE / SCALE) ** 2, float(np.median(energy)) / LOUD**2)
    series = [peaks, beats] if certain else [beats]
    if not any(all_along(*_seen(at, hidden), pauses=certain) for at in series):
        return None
    return ecg.between_samples(scale, _kept_in_rhythm(bands, scale, fits, beats))


def _kept_in_rhythm(bands: Floats, scale: Floats, fits: Ints, beats: Ints) -> Ints:
    """The beats, where they come regularly those of all that fits that keep their rhythm best.

    A larger potential within a quarter of a second of a beat would else stand for it.
    """
    if len(beats) < LEAST_BEATS or rhythm_of(beats / ecg.MILD_HZ)[1] > STEADY:
        return beats
    like = np.clip(_likeness(bands, fits) / LEAST_LIKE, 0.0, 1.0)
    chosen = in_rhythm(fits / ecg.MILD_HZ, np.minimum(scale[fits], 1.0) * like, beats / ecg.MILD_HZ)
    return np.asarray(fits[chosen])


def _seen(beats: Ints, hidden: Bools) -> tuple[Floats, float]:
    """Beats outside hidden time by a clock that stands still within it, and its seconds."""
    clock = np.concatenate([[0], np.cumsum(~hidden)]) / ecg.MILD_HZ
    return clock[beats[~hidden[beats]]], float(clock[-1])


def _likeness(bands: Floats, at: Ints) -> Floats:
    """Likeness of each beat to the typical one on all leads that see it clearly, together.

    What is large without being alike is a potential or a contraction.
    """
    reach = round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    product, energy, whole = np.zeros(len(at)), np.zeros(len(at)), 0.0
    for band in bands:
        pieces = ecg.around(band, at, reach)
        wave = np.median(pieces, axis=0) if len(at) else pieces.sum(axis=0)
        if wave @ wave >= CLEAR_SECOND:
            product += pieces @ wave
            energy += np.square(pieces).sum(axis=1)
            whole += float(wave @ wave)
    return np.asarray(product / np.sqrt(np.maximum(energy * whole, 1e-9)))


def believable(
    mild: Floats, bands: Floats, leads: list[Lead], beats: Floats, n_places: int, share: float
) -> bool:
    """Whether so many places see the beats clearly, and the clearest sees a slow wave.

    The median of pieces of noise that were chosen for being large has a wave of its own; so it has
    to hold a good part of the energy of the single pieces.
    """
    at, reach = np.rint(beats).astype(int), round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    clear: dict[str, float] = {}
    parts = np.zeros(len(leads))
    for i, (band, lead) in enumerate(zip(bands, leads, strict=True)):
        pieces = ecg.around(band, at, reach)
        energy = float(np.square(np.median(pieces, axis=0)).sum())
        parts[i] = part = energy / max(float(np.median(np.square(pieces).sum(axis=1))), 1e-9)
        if energy >= CLEAR_SECOND and part >= EXPLAINED_SECOND:
            enough = energy if part >= EXPLAINED else CLEAR_SECOND
            clear[lead.place] = max(clear.get(lead.place, 0.0), enough)
    if len(clear) < n_places or max(clear.values(), default=0.0) < CLEAR:
        return False
    sizes = [float(np.ptp(ecg.beat_wave(band, at, reach))) for band in bands]
    waves = [ecg.beat_wave(trace, at, reach) for trace in mild]
    clearest = int(np.argmax(sizes))
    slow = ecg.slow_share(waves[clearest])
    steady = rhythm_of(beats / ecg.MILD_HZ)[1] <= STEADY
    if n_places == 1 and not (steady and slow >= SURELY_SLOW):
        single = [float(np.median(np.ptp(ecg.around(t, at, reach), axis=1))) for t in mild]
        if not _near_enough(
            np.ptp(waves, axis=1) * (parts >= SEES), np.array(single), leads, clearest
        ):
            return False
    return slow >= share


def _near_enough(size_uv: Floats, single_uv: Floats, leads: list[Lead], clearest: int) -> bool:
    """Whether other sites as near to the heart as the clearest see beats of some size as well.

    Parameters
    ----------
    size_uv, single_uv : ndarray, shape (n_leads,)
        Peak to peak, of the median beat and of the trace at a usual one: a lead that shows less
        than noise there is off.
    leads : list of Lead
    clearest : int
    """
    own = DISTANCE.get(limb_of(leads[clearest].site))
    if own is None or leads[clearest].place == "ECG":
        return True
    others = [
        size for size, single, lead in zip(size_uv, single_uv, leads, strict=True)
        if lead.site != leads[clearest].site and DISTANCE.get(limb_of(lead.site), own + 1) <= own
        and single > OFF * size_uv[clearest]
    ]  # fmt: skip
    return not others or max(others) >= NEARER * size_uv[clearest]


def all_along(times_s: Floats, seconds: float, *, pauses: bool = False) -> bool:
    """Whether events come at heart-like intervals with nearly all expected ones present.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        In order.
    seconds : float
        Length of the time in which they were sought.
    pauses : bool
        Whether many intervals may be long: an extrasystole that is not seen leaves one.
    """
    if len(times_s) < LEAST_BEATS:
        return False
    intervals = np.diff(times_s)
    beat = float(np.median(intervals))
    if np.mean(intervals < SHORT * beat) > SHORT_SHARE:
        return False
    if not pauses and np.mean(intervals > LONG * beat) > LONG_SHARE:
        return False
    counts = np.histogram(times_s, np.linspace(0, seconds, 5))[0]
    return bool(INTERVAL_S[0] <= beat <= INTERVAL_S[1] and len(times_s) * beat >= PRESENT * seconds
                and counts.min() >= LEAST_QUARTER * seconds / 4 / beat)  # fmt: skip
