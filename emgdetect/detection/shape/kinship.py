"""Potentials that are what their unit is: kept, whatever each looks like on its own.

A jump, a knock or a moving cable does not repeat the waveform of a unit to within the noise. So a
potential that does is one of the unit's, however sharp or slow it is, as long as most of the unit
stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.shape.shares import SLOW_HZ, noise_share
from emgdetect.detection.shape.steady import NOISE_SPREAD
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.noise import robust_rms

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

LEAST = 4
"""Members of a unit that nothing is held against from which its waveform is known. Set by
judgement; not measured."""
SHARE = 0.5
"""Share of a unit's members that they have to be. Set by judgement; not measured."""
LAG_S = 0.003
"""Seconds by which peaks of one waveform may lie apart. Set by judgement; not measured."""
LEFT = (1.3, 0.12)
"""What the unit's waveform may leave of a member's energy: a multiple of the noise's, and a share.
Looked at, with the next two, on 172 recordings of three simulators: 92 of 52000 potentials are
counted by it that were called pops or movement, and 15 others."""
ALIKE = 0.7
"""Correlation with the unit's waveform from which a potential is no noise."""
SIZES = (0.6, 1.7)
"""Range of its size, by that waveform and as a multiple of what its score makes due."""
ANY_LEFT = 0.08
"""The same share as in `LEFT`, and `ABOVE_ALIKE` its correlation, for the waveform of another unit
than its own, whose size alone is asked. With it, 17 potentials more of 7 recordings of two
independent simulators are counted, and nothing else changes on 24 of those and ours (movement, all
at once, healthy, slow and pairs)."""
ABOVE_ALIKE = 0.88
"""The same above 45 Hz, for a potential on a slow wave. Looked at on those recordings: 5 potentials
that were called movement because of the heart's waves, and no other."""
SAME_LOBE = 0.3
"""Correlation with the strongest member, shifted by up to `LAG_S`, from which another is dated at
the same lobe: 5 ms or more from it, one that is not has less than none. Set by judgement; not
measured."""
SLOW_LEAST = 8
"""Members from which a unit that is slow throughout is known by itself. Looked at, with the next
and `SLOW_ELSEWHERE`, on recordings of two independent simulators, with taps, cables and pulses in
some: the potentials of one such unit are counted by it, and no knock or cable."""
SLOW = (0.7, 0.25)
"""Share of them that have to repeat its waveform, and spread of their log sizes up to which they
have one, without noise: a unit varies by a tenth (field.md). Set by judgement; not measured."""
FEW_LEAST = 5
"""Members from which one is whose members all repeat one waveform at one size. Looked at on our
tuning seeds 1140 to 1150 (movement) and 1140 to 1146 (pairs), and an independent simulator, 0 to 3,
with the next: 16 potentials more are counted, and no pop or cable."""
FEW = (1.0, 0.12)
"""The same two of so few."""
SLOW_ELSEWHERE = 0.2
"""Share of them at whose time another site may move. Set by judgement; not measured."""


