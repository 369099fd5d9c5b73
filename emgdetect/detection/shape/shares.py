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

from emgdetect.detection.site import SiteSignal
from emgdetect.detection.trace.front import Front
from emgdetect.signal import filters

Floats = NDArray[np.floating[Any]]

SLOW_HZ = 45.0
"""Frequency in Hz below which potentials hold little: mean frequencies of surface EMG are 60 to
120 Hz, a bed or a limb rings below 40 Hz. Set by judgement; not measured."""
LEAST_ENERGY = 2.0
"""Energy beyond noise, as a multiple of the noise's, from which a potential's share is known. Set
by judgement; not measured."""
AT_ONCE = 512
"""Snippets transformed at once, which takes memory. Set by judgement; not measured."""
RINGING_HZ = 60.0
"""Frequency in Hz up to which a limb or a bed rings within the width of the window. Set by
judgement; not measured."""


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
    mild = filters.band_response(
        freqs, low_hz=front.mild_low_hz, high_hz=filters.MILD_HIGH_HZ, order=2
    )
    power = front.density * mild**2
    return float(power[freqs < below_hz].sum() / max(float(power.sum()), 1e-30))
