"""A first look at a site: its noise spectrum, mains, and the channels that are fit to analyse.

A few dozen windows spread over the recording are enough, so this costs little on any length.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection.threads import each
from emgdetect.detection.trace import converter
from emgdetect.detection.trace.front import Front, whitened_window
from emgdetect.detection.trace.lines import found_lines
from emgdetect.detection.trace.lulls import between_discharges
from emgdetect.detection.trace.notches import told_of, with_rest, without_notch
from emgdetect.detection.trace.spread import mended, read_spread
from emgdetect.detection.trace.standby import FLAT_UV, switched_on
from emgdetect.detection.trace.true_rate import true_band
from emgdetect.findings import Finding, finding
from emgdetect.recording import Recording, Site
from emgdetect.signal import filters, hum, noise
from emgdetect.signal.colours import colour_of
from emgdetect.signal.spatial import unmixing

Floats = NDArray[np.floating[Any]]

N_WINDOWS = 90
"""Windows of 2 s that the first look reads, spread over the recording: 3 min of any length. Set by
judgement; not measured."""
FEWER_WINDOWS = 24
"""The same for many channels, which say as much in fewer. Set by judgement; not measured."""
MANY_CHANNELS = 16
"""Channels of a site from which they are many. Set by judgement; not measured."""
WINDOW_S = 2.0
"""Seconds of a window: resolves frequencies to 0.5 Hz, the range in which mains wanders (issue
3)."""
QUIET_SHARE = 0.25
"""Share of the quietest pieces that the noise spectrum is taken from. Set by judgement; not
measured."""
QUIET_QUANTILE = 0.15
"""Quantile of the windows' RMS that is called the quiet RMS of a channel. Set by judgement; not
measured."""
SPECTRUM_S = 0.25
"""Seconds of a piece: resolves the noise spectrum to 4 Hz. Set by judgement; not measured."""
MOST_PIECES = 20_000
"""Pieces, of all windows and channels, that the spectrum is looked for in. Set by judgement; not
measured."""
ON_LEAST = 0.8
"""Share of the time in which that channel of a site is on which is so longest, below which another
is left out: at two channels, what one is flat would be lost for both. Set by judgement; not
measured."""
HIGHEST_RATIO = 8.0
"""RMS over the site's median from which a channel is left out as noisy. Set by judgement; not
measured."""
GRID_LEAST = 6
"""Channels from which a site is a grid, whose noise is made independent. Set by judgement; not
measured."""
CALM = 4.0
"""Score in units of noise at which samples of a quiet piece are clipped: what stands out of the
noise is no noise. Set by judgement; not measured."""
QUIET_RATIO = 1.3
"""Level over its low quantile up to which a piece tells the covariance. Set by judgement; not
measured."""
SHRINKAGE = 0.1
"""Part of the shrinkage that uncorrelated noise would need: one common mode holds most of the power
of many real grids. Set by judgement; not measured."""


def survey(
    recording: Recording, site: Site, config: Config, *, n_threads: int = 1
) -> tuple[Front | None, list[Finding]]:
    """Learn what turns the raw blocks of a site into its whitened trace.

    Parameters
    ----------
    recording : Recording
    site : Site
    config : Config
    n_threads : int
        Windows at work at once; the result does not depend on it.

    Returns
    -------
    front : Front or None
        None if no channel of the site can be analysed.
    findings : list of Finding
        Channels left out, with the reason, and those whose samples were held.
    """
    rate = site.sampling_hz
    # Many channels say as much in fewer windows.
    most = FEWER_WINDOWS if len(site.channels) >= MANY_CHANNELS else N_WINDOWS
    windows = read_spread(recording, site, site.channels, WINDOW_S, most, n_threads)
    windows = _long_enough(windows, rate)
    if not windows:
        return None, [_left_out(site.name, "no-samples", "has no samples")]
    (low, high), slow, held = true_band(recording, site, windows, config)
    steps = converter.converter_steps(recording, site, windows)
    spread = converter.spreads(windows, rate)
    coarse = converter.is_coarse(spread, steps)
    clean = _recorded(each(partial(mended, rate=rate, coarse=coarse), windows, n_threads))
    clean, notch = without_notch(recording, site, clean, coarse=coarse, n_threads=n_threads)
    lines = found_lines(clean, rate, config, n_threads)
    mains_hz, harmonics = with_rest(notch, lines.mains_hz, lines.harmonics, config)
    without = partial(hum.remove_hum, sampling_hz=rate, frequency_hz=mains_hz, harmonics=harmonics)
    clean = each(without, clean, n_threads)
    rounding = converter.rounding_of(clean, spread, steps, sampling_hz=rate, high_hz=high)
    _make_restless(recording, site, clean, rounding)
    level = np.stack(each(partial(_level, rate=rate, low_hz=low, high_hz=high), clean, n_threads))
    on = switched_on(level)
    rms = _quiet_rms(level, on)
    fit, findings = _fit_channels(recording, site, rms, on.mean(axis=0))
    fit = [i for i in fit if not slow[i]]
    findings = held + told_of(notch, site) + lines.told(site) + findings
    if not fit:
        return None, findings
    # A channel that was off has no noise to tell of.
    told = [(window[fit], live[fit, None]) for window, live in zip(clean, on, strict=True)
            if live[fit].any()]  # fmt: skip
    scaled = each(lambda part: part[0] / rms[fit][:, None] * part[1], told, n_threads)
    freqs, density = _density(scaled, rate, n_threads)
    front = Front(
        recording=recording, site=site, channels=tuple(site.channels[i] for i in fit),
        mains_hz=mains_hz, harmonics=harmonics,
        mains_share=lines.share, noise_freqs_hz=freqs, density=density, rms_uv=rms[fit],
        coarse=coarse, rounding=rounding.of(fit), low_hz=low, high_hz=high,
        mild_low_hz=config.measure_low_hz, notch=notch,
    )  # fmt: skip
    if len(fit) >= GRID_LEAST:
        front = _unmixed(front, scaled, n_threads)
    elif not coarse:
        # Of a coarse converter the quietest pieces are those in which no step falls.
        front = between_discharges(front, scaled, n_threads=n_threads)
    return front, findings


def _unmixed(front: Front, scaled: list[Floats], n_threads: int) -> Front:
    """A grid with what makes the noise of its channels independent."""
    rate, low, high = front.site.sampling_hz, front.low_hz, front.high_hz
    pieces = _quiet_pieces(each(partial(whitened_window, front=front), scaled, n_threads), rate)
    mixing = _unmixing(pieces, rate, high - low)
    colour = colour_of([mixing @ piece for piece in pieces], rate, low_hz=low, high_hz=high)
    return replace(front, unmixing=mixing, colour=colour)


def _long_enough(windows: list[NDArray[np.float32]], rate: float) -> list[NDArray[np.float32]]:
    """Windows that resolve the noise spectrum, if any does: the last may be of a few samples."""
    longest = max((w.shape[1] for w in windows), default=0)
    least = max(8, min(longest, round(SPECTRUM_S * rate)))
    return [w for w in windows if w.shape[1] >= least]


def _recorded(windows: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Windows in which anything was recorded, if any is: of half an hour much may be missing."""
    return [window for window in windows if window.any()] or windows[:1]


