"""How slow potentials are: what share of their energy lies below that of muscle.

Fibres conduct at 2-6 m/s past electrodes a few centimetres apart, so that most of a potential's
energy lies above 50 Hz. What skin, cables and beds do is slower, and a jump that decays has a
spectrum that falls with frequency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.artefacts import beside
from emgdetect.detection.front import Front
from emgdetect.detection.site import SiteSignal
from emgdetect.signal import filters
from emgdetect.signal.noise import robust_rms
from emgdetect.signal.spans import nearest

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

SLOW_HZ = 45.0
"""Frequency in Hz below which potentials hold little: mean frequencies of surface EMG are 60 to
120 Hz, a bed or a limb rings below 40 Hz. Set by judgement; not measured."""
MILD_LOW_HZ = 10.0
"""Lower edge in Hz of the mild band, as far as the noise's share goes: `Config.measure_low_hz` by
default."""
LEAST_ENERGY = 2.0
"""Energy beyond noise, as a multiple of the noise's, from which a potential's share is known. Set
by judgement; not measured."""
AT_ONCE = 512
"""Snippets transformed at once, which takes memory. Set by judgement; not measured."""
SLOW_SHARE = 0.75
"""Share from which nothing is a potential: one with lobes 8 ms apart has 0.56. Looked at on an
independent simulator (fibres in a volume conductor, amplifiers of many kinds): 5 of 9559 counted
potentials have more, and 467 of 631 counted knocks at the bed; of 279 counted potentials and
discharges of four real surface recordings none has more than 0.52. Grids are not asked: their
channels are monopolar, and a real one has 0.9."""
TOGETHER_SHARE = 0.5
"""Share from which what several sites see at once is none. Of those recordings no potential, and 33
knocks beyond the rule above."""
TOGETHER_OTHER = 0.4
"""Share from which another site moves at the same time."""
TOGETHER_SITES = 2
"""Other sites that have to: two sites may fire together."""
TOGETHER_S = 0.030
"""Seconds between the peaks of sites that move together: a knock arrives within 15 ms, and rings
with its own period at each. Set by judgement; not measured."""

RINGING_HZ = 60.0
"""Frequency in Hz up to which a limb or a bed rings within the width of the window. Set by
judgement; not measured."""
RINGING_SHARE = 0.93
"""Share below it from which what is large is none. Looked at, with the next, on 172 recordings of
three simulators: none of 46000 counted potentials, 24 knocks at the bed, 15 swings of a filter
where a recording begins and 2 pops."""
RINGING_RATIO = 15.0
"""Amplitude over the noise from which what little lies above is known."""
RINGING_TOGETHER = 0.85
"""Share below 60 Hz from which one other site suffices. Looked at, with the next two, on the 172
recordings: no counted potential, and 16 knocks beyond the rules above."""
TOGETHER_RATIO = 8.0
"""Amplitude over the noise from which it does."""
RINGING_OTHER = 0.5
"""Share from which that other site moves."""

ANY_LEAST = 3
"""Potentials from which those of one number may be waves of any size. Set by judgement; not
measured."""
ANY_SHARE = 0.4
"""Median share from which they are. Looked at, with the next, on the 172 recordings: 15 such units
of pops, knocks and noise, one of both and none of muscle. Of muscle few units are as slow; two that
are alike and pass for one spread as far."""
ANY_SPREAD = 0.3
"""Spread of the log amplitudes and of the log scores (robust standard deviations) beyond which
there is no common size."""

REST_SHARE = 0.4
"""Share from which an event belongs to a slow wave beside it. Looked at, with the next four, on
recordings of the simulator of `SLOW_SHARE`: 2 of 9597 potentials, 16 of 78 knocks and 7 of 33 pops
that were counted still, beside a slow wave."""
REST_S = 0.06
"""Seconds around a slow wave within which it still swings."""
OWN_LEAST = 4
"""Potentials from which a unit is known by itself. Set by judgement; not measured."""
OWN_COUNTED = 0.7
"""Share of a unit that nothing is held against, from which it fires beside slow waves, too."""
WAVES_SHARE = 0.4
"""Share of a unit that are slow waves, from which its other slow members are. Of those recordings
2 potentials, 19 knocks and 9 pops."""


@dataclass(frozen=True)
class Shares:
    """What share of each potential's energy is slow, between 0 and 1.

    Attributes
    ----------
    slow : ndarray, shape (n_found,)
        Below 45 Hz.
    ringing : ndarray, shape (n_found,)
        Below 60 Hz; 0 at a grid's channels, which are monopolar.
    """

    slow: Floats
    ringing: Floats


def slow_shares(signal: SiteSignal) -> Shares:
    """Shares of the potentials of a site.

    A needle's potentials last as long as a jolt of the needle: all theirs are 0.
    """
    none = np.zeros(len(signal.found.time_s))
    if signal.front.recording.kind == "needle":
        return Shares(none, none)
    slow, ringing = shares_below(signal, (SLOW_HZ, RINGING_HZ))
    return Shares(slow, ringing if signal.front.unmixing is None else none)


def shares_below(signal: SiteSignal, edges_hz: Sequence[float]) -> Floats:
    """Share of each potential's energy that lies below some frequencies, within 50 ms of its peak.

    The noise's own energy, by the site's background and the level around, is taken off.

    Parameters
    ----------
    signal : SiteSignal
    edges_hz : sequence of float

    Returns
    -------
    ndarray, shape (n_edges, n_found)
        Between 0 and 1, on the mild trace of the strongest channel; 0 where noise hides it.
    """
    snippets = signal.measured.snippet_uv
    n = snippets.shape[1]
    window = np.hanning(n + 2)[1:-1].astype(np.float32)
    n_fft = int(fft.next_fast_len(2 * n, real=True))
    freqs = fft.rfftfreq(n_fft, 1 / signal.site.sampling_hz)
    below, whole = np.zeros((len(edges_hz), len(snippets))), np.zeros(len(snippets))
    for start in range(0, len(snippets), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        power = np.abs(fft.rfft(snippets[rows] * window, n_fft, axis=1)) ** 2
        below[:, rows] = [power[:, freqs < edge_hz].sum(axis=1) for edge_hz in edges_hz]
        whole[rows] = power.sum(axis=1)
    # A real trace has half of its energy at positive frequencies.
    noise = signal.measured.noise_uv**2 * float(np.sum(window**2)) * n_fft / 2
    below -= [noise * noise_share(signal.front, edge_hz) for edge_hz in edges_hz]
    beyond = whole - noise
    known = beyond > np.maximum(LEAST_ENERGY * noise, 1e-12)
    share = np.divide(below, beyond, out=np.zeros_like(below), where=known)
    return np.asarray(np.clip(share, 0.0, 1.0))


def noise_share(front: Front, below_hz: float = SLOW_HZ) -> float:
    """Share of the background's energy in the mild band that lies below 45 Hz, or another one."""
    freqs = front.noise_freqs_hz
    mild = filters.band_response(freqs, low_hz=MILD_LOW_HZ, high_hz=filters.MILD_HIGH_HZ, order=2)
    power = front.density * mild**2
    return float(power[freqs < below_hz].sum() / max(float(power.sum()), 1e-30))


