"""Potentials measured on the mildly filtered trace of their strongest channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.rows import replaced
from emgdetect.detection.threads import each
from emgdetect.detection.trace.blocks import read_block
from emgdetect.detection.trace.cutting import by_chunk
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.recording import Segment
from emgdetect.signal import filters
from emgdetect.signal.noise import robust_rms
from emgdetect.signal.waveform import half_width, measure

Floats = NDArray[np.floating[Any]]

SEARCH_S = 0.008
"""Seconds to either side in which a potential's peak is looked for. Set by judgement; not
measured."""
FAR_S = 0.016
"""The same for a strong potential of no unit, alone for twice as long. Set by judgement; not
measured."""
GRID_FAR_S = 0.025
"""The same on a grid: a potential passes its electrodes for tens of milliseconds. Set by judgement;
not measured."""
FAR_SCORE = 10.0
"""Score, in units of noise, from which a potential is searched so far, and the median one of a unit
from which noise chooses no lobe. If all units are taken for weak, of clean and pairs (tuning seeds
1000 to 1005) 308 instead of 317 potentials are missed, 8 of them in one span that is called
movement, and 96 instead of 90 are false: lobes of larger ones."""
LOBE_S = 0.003
"""Seconds by which a peak may lie from its unit's largest lobe. Set by judgement; not measured."""
LOBE_REACH_S = 0.030
"""Seconds from a template's middle in which its largest lobe is looked for. Set by judgement; not
measured."""
LOBE_RATIO = 1.08
"""Height over that of a strong potential's own lobe from which the unit's counts instead. Set by
judgement; not measured."""
GRID_LOBE_RATIO = 1.0
"""The same on a grid, whose potentials begin at the end plates and end at the tendons, 10 to 20 ms
later, with lobes alike: of 27 discharges of such a unit 26 had their largest lobe, noise aside,
where their average has it, and 13 where their own noise put it (tuning seed 1003 of grid64)."""
LOBE_SPREADS = 3.0
"""Spreads beside the median at which a potential's trace is cut off for the average of a weak unit:
what overlaps one potential is not the unit's. If it tells the lobe of every unit, 66 of 4465
potentials of an independent simulator (hold-out 10, seeds 0 and 1, eight phenomena) lie more than
12 ms beside the true peak, 75 by the mean and 94 by the median; of 6919 of ours (tuning seeds 1000
to 1005) 43, 41 and 42."""
REACH_S = 0.025
"""Seconds from the peak at which a potential ends; 3-40 ms are allowed for. Set by judgement; not
measured."""
QUIET_S = 0.004
"""Seconds without a deflection that end a potential. Set by judgement; not measured."""
NOISE_S = 0.5
"""Seconds to either side that tell the noise RMS around a potential. Set by judgement; not
measured."""
SNIPPET_S = 0.050
"""Seconds to either side of the peak that are kept of the mild trace. Set by judgement; not
measured."""
FINE_HZ = 2000.0
"""Rate up to which slower recordings are interpolated before they are measured: at 400 Hz a peak
lies up to 1.25 ms beside a sample. Clean recordings of tuning seeds 1171 and 1172, potentials
beyond 8 x noise: amplitudes are 0.80, 0.86 and 0.99 of the true ones in the median at 400, 512 and
1000 Hz without, and 0.87, 0.92 and 1.01 with it, peaks lie 0.72, 0.61 and 0.31 ms beside the true
ones, and 0.25, 0.24 and 0.25 ms; of four recordings at 512 Hz 2 potentials more are missed and 2
are false."""


@dataclass(frozen=True)
class Measured:
    """Measures of the potentials of a site, in their order.

    Attributes
    ----------
    onset_s, duration_s, peak_s, amplitude_uv, noise_uv : ndarray, shape (n,)
    phases : ndarray of int, shape (n,)
    width_s : ndarray, shape (n,)
        Width of the main deflection at half its height.
    snippet_uv : ndarray of float32, shape (n, n_times)
        The mild trace within 50 ms of the peak.
    """

    onset_s: Floats
    duration_s: Floats
    peak_s: Floats
    amplitude_uv: Floats
    noise_uv: Floats
    phases: NDArray[np.int64]
    width_s: Floats
    snippet_uv: NDArray[np.float32]


def over_noise(measured: Measured) -> Floats:
    """Amplitude of each potential over the noise RMS around it; shape (n,)."""
    return np.asarray(measured.amplitude_uv / np.maximum(measured.noise_uv, 1e-12))