def _make_restless(
    recording: Recording, site: Site, windows: list[NDArray[np.float32]],
    rounding: converter.Rounding,
) -> None:  # fmt: skip
    """Hide the steps of coarse channels, in place; each window has its own dither."""
    for number, window in enumerate(windows):
        keys = [converter.key_of(recording, channel, number) for channel in site.channels]
        converter.restless(window, rounding, site.sampling_hz, keys, 0)


def _level(
    window: NDArray[np.float32], *, rate: float, low_hz: float, high_hz: float
) -> NDArray[np.float64]:
    """RMS of each channel in the detection band; shape (n_channels,)."""
    banded = filters.filter_zero_phase(window, rate, low_hz=low_hz, high_hz=high_hz)
    return noise.robust_rms(banded)


def _quiet_rms(level: Floats, on: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Low quantile of the RMS of each channel where it is on, 0 where it never is; (n_channels,).

    Both arguments have the shape (n_windows, n_channels).
    """
    return np.array([np.quantile(own[live], QUIET_QUANTILE) if live.any() else 0.0
                     for own, live in zip(level.T, on.T, strict=True)])  # fmt: skip


def _quiet_pieces(windows: list[Floats], rate: float) -> list[Floats]:
    """The quietest pieces of windows; what stands out of them is cut off."""
    n = min([round(SPECTRUM_S * rate), *(w.shape[1] for w in windows)])
    pieces = [w[:, i : i + n] for w in windows for i in range(0, w.shape[1] - n + 1, n)]
    loudness = np.array([np.median(noise.robust_rms(piece)) for piece in pieces])
    quiet = np.flatnonzero(loudness <= QUIET_RATIO * np.quantile(loudness, QUIET_QUANTILE / 2))
    return [np.clip(pieces[i], -CALM, CALM) for i in quiet]


def _unmixing(pieces: list[Floats], rate: float, bandwidth_hz: float) -> NDArray[np.float32]:
    """What makes the noise of many channels independent, from quiet pieces.

    The covariance is shrunk towards independence where the time it is learnt from is short, by a
    tenth of what uncorrelated noise would need: one common mode holds most of the power of many
    real grids.
    """
    joined = np.concatenate(pieces, axis=1)
    covariance = joined @ joined.T / joined.shape[1]
    n_independent = 2 * bandwidth_hz * joined.shape[1] / rate
    share = SHRINKAGE * len(joined) / (len(joined) + n_independent)
    typical = float(np.trace(covariance)) / len(joined)
    return unmixing((1 - share) * covariance + share * typical * np.eye(len(joined)))


def _density(windows: list[Floats], rate: float, n_threads: int) -> tuple[Floats, Floats]:
    """Background density of normalised channels: one for the site."""
    n = min([round(SPECTRUM_S * rate), *(w.shape[1] for w in windows)])
    pieces = [w[:, : w.shape[1] // n * n].reshape(-1, n) for w in windows]
    step = -(-sum(len(piece) for piece in pieces) // MOST_PIECES)
    starts = np.cumsum([0, *(len(piece) for piece in pieces[:-1])])
    pieces = [piece[-start % step :: step] for piece, start in zip(pieces, starts, strict=True)]
    loudness = np.concatenate(each(_loudness, pieces, n_threads))
    stacked = np.concatenate(pieces)
    alive = loudness > 1e-3 * np.median(loudness)
    order = np.flatnonzero(alive)[np.argsort(loudness[alive], kind="stable")]
    quiet = stacked[order[: max(8, round(QUIET_SHARE * len(order)))]] if len(order) else stacked
    return noise.noise_spectrum(quiet, rate, quantile=0.5)


def _loudness(pieces: Floats) -> NDArray[np.float64]:
    """RMS of the steps of each piece, which potentials and drifts hardly move."""
    return noise.robust_rms(np.diff(pieces, axis=1))


def _fit_channels(
    recording: Recording, site: Site, rms: NDArray[np.float64], on: NDArray[np.float64]
) -> tuple[list[int], list[Finding]]:
    """Positions of the site's channels that are fit to analyse, and why the others are not."""
    alive = rms[rms > FLAT_UV]
    typical = float(np.median(alive)) if len(alive) else 0.0
    fit, findings = [], []
    for position, index in enumerate(site.channels):
        label = recording.channels[index].name
        if not rms[position] > FLAT_UV:
            findings.append(_left_out(label, "channel-flat", "is flat"))
        elif on[position] < ON_LEAST * on.max():
            findings.append(
                _left_out(label, "channel-flat", f"is flat {1 - on[position]:.0%} of the time")
            )
        elif len(alive) >= 3 and rms[position] > HIGHEST_RATIO * typical:
            findings.append(
                _left_out(label, "channel-noisy",
                          f"has {rms[position] / typical:.0f} times the noise of its site")
            )  # fmt: skip
        else:
            fit.append(position)
    return fit, findings


def _left_out(label: str, code: str, why: str) -> Finding:
    return finding(code, f"Channel {label} {why}: left out.", severity="warning", channel=label)
