"""The heart: beats are found by an ECG channel, by several sites, or by a QRS-like width.

Regularity alone is no evidence: it would delete a slow rhythmic fasciculating unit (field.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.bodymap import limb_of, side_of
from emgdetect.detection.cardiac.beats import shows_heart
from emgdetect.detection.cardiac.evidence import INTERVAL_S, LEAST_BEATS, PRESENT
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.recording import Recording
from emgdetect.signal.ecg import r_waves
from emgdetect.signal.matched import strongest_apart
from emgdetect.signal.spans import elapsed, nearest, total
from emgdetect.signal.waveform import half_width

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

SHORTEST_S = 0.28
"""Shortest interval of two beats: 214/min."""
QRS_WIDTH_S = 0.009
"""Half-width of a QRS on the mild trace; of 750 simulated potentials of five models 99 % have
6.7 ms or less, of 300 simulated QRS and extrasystoles 99 % have 12 ms or more."""
WITHIN_S = 0.050
"""Half of a QRS (issue 3 speaks of potentials within 50 ms of a beat)."""
SHARE = 0.6
"""Share of a unit's discharges near beats that makes it what is left of beats; by chance a fifth at
120 beats a minute. Set by judgement; not measured."""
LEAST_MET = 4
"""Beats such a unit meets: three were met by chance on tuning seed 1001 (all at once)."""
SAME_S = 0.040
"""Spread of the lag between two sites' beats: their peaks may be different waves of the QRS. Set by
judgement; not measured."""
READ_S = 60.0
"""Length of the blocks in which an ECG channel is read. Set by judgement; not measured."""
THINNED_S = 0.2
"""Distance of a beat from its own P wave at most."""
LOCKED_S = 0.025
"""Spread of the lag of P and T waves from the R wave. Set by judgement; not measured."""
LOCKED_SHARE = 0.8
"""Share of a unit's discharges at its own lag; by chance a tenth at 120 beats a minute. Set by
judgement; not measured."""
ELSEWHERE = 2 / 3
"""Share of a unit's discharges away from all waves of the heart that makes it no part of one; by
chance 0.9 at 120 beats a minute, and at most 0.2 of a locked unit's. Set by judgement; not
measured."""
LOCKED_LEAST = 4
"""Discharges from which a unit's lag can be told. Set by judgement; not measured."""


def judge_heart(signals: list[SiteSignal], judged: list[Judged], known_s: Floats) -> list[Judged]:
    """Mark heart beats at all sites: those known from the signal, else those potentials show."""
    judged = [
        own.revised(signal.beat, "ecg", "a heart beat")
        for signal, own in zip(signals, judged, strict=True)
    ]
    beats = known_s if len(known_s) else find_beats(signals, judged)
    if len(beats) < LEAST_BEATS:
        return judged
    return [
        own.revised(is_beat(signal, own, beats), "ecg", "a heart beat")
        for signal, own in zip(signals, judged, strict=True)
    ]


def find_beats(signals: list[SiteSignal], judged: list[Judged]) -> Floats:
    """Times of beats that potentials show, sorted; empty without evidence of a heart."""
    series = [
        (signal, times, wide)
        for signal, own in zip(signals, judged, strict=True)
        for times, wide in rhythmic_series(signal, own)
    ]
    beats = [
        times for signal, times, wide in series
        if wide or any(_same_heart(signal, times, s, t) for s, t, _ in series if s is not signal)
    ]  # fmt: skip
    return _united(beats)


def ecg_beats(recording: Recording) -> Floats:
    """R waves of the first ECG channel that has any, in seconds of the recording."""
    for index, channel in enumerate(recording.channels):
        if not shows_heart(channel):
            continue
        rate = channel.sampling_hz
        found: list[Floats] = []
        for number, segment in enumerate(recording.segments):
            n = segment.n_samples(rate)
            step, context = round(READ_S * rate), round(2 * rate)
            for start in range(0, n, step):
                low, high = max(0, start - context), min(n, start + step + context)
                block = recording.read([index], number, low, high)[0]
                at = r_waves(np.nan_to_num(block), rate) + low
                own = at[(at >= start) & (at < start + step)]
                found.append(segment.start_s + own / rate)
        beats = np.concatenate([np.zeros(0), *found])
        if len(beats) >= LEAST_BEATS:
            return beats
    return np.zeros(0)


def rhythmic_series(signal: SiteSignal, judged: Judged) -> list[tuple[Floats, bool]]:
    """Series of potentials of a site that come like heart beats, and whether they look like QRS.

    Each unit, and all wide potentials together (atrial fibrillation, breathing and extrasystoles
    spread one heart over several units).
    """
    free = judged.verdict == "fasciculation"
    template, time_s = signal.found.template, signal.measured.peak_s
    wide = signal.measured.width_s >= QRS_WIDTH_S
    groups = [(template == unit) & free for unit in np.unique(template[template >= 0])]
    series = []
    for group in (*groups, wide & free):
        times = _thinned(time_s[group], signal.measured.amplitude_uv[group])
        analysed = signal.counted_s
        if beats_all_along(times, analysed):
            shape = np.median(signal.measured.snippet_uv[group], axis=0)
            width_s = half_width(shape, int(np.argmax(np.abs(shape)))) / signal.site.sampling_hz
            series.append((times, width_s >= QRS_WIDTH_S))
    return series