def repeating_units(signal: SiteSignal, asked: Bools, accused: Bools, elsewhere: Bools) -> Bools:
    """Accused potentials of units that are so throughout, of one waveform and one size.

    A knock at the bed rings as it is hit, at several sites at once, no swing is like the last, and
    of what a moving cable gives none is like the other.

    Parameters
    ----------
    signal : SiteSignal
    asked : ndarray of bool, shape (n_found,)
        Potentials that are slow, or may be a cable's, and nothing else.
    accused : ndarray of bool, shape (n_found,)
        All against which anything is held.
    elsewhere : ndarray of bool, shape (n_found,)
        Potentials at whose time another site moves.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    template, channel = signal.found.template, signal.channel
    kept = np.zeros(len(template), dtype=bool)
    for unit, row in {(template[i], channel[i]) for i in np.flatnonzero(asked)}:
        own = (template == unit) & (channel == row)
        members = np.flatnonzero(own & (asked | ~accused))
        if unit < 0 or len(members) < max(FEW_LEAST, SLOW[0] * own.sum()):
            continue
        if elsewhere[members].mean() > SLOW_ELSEWHERE:
            continue
        repeats, amount = _repeating(signal, members)
        most, wide = FEW
        if len(members) >= SLOW_LEAST:
            noise = NOISE_SPREAD / float(np.median(signal.found.score[members]))
            most, wide = SLOW[0], float(np.hypot(SLOW[1], noise))
        if repeats.mean() >= most and spread(amount[repeats]) <= wide:
            kept[members[repeats]] = True
    return kept & asked


def _repeating(signal: SiteSignal, members: Ints) -> tuple[Bools, Floats]:
    """Which members repeat the waveform of those dated at the same lobe; its amounts."""
    repeats, amount = np.zeros(len(members), dtype=bool), np.ones(len(members))
    for group in by_lobe(signal, members):
        at = np.searchsorted(members, group)
        waveform = median_waveform(signal, group)
        repeats[at], amount[at] = _repeats(signal, group, waveform, on_wave=False)
    return repeats, amount


def by_lobe(signal: SiteSignal, members: Ints) -> list[Ints]:
    """A unit's potentials at one electrode by the lobe they are dated at, as far as it is known.

    Of two lobes that are nearly as large, noise decides which is the peak.

    Parameters
    ----------
    signal : SiteSignal
    members : ndarray of int, shape (n,)
        In order.

    Returns
    -------
    list of ndarray of int
        One or two, of `LEAST` potentials or more; all in one if there are not as many.
    """
    if not len(members):
        return []
    snippets = signal.measured.snippet_uv[members] * snippet_window(signal)
    strongest = snippets[np.argmax(signal.found.score[members])]
    reach = round(LAG_S * signal.site.sampling_hz)
    best = np.full(len(members), -np.inf)
    for lag in range(-reach, reach + 1):
        np.maximum(best, snippets @ np.roll(strongest, lag), out=best)
    power = np.sum(snippets**2, axis=1) * float(np.sum(strongest**2))
    same = best >= SAME_LOBE * np.sqrt(power)
    return [one for one in (members[same], members[~same]) if len(one) >= LEAST] or [members]


def snippet_window(signal: SiteSignal) -> Floats:
    """What snippets are weighted with; shape (n_times,)."""
    return np.asarray(np.hanning(signal.measured.snippet_uv.shape[1] + 2)[1:-1])


def spread(sizes: Floats) -> float:
    """Spread of log sizes: the smaller of the robust standard deviation and the plain one.

    The first forgives strays; the second two units that are alike and pass for one.
    """
    logs = np.log(np.maximum(sizes, 1e-9))
    return min(float(robust_rms(logs)), float(np.std(logs)))


def kin(signal: SiteSignal, accused: Bools, free: Bools, *, on_wave: bool = False) -> Bools:
    """Accused members of a unit that repeat the waveform of those nothing is held against.

    Parameters
    ----------
    signal : SiteSignal
    accused : ndarray of bool, shape (n_found,)
        Pops and movement.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.
    on_wave : bool
        Whether they may lie on a slow wave, so that what is below 45 Hz is left out.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    template, channel = signal.found.template, signal.channel
    kept = np.zeros(len(template), dtype=bool)
    # Electrodes of one site see different waveforms.
    for unit, row in {(template[i], channel[i]) for i in np.flatnonzero(accused)}:
        known = known_members(signal, unit, row, free)
        asked = np.flatnonzero((template == unit) & (channel == row) & accused)
        for like in by_lobe(signal, known):
            waveform = median_waveform(signal, like)
            kept[asked] |= _repeats(signal, asked, waveform, on_wave=on_wave)[0]
    return kept


