"""The notch of an amplifier: the hole it leaves in noise, and how it is undone.

A notch takes mains out before it is recorded, and rings after each potential. Noise in front of it
shows it as a hole of a known shape (second order), whose inverse takes the ringing back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.signal.medians import row_medians

Floats = NDArray[np.floating[Any]]

NARROW = 300.0
"""Quality of the notch that is left in place of the amplifier's: its ringing is as much smaller as
the hole is narrower, and lasts for two seconds. Of two recordings of 59 potentials of 100 x noise
(tests/detection/trace/test_notches.py) no ringing is counted with 300, one of each with 150."""
SETTLES = 4.0
"""Time constants of that notch after which what was before hardly matters. Set by judgement; not
measured."""
FLOOR = 0.05
"""Share of the noise around up to which the depth of a hole is not asked: there lie the converter's
noise and what is left of mains. Set by judgement; not measured."""
FROM, TO = 0.55, 1.8
"""Band in which the noise around a hole is described, as shares of the frequency of mains. Set by
judgement; not measured."""
TREND_ORDER = 3
"""Order of the polynomial, of log density over log frequency, that describes it. Set by judgement;
not measured."""
OFF_HZ = 0.5
"""Hertz that a notch may lie beside mains at most. Set by judgement; not measured."""
QUALITIES = (5.0, 50.0)
"""Qualities of the notches that are told: what is wider may be a slope of the noise, what is
narrower rings too faintly to matter and may be left by software that fits mains. Set by judgement;
not measured."""
LOW = 0.6
"""Lowest density within `NEAR_HZ` of mains over that of its surroundings below which a notch is
looked for. Set by judgement; not measured."""
NEAR_HZ = 1.5
"""See `LOW`: a line of mains may stand in the middle of a hole."""
BESIDE_HZ = (6.0, 20.0)
"""Distance of those surroundings. Set by judgement; not measured."""
STARTS = (8.0, 25.0)
"""Qualities that the fit starts from."""
TURNS = 12
"""Steps of the fit, which is done after five or six."""
LINE_RATIO = 4.0
"""Deviation upwards, in units of the scatter, from which a frequency bears a line. Set by
judgement; not measured."""
CLEAR = 5.0
"""How many times less the squares around a fit with a hole have to be, summed over the hole, for it
to be one. Set by judgement; not measured."""


@dataclass(frozen=True)
class Notch:
    """A notch of second order.

    Attributes
    ----------
    frequency_hz : float
    quality : float
        Frequency over the width of the hole at half the power.
    """

    frequency_hz: float
    quality: float

    @property
    def settle_s(self) -> float:
        """Seconds before a stretch that have to be known for it to be undone."""
        return SETTLES * NARROW / (np.pi * self.frequency_hz)

    @property
    def ring_s(self) -> float:
        """Time constant of its ringing."""
        return self.quality / (np.pi * self.frequency_hz)


def undone(
    block: Floats, sampling_hz: float, notch: Notch, *, narrow: float = NARROW
) -> NDArray[np.float32]:
    """A block as it was before a notch, but for a narrow one.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_samples)
        Finite. As nothing is known of the time before, the first period is taken for rest.
    sampling_hz : float
    notch : Notch
    narrow : float
        Quality of what is left.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_samples)
    """
    return _filtered(block, sampling_hz, notch.frequency_hz, notch.quality, narrow)


def notched(block: Floats, sampling_hz: float, notch: Notch) -> NDArray[np.float32]:
    """A block after a notch; what `undone` takes back."""
    return _filtered(block, sampling_hz, notch.frequency_hz, NARROW, notch.quality)


def _filtered(
    block: Floats, sampling_hz: float, frequency_hz: float, zeros: float, poles: float
) -> NDArray[np.float32]:
    """A block after (s² + s w/zeros + w²) / (s² + s w/poles + w²), by the bilinear transform."""
    # SciPy has it in a module that takes 0.4 s to load; few recordings need it.
    from scipy.signal import lfilter

    turn = 2 * np.pi * frequency_hz / sampling_hz
    above, below = (
        np.array([1 + half, -2 * np.cos(turn), 1 - half])
        for half in (np.sin(turn) / (2 * zeros), np.sin(turn) / (2 * poles))
    )
    period = block[:, : max(1, round(sampling_hz / frequency_hz))]
    offset = period.mean(axis=1, keepdims=True, dtype=np.float64)
    out = lfilter(above / below[0], below / below[0], block - offset, axis=1)
    return np.asarray(out + offset, dtype=np.float32)


def median_density(frames: Floats, sampling_hz: float) -> tuple[Floats, Floats]:
    """Median power of frames, each in units of its own median, up to twice mains.

    Parameters
    ----------
    frames : ndarray, shape (n_frames, n_samples)
    sampling_hz : float

    Returns
    -------
    freqs_hz, density : ndarray, shape (n_freqs,)
    """
    n = frames.shape[1]
    taper = np.hanning(n + 2)[1:-1]
    centred = frames - frames.mean(axis=1, keepdims=True)
    freqs = fft.rfftfreq(n, 1 / sampling_hz)
    n_kept = int(np.searchsorted(freqs, 2 * 60.0))
    power = np.abs(fft.rfft(centred * taper, axis=1)[:, :n_kept]) ** 2
    power /= np.maximum(row_medians(power)[:, None], np.finfo(float).tiny)
    return freqs[:n_kept], np.asarray(row_medians(np.ascontiguousarray(power.T)))


def is_low(freqs_hz: Floats, density: Floats, nominal_hz: float) -> bool:
    """Whether a density is so low near a frequency of mains that a notch is worth looking for."""
    away = np.abs(freqs_hz - nominal_hz)
    beside = (away > BESIDE_HZ[0]) & (away < BESIDE_HZ[1])
    if not beside.any():
        return False
    return bool(density[away <= NEAR_HZ].min() < LOW * np.median(density[beside]))


def hole(freqs_hz: Floats, density: Floats, nominal_hz: float) -> Notch | None:
    """The notch that a hole in noise near mains is of; None if there is no clear one.

    Parameters
    ----------
    freqs_hz, density : ndarray, shape (n_freqs,)
        From `median_density`.
    nominal_hz : float
        50 or 60.
    """
    if np.any(density[freqs_hz > FROM * nominal_hz] <= 0):
        return None
    fits = [_Fit(freqs_hz, density, nominal_hz, start) for start in STARTS]
    best = min(fits, key=lambda fit: fit.scatter)
    return best.notch if best.is_clear() else None


class _Fit:
    """Noise with a hole fitted to a density, by Gauss and Newton."""

    def __init__(
        self, freqs_hz: Floats, density: Floats, nominal_hz: float, quality: float
    ) -> None:
        near = (freqs_hz > FROM * nominal_hz) & (freqs_hz < TO * nominal_hz)
        self.freqs, self.density, self.nominal = freqs_hz[near], density[near], nominal_hz
        self.basis = np.log(self.freqs / nominal_hz)[:, None] ** np.arange(TREND_ORDER + 1)
        # The power of a Hann window a quarter of its resolution apart.
        offsets = np.arange(-8, 9) / 4
        shape = np.sinc(offsets) + (np.sinc(offsets - 1) + np.sinc(offsets + 1)) / 2
        self.smear, self.offsets = shape**2 / np.sum(shape**2), offsets * freqs_hz[1]
        far = np.abs(self.freqs - nominal_hz) > nominal_hz / 6
        trend = np.linalg.lstsq(self.basis[far], np.log(self.density[far]), rcond=None)[0]
        self.found = np.array([*trend, nominal_hz, np.log(quality)])
        self.keep = np.ones(len(self.freqs), dtype=bool)
        self._run()

    @property
    def notch(self) -> Notch:
        """As fitted."""
        return Notch(float(self.found[-2]), float(np.exp(self.found[-1])))

    @property
    def scatter(self) -> float:
        """RMS around the fit, lines left out."""
        return float(np.sqrt(np.mean(self._rest(self.found)[self.keep] ** 2)))

    def is_clear(self) -> bool:
        """Whether there is a hole, of the shape of a notch, at mains."""
        notch, rest = self.notch, self._rest(self.found)
        inside = self.keep & (np.abs(self.freqs - notch.frequency_hz) * notch.quality
                              < notch.frequency_hz)  # fmt: skip
        trend = np.exp(self.basis @ self.found[:-2])
        without = np.log(self.density / trend + FLOOR) - np.log1p(FLOOR)
        return bool(
            abs(notch.frequency_hz - self.nominal) <= OFF_HZ
            and QUALITIES[0] <= notch.quality <= QUALITIES[1]
            and inside.sum() >= 4
            and np.sum(without[inside] ** 2) > CLEAR * np.sum(rest[inside] ** 2)
        )

    def _run(self) -> None:
        least, most = self.nominal + np.array([-1.0, 1.0]), np.log([2.0, 100.0])
        for turn in range(TURNS):
            rest = self._rest(self.found)
            if turn in (TURNS // 4, TURNS // 2):
                spread = 1.48 * float(np.median(np.abs(rest)))
                self.keep = rest < LINE_RATIO * spread
            steps = 1e-4 * np.eye(len(self.found))
            slopes = np.stack([self._rest(self.found + h) - rest for h in steps], axis=1) / 1e-4
            step = np.linalg.lstsq(slopes[self.keep], -rest[self.keep], rcond=None)[0]
            step[-2:] = np.clip(step[-2:], [-0.2, -0.3], [0.2, 0.3])
            self.found = self.found + step
            self.found[-2] = np.clip(self.found[-2], *least)
            self.found[-1] = np.clip(self.found[-1], *most)

    def _rest(self, found: Floats) -> Floats:
        """What the noise with that hole leaves of the log density."""
        at, trend = self.freqs[:, None] + self.offsets, np.exp(self.basis @ found[:-2])
        off = (np.exp(found[-1]) * (at / found[-2] - found[-2] / at)) ** 2
        model = (off / (1 + off)) @ self.smear
        return np.asarray(np.log(self.density / trend + FLOOR) - np.log(model + FLOOR))