def beats_all_along(times_s: Floats, analysed_s: Floats) -> bool:
    """Whether events come at heart-like intervals with nearly all expected beats present.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted.
    analysed_s : ndarray, shape (n_spans, 2)
    """
    seconds = total(analysed_s)
    if len(times_s) < LEAST_BEATS or seconds <= 0:
        return False
    intervals = np.diff(times_s)
    beat = float(np.median(intervals))
    if not INTERVAL_S[0] <= beat <= INTERVAL_S[1] or np.mean(intervals < SHORTEST_S) > 0.05:
        return False
    # Where nothing is listed, no beat is missed.
    clock = elapsed(analysed_s, times_s)
    counts = np.histogram(clock, np.linspace(clock[0], clock[-1], 5))[0]
    expected = (clock[-1] - clock[0]) / beat / 4
    spread = (clock[-1] - clock[0]) >= 0.8 * seconds
    return bool(len(times_s) * beat >= PRESENT * seconds and spread
                and counts.min() >= 0.6 * expected)  # fmt: skip


def _thinned(times: Floats, size: Floats) -> Floats:
    """Sorted times without those within `THINNED_S` of a larger one.

    What comes first need not be the R wave: where the P wave is seen, it precedes it by 0.15 s.
    """
    order = np.argsort(times, kind="stable")
    times, size = times[order], size[order]
    steps = np.rint(times * 1e4).astype(np.int64)
    return times[strongest_apart(steps, size, THINNED_S * 1e4)]


def _same_heart(first: SiteSignal, a: Floats, second: SiteSignal, b: Floats) -> bool:
    """Whether two series of different limbs or sides of the body beat together."""
    one, two = first.site.name, second.site.name
    apart = side_of(one) != side_of(two) or limb_of(one) != limb_of(two) or not side_of(one)
    lag = b[nearest(a, b)] - a
    steady = np.abs(lag - np.median(lag)) <= SAME_S
    return bool(apart and np.mean(steady) >= PRESENT and np.abs(np.median(lag)) <= 0.1)


def _united(series: Sequence[Floats]) -> Floats:
    """Beats of several series as one: those of the longest, and what it missed."""
    if not series:
        return np.zeros(0)
    ordered = sorted(series, key=len, reverse=True)
    beats = ordered[0]
    for other in ordered[1:]:
        far = np.abs(beats[nearest(other, beats)] - other) > 0.25
        beats = np.sort(np.concatenate([beats, other[far]]))
    return beats


def is_beat(signal: SiteSignal, judged: Judged, beats: Floats) -> Bools:
    """Which potentials of a site are beats: by unit, and wide or common ones one by one.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    time_s, template = signal.measured.peak_s, signal.found.template
    if not len(time_s):
        return np.zeros(0, dtype=bool)
    lag = time_s - beats[nearest(time_s, beats)]
    near = np.abs(lag) <= WITHIN_S
    beat, locked = np.zeros(len(time_s), dtype=bool), np.zeros(len(time_s), dtype=bool)
    free = judged.verdict == "fasciculation"
    for unit in np.unique(template[template >= 0]):
        own = (template == unit) & free
        met = len(np.unique(nearest(time_s[own & near], beats)))
        if own.sum() and near[own].mean() >= SHARE and met >= LEAST_MET:
            beat |= own & near
        locked |= _locked(lag, own)
    lone = (template < 0) & near & free
    chance = ((template < 0) & free).sum() * _share_of_time(signal, beats)
    if lone.sum() > 2 * chance + 3:
        beat |= lone
    left = near & ~_taken_out(signal, beats)[nearest(time_s, beats)]
    beat |= left & free & (signal.measured.width_s >= QRS_WIDTH_S)
    wave = _same_wave(lag, locked, len(beats))
    return np.asarray(beat | locked | (free & wave & ~_known_elsewhere(wave, template, free)))


def _taken_out(signal: SiteSignal, beats: Floats) -> Bools:
    """Beats that were subtracted at this site: what is left near them is no whole QRS."""
    out = [wave.time_s for wave in signal.front.heart]
    return np.isin(beats, np.concatenate(out)) if out else np.zeros(len(beats), dtype=bool)


def _locked(lag_s: Floats, own: Bools) -> Bools:
    """Discharges of a unit at the unit's own steady lag from the beats: P and T waves.

    By chance a unit's lag would be spread over the whole cycle.
    """
    if own.sum() < LOCKED_LEAST:
        return np.zeros(len(lag_s), dtype=bool)
    steady = own & (np.abs(lag_s - np.median(lag_s[own])) <= LOCKED_S)
    return steady if steady.sum() >= LOCKED_SHARE * own.sum() else np.zeros_like(own)


def _same_wave(lag_s: Floats, locked: Bools, n_beats: int) -> Bools:
    """Potentials at the lag of a wave that locked units show in a third of the beats or more."""
    wave = np.zeros(len(lag_s), dtype=bool)
    for lag in np.unique(np.round(lag_s[locked] / LOCKED_S)) * LOCKED_S:
        around = np.abs(lag_s - lag) <= LOCKED_S
        if (around & locked).sum() >= n_beats / 3:
            wave |= around
    return wave


def _known_elsewhere(wave: Bools, template: NDArray[np.int64], free: Bools) -> Bools:
    """Discharges of units that mostly fire away from the waves: one on a wave is the unit's own."""
    known = np.zeros(len(wave), dtype=bool)
    for unit in np.unique(template[template >= 0]):
        own = (template == unit) & free
        away = (own & ~wave).sum()
        if away >= LOCKED_LEAST and away >= ELSEWHERE * own.sum():
            known |= own
    return known


def _share_of_time(signal: SiteSignal, beats: Floats) -> float:
    """Share of the analysed time that lies within reach of a beat."""
    seconds = max(total(signal.counted_s), 1e-9)
    return min(1.0, len(beats) * 2 * WITHIN_S / seconds)