def measure_all(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, channel: NDArray[np.int64], *,
    low_hz: float, n_threads: int = 1, search_s: Floats | None = None,
) -> Measured:  # fmt: skip
    """Measure potentials at given times.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    time_s : ndarray, shape (n,)
        In order.
    channel : ndarray of int, shape (n,)
        Position within `front.channels` of the strongest channel.
    low_hz : float
        Lower edge of the mild band.
    n_threads : int
    search_s : ndarray, shape (n,), optional
        How far from each time its peak may lie; 8 ms by default.
    """
    reach = np.full(len(time_s), SEARCH_S) if search_s is None else search_s
    jobs = [(chunk, time_s[own], channel[own], reach[own])
            for chunk, own in by_chunk(front, chunks, time_s)]  # fmt: skip
    parts = each(partial(_measure_chunk, front, low_hz), jobs, n_threads)
    n_times = 2 * round(SNIPPET_S * front.site.sampling_hz) + 1
    columns = np.concatenate([np.zeros((0, 7)), *(p[0] for p in parts)]).T
    snippets = [np.zeros((0, n_times), dtype=np.float32), *(p[1] for p in parts)]
    onset, duration, peak, amplitude, noise, phases, width = columns
    return Measured(onset, duration, peak, amplitude, noise, phases.astype(np.int64), width,
                    np.concatenate(snippets))  # fmt: skip


def measure_units(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, channel: NDArray[np.int64],
    template: NDArray[np.int64], score: Floats, *, low_hz: float, n_threads: int = 1,
) -> Measured:  # fmt: skip
    """Measure potentials so that all of a unit are measured at the same lobe.

    Long potentials have lobes of nearly the same height, of which noise would choose another one
    each time; the unit's own waveform tells which is the largest, wherever its template's middle
    lies: whitened, a unit may be described by its tail.

    Parameters
    ----------
    front, chunks, time_s, channel, low_hz, n_threads
        As for `measure_all`.
    template : ndarray of int, shape (n,)
        -1 where no unit is known: a strong potential is searched further from its time.
    score : ndarray, shape (n,)
    """
    alone = np.diff(time_s, prepend=-np.inf, append=np.inf)
    alone_s = np.minimum(alone[:-1], alone[1:])
    grid = front.unmixing is not None
    ratio = GRID_LOBE_RATIO if grid else LOBE_RATIO
    # A grid sees a potential pass its electrodes for tens of milliseconds.
    far_s = GRID_FAR_S if grid else FAR_S
    far = (score >= FAR_SCORE) & (alone_s > 2 * far_s) & (grid | (template < 0))
    first = measure_all(front, chunks, time_s, channel, low_hz=low_hz, n_threads=n_threads,
                        search_s=np.where(far, far_s, SEARCH_S))  # fmt: skip
    due = time_s + lobes(first, time_s, channel, template, front.site.sampling_hz,
                         score, ratio=ratio)  # fmt: skip
    other = np.flatnonzero(np.abs(first.peak_s - due) > LOBE_S)
    if not len(other):
        return first
    order = other[np.argsort(due[other], kind="stable")]
    again = measure_all(front, chunks, due[order], channel[order], low_hz=low_hz,
                        n_threads=n_threads, search_s=np.full(len(order), LOBE_S))  # fmt: skip
    return replaced(first, order, again)


def lobes(
    measured: Measured, time_s: Floats, channel: NDArray[np.int64], template: NDArray[np.int64],
    sampling_hz: float, score: Floats, *, ratio: float = LOBE_RATIO,
) -> Floats:  # fmt: skip
    """Where the largest lobe of each potential's unit lies, after the template's middle.

    Parameters
    ----------
    measured : Measured
    time_s : ndarray, shape (n,)
    channel, template : ndarray of int, shape (n,)
    sampling_hz : float
    score : ndarray, shape (n,)
        Those of a weak unit's potentials all lie at its lobe: noise chose their own.
    ratio : float
        Of its height to that of a strong unit's potential's own lobe, from which it counts instead.

    Returns
    -------
    ndarray, shape (n,)
        Seconds; what was measured where a unit has fewer than three potentials on the channel.
    """
    offset_s = measured.peak_s - time_s
    n_half = measured.snippet_uv.shape[1] // 2
    reach = round(LOBE_REACH_S * sampling_hz)
    for unit in np.unique(template[template >= 0]):
        for row in np.unique(channel[template == unit]):
            own = np.flatnonzero((template == unit) & (channel == row))
            if len(own) < 3:
                continue
            start = n_half - np.rint(offset_s[own] * sampling_hz).astype(int)
            window = np.clip(start[:, None] + np.arange(-reach, reach + 1), 0, 2 * n_half)
            pieces = np.take_along_axis(measured.snippet_uv[own], window, 1)
            weak = bool(np.median(score[own]) < FAR_SCORE)
            typical = np.abs(_average(pieces) if weak else np.median(pieces, axis=0))
            largest = int(np.argmax(typical))
            # Of lobes nearly alike each strong potential keeps the one that is its own largest.
            mine = np.clip(np.rint(offset_s[own] * sampling_hz).astype(int) + reach, 0, 2 * reach)
            moved = own[typical[largest] > (1.0 if weak else ratio) * typical[mine]]
            offset_s[moved] = (largest - reach) / sampling_hz
    return np.asarray(offset_s)