def too_slow(signal: SiteSignal, share: Shares) -> Bools:
    """Potentials nearly all of whose energy lies below that of muscle.

    Parameters
    ----------
    signal : SiteSignal
    share : Shares

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    if signal.front.unmixing is not None:
        return np.zeros(len(share.slow), dtype=bool)
    rings = large(signal, RINGING_RATIO) & (share.ringing > RINGING_SHARE)
    return np.asarray((share.slow > SLOW_SHARE) | rings)


def of_any_size(signal: SiteSignal, share: Floats) -> Bools:
    """Slow potentials of one number, but of no common size: waves that are alike, no unit.

    Parameters
    ----------
    signal : SiteSignal
    share : ndarray, shape (n_found,)
        Of their energy that is slow.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    template, size = signal.found.template, signal.measured.amplitude_uv
    marked = np.zeros(len(template), dtype=bool)
    if signal.front.unmixing is not None:
        return marked
    for unit in np.unique(template[template >= 0]):
        own = template == unit
        if own.sum() < ANY_LEAST or np.median(share[own]) <= ANY_SHARE:
            continue
        spreads = [robust_rms(np.log(np.maximum(values[own], 1e-9)))
                   for values in (size, signal.found.score)]  # fmt: skip
        marked[own] = min(spreads) > ANY_SPREAD
    return marked


def large(signal: SiteSignal, ratio: float) -> Bools:
    """Potentials so many times as large as the noise; shape (n_found,)."""
    return np.asarray(signal.measured.amplitude_uv > ratio * signal.measured.noise_uv)


def moved_together(
    time_s: Sequence[Floats], share: Sequence[Floats], ringing: Sequence[Floats]
) -> list[Bools]:
    """Slow potentials that several sites see at once: what they lie on was moved.

    Time alone is no evidence: potentials of two muscles may be locked.

    Parameters
    ----------
    time_s : sequence of ndarray, shape (n_found,)
        Of each site, in order.
    share, ringing : sequence of ndarray, shape (n_found,)
        Of their energy that lies below 45 and below 60 Hz.

    Returns
    -------
    list of ndarray of bool, shape (n_found,)
    """
    marked = []
    for i, (own, rings) in enumerate(zip(share, ringing, strict=True)):
        several = _others_moving(i, time_s, share, TOGETHER_OTHER) >= TOGETHER_SITES
        another = _others_moving(i, time_s, share, RINGING_OTHER) >= 1
        marked.append(((own > TOGETHER_SHARE) & several) | ((rings > RINGING_TOGETHER) & another))
    return marked


def _others_moving(
    site: int, time_s: Sequence[Floats], share: Sequence[Floats], least: float
) -> Ints:
    """Other sites that move at the times of one; shape (n_found,)."""
    times = time_s[site]
    sites = np.zeros(len(times), dtype=np.int64)
    for j, (theirs, slow) in enumerate(zip(time_s, share, strict=True)):
        other = theirs[slow > least]
        if j != site and len(other):
            sites += np.abs(times - other[nearest(times, other)]) <= TOGETHER_S
    return sites


def rest_of_waves(time_s: Floats, template: Ints, share: Floats, moved: Bools, free: Bools
                  ) -> Bools:  # fmt: skip
    """Slow events beside a slow wave, or of a unit that is made of such; shape (n_found,).

    A unit that fires elsewhere, too, is kept.

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
        In order.
    template : ndarray of int, shape (n_found,)
        -1 where no unit is known.
    share : ndarray, shape (n_found,)
        Of their energy that is slow.
    moved : ndarray of bool, shape (n_found,)
        Movement and pops.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.
    """
    waves = moved & (share > TOGETHER_SHARE)
    rest = beside(time_s, waves, REST_S)
    for unit in np.unique(template[template >= 0]):
        own = template == unit
        if own.sum() >= OWN_LEAST and free[own].mean() >= OWN_COUNTED:
            rest[own] = False
        elif waves[own].mean() >= WAVES_SHARE:
            rest[own] = True
    return np.asarray(rest & free & (share > REST_SHARE))