def kin_of_any(signal: SiteSignal, accused: Bools, free: Bools) -> Bools:
    """Accused potentials that repeat the waveform of another unit than their own.

    Two that overlap, or a slow wave, give a potential another number than its unit's, or none.

    Parameters
    ----------
    signal : SiteSignal
    accused, free : ndarray of bool, shape (n_found,)
        As of `kin`.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    template = signal.found.template
    kept = np.zeros(len(template), dtype=bool)
    for asked, unit, known in units_beside(signal, accused, free):
        # Its own members have a scale that tells their size: `kin` asks them.
        others = asked[template[asked] != unit]
        for like in by_lobe(signal, known):
            waveform = median_waveform(signal, like)
            alike = _repeats(signal, others, waveform, on_wave=False, of_any=True)[0]
            kept[_fewer(others[alike], template, len(known))] = True
    return kept


def units_beside(
    signal: SiteSignal, accused: Bools, free: Bools
) -> Iterator[tuple[Ints, int, Ints]]:
    """What is accused at an electrode, a unit known there, and its `known_members`, one by one.

    Parameters
    ----------
    signal : SiteSignal
    accused, free : ndarray of bool, shape (n_found,)
        As of `kin`.
    """
    template, channel = signal.found.template, signal.channel
    for row in np.unique(channel[accused]):
        here = channel == row
        asked = np.flatnonzero(accused & here)
        for unit in np.unique(template[free & here & (template >= 0)]):
            known = known_members(signal, int(unit), int(row), free)
            if len(known):
                yield asked, int(unit), known


def _fewer(alike: Ints, template: Ints, n_known: int) -> Ints:
    """Potentials whose own number has no more like them than are known of the other: most stand."""
    counts = np.bincount(template[alike] + 1, minlength=1)
    return alike[counts[template[alike] + 1] <= n_known]


def known_members(signal: SiteSignal, unit: int, row: int, free: Bools) -> Ints:
    """Members of a unit at an electrode that its waveform is known from; none if too few are free.

    Parameters
    ----------
    signal : SiteSignal
    unit : int
        Below 0 for none, which has no waveform.
    row : int
        Position of the electrode within the site's channels.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.
    """
    own = (signal.found.template == unit) & (signal.channel == row)
    known = np.flatnonzero(own & free)
    enough = unit >= 0 and len(known) >= max(LEAST, SHARE * own.sum())
    return known if enough else known[:0]


def median_waveform(signal: SiteSignal, members: Ints) -> Floats:
    """Median of some potentials of a unit, each over its scale; shape (n_times,)."""
    pieces = signal.measured.snippet_uv[members] / signal.found.scale[members][:, None]
    return np.asarray(np.median(pieces, axis=0))


def _repeats(
    signal: SiteSignal, asked: Ints, waveform: Floats, *, on_wave: bool, of_any: bool = False
) -> tuple[Bools, Floats]:
    """Which potentials a waveform explains to within the noise; its amounts."""
    measured, scale = signal.measured, signal.found.scale
    n, window = measured.snippet_uv.shape[1], snippet_window(signal)
    reach = round(LAG_S * signal.site.sampling_hz)
    n_fft = int(fft.next_fast_len(2 * n + reach, real=True))
    band = _above_waves(n_fft, signal.site.sampling_hz) if on_wave else 1.0
    pieces = fft.rfft(measured.snippet_uv[asked] * window, n_fft, axis=1) * band
    template = fft.rfft(waveform * window, n_fft) * band
    inner = fft.irfft(pieces * np.conj(template), n_fft, axis=1)
    best = inner[:, np.arange(-reach, reach + 1)].max(axis=1)
    energy = np.maximum(np.sum(fft.irfft(pieces, n_fft, axis=1) ** 2, axis=1), 1e-12)
    power = max(float(np.sum(fft.irfft(template, n_fft) ** 2)), 1e-12)
    noise = measured.noise_uv[asked] ** 2 * float(np.sum(window**2))
    noise *= 1 - noise_share(signal.front) if on_wave else 1.0
    due, share = (1.0, ANY_LEFT) if of_any else (scale[asked], LEFT[1])
    alike, size = best / np.sqrt(energy * power), best / power / due
    fits = (1 - alike**2 < LEFT[0] * noise / energy + share) & (noise < energy)
    fits &= alike > (ABOVE_ALIKE if on_wave or of_any else ALIKE)
    return np.asarray(fits & (size > SIZES[0]) & (size < SIZES[1])), np.asarray(best / power)


def _above_waves(n_fft: int, rate_hz: float) -> Floats:
    """Response of a high-pass above slow waves, without delay; shape (n_fft // 2 + 1,)."""
    freqs = fft.rfftfreq(n_fft, 1 / rate_hz)
    return np.asarray(1 / (1 + (SLOW_HZ / np.maximum(freqs, 1e-9)) ** 4))