def _average(pieces: NDArray[np.float32]) -> Floats:
    """Mean of some traces, each cut off where it is far beside their median."""
    middle = np.median(pieces, axis=0)
    reach = LOBE_SPREADS * float(robust_rms((pieces - middle).ravel()))
    return np.asarray(np.clip(pieces, middle - reach, middle + reach).mean(axis=0))


def _measure_chunk(
    front: Front, low_hz: float, job: tuple[Chunk, Floats, NDArray[np.int64], Floats]
) -> tuple[Floats, NDArray[np.float32]]:
    chunk, times, channels, search = job
    used = np.unique(channels)
    block = read_block(front, chunk, used.tolist())
    rate = front.site.sampling_hz
    finer = max(1, round(FINE_HZ / rate))
    mild = mild_trace(block.raw, rate, low_hz, finer=finer)
    first_s = front.start_s(chunk) - block.n_before / rate
    rows, snippets = [], []
    half = round(SNIPPET_S * rate)
    for time, channel, reach in zip(times, channels, search, strict=True):
        row = int(np.searchsorted(used, channel))
        at = finer * min(max(round((time - first_s) * rate), 0), block.raw.shape[1] - 1)
        rows.append(_one(mild[row], at, rate * finer, first_s, reach))
        peak = round((rows[-1][2] - first_s) * rate) * finer
        window = peak + finer * np.arange(-half, half + 1)
        snippets.append(mild[row][np.clip(window, 0, mild.shape[1] - finer)])
    table = np.array(rows, dtype=float)
    _keep_within(table, front.recording.segments[chunk.segment], 1 / (rate * finer))
    return table, np.stack(snippets)


def _keep_within(table: Floats, segment: Segment, step_s: float) -> None:
    """Cut onsets, durations and peaks, in place, to what a segment holds; a step is left.

    Beyond its ends there is only what was made to filter it.
    """
    stop = table[:, 0] + table[:, 1]
    onset = np.clip(table[:, 0], segment.start_s, segment.stop_s - step_s)
    beyond = (onset != table[:, 0]) | (stop > segment.stop_s)
    within = np.clip(stop, onset + step_s, segment.stop_s) - onset
    table[beyond, 1] = within[beyond]
    table[:, 0] = onset
    table[:, 2] = np.clip(table[:, 2], segment.start_s, segment.stop_s)


def mild_trace(
    raw: NDArray[np.float32], rate: float, low_hz: float, *, finer: int = 1
) -> NDArray[np.float32]:
    """The mildly filtered block, with `finer` values for each of its samples."""
    n_fft = int(fft.next_fast_len(raw.shape[1], real=True))
    band = filters.mild_response(n_fft, rate, low_hz) * finer
    out = np.empty((len(raw), finer * raw.shape[1]), dtype=np.float32)
    for row, values in zip(out, raw, strict=True):
        row[:] = fft.irfft(fft.rfft(values, n_fft) * band, finer * n_fft)[: len(row)]
    return out


def _one(mild: Floats, at: int, rate: float, first_s: float, search_s: float) -> tuple[float, ...]:
    around = mild[max(0, at - round(NOISE_S * rate)) : at + round(NOISE_S * rate)]
    rms = float(robust_rms(around))
    found = measure(
        mild, centre=at, search=max(1, round(search_s * rate)), reach=round(REACH_S * rate),
        rms=rms, quiet=max(2, round(QUIET_S * rate)),
    )  # fmt: skip
    return (
        first_s + found.start / rate, (found.stop - found.start) / rate,
        first_s + found.peak / rate, found.amplitude, rms, found.phases,
        half_width(mild, found.peak) / rate,
    )  # fmt: skip
