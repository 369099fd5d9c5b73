"""Blocks of a site: a chunk with its context, read and cleaned of what is no muscle.

A chunk is read by several passes. The first that reads all channels of a site remembers what it
found there (baselines, the coefficients of mains, that nothing had to be bridged), so that the
later ones only have to subtract: the same block results in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trace.converter import key_of, restless
from emgdetect.detection.trace.front import Chunk, Cleaned, Front, grid_of
from emgdetect.signal import filters, hum, matched
from emgdetect.signal.beatwaves import subtract_beats
from emgdetect.signal.gaps import fill_invalid, held_run, held_samples, is_sound, rail_samples
from emgdetect.signal.medians import row_medians
from emgdetect.signal.notch import undone
from emgdetect.signal.spans import spans_where

Bools = NDArray[np.bool_]

PAD_S = 1.0
"""Seconds of context on both sides, in which filters settle and levels are known. Set by judgement;
not measured."""
ROWS_AT_ONCE = matched.ROWS_AT_ONCE
"""Channels mended at once: as many as go through a bank at once (`matched`)."""
MOST_TERMS = 4_000_000
"""Coefficients of mains that are remembered of a site, 16 MB: 4 h of a grid of 64 channels with one
line, half an hour with eight. Of a site that has more, each pass fits them anew."""

REFITS = 12
"""Times that mains is fitted anew to what is left beside a gap: of a window of which a fifth holds
signal, each leaves four fifths of it."""
LONG_GAP_S = 0.05
"""Seconds of a gap from which that is done: of a shorter one a window hardly lacks anything. Set by
judgement; not measured."""


@dataclass(frozen=True)
class Block:
    """A chunk with its context, cleaned.

    Attributes
    ----------
    raw : ndarray of float32, shape (n_channels, n_samples)
        µV, gaps filled, baseline at zero, mains removed; context included.
    missing, held, clipped : ndarray of int, shape (n_core,)
        How many channels cannot be trusted at each sample of the chunk itself.
    n_before : int
        Raw samples of context before the chunk.
    """

    raw: NDArray[np.float32]
    missing: NDArray[np.int64]
    held: NDArray[np.int64]
    clipped: NDArray[np.int64]
    n_before: int

    @property
    def core(self) -> slice:
        """Raw samples of the chunk itself."""
        return slice(self.n_before, self.n_before + len(self.missing))


def read_block(front: Front, chunk: Chunk, channels: Sequence[int] | None = None) -> Block:
    """Read a chunk with context, mark and fill what cannot be trusted, remove mains and beats.

    Parameters
    ----------
    front : Front
    chunk : Chunk
    channels : sequence of int, optional
        Positions within `front.channels`; all by default.
    """
    rows = np.arange(len(front.channels)) if channels is None else np.asarray(channels, dtype=int)
    chosen = [front.channels[i] for i in rows]
    rate = front.site.sampling_hz
    grid = grid_of(rate, front.high_hz)
    pad = -(-round(PAD_S * rate) // grid) * grid
    n = front.recording.segments[chunk.segment].n_samples(rate)
    low, high = max(0, chunk.start - pad), min(n, chunk.stop + pad)
    # A notch is undone by what came before, too, which is of no use beyond that.
    settling = min(low, 0 if front.notch is None else round(front.notch.settle_s * rate))
    data = front.recording.read(chosen, chunk.segment, low - settling, high)
    core = slice(chunk.start - low + settling, chunk.stop - low + settling)
    data, counts = _cleaned(front, chunk, data, rows, core, settling, remember=channels is None)
    keys = [key_of(front.recording, channel, chunk.segment) for channel in chosen]
    restless(data, front.rounding.of(rows), rate, keys, low)
    before, after = pad - (chunk.start - low), pad - (high - chunk.stop)
    first_s = front.start_s(chunk) - (chunk.start - low) / rate
    for beats in front.heart:
        subtract_beats(data, first_s, beats, rows)
    if before or after:
        n_line = max(1, round(filters.LINE_S * rate))
        data = filters.smooth_extension(data, before, after, n_line=n_line)
    missing, held, clipped = counts
    return Block(data, missing, held, clipped, n_before=pad)


def _cleaned(
    front: Front, chunk: Chunk, data: NDArray[np.float32], rows: NDArray[np.int64], core: slice,
    settling: int, *, remember: bool,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:  # fmt: skip
    """Mend a block, undo a notch and take mains out, by what is known of it as far as it is.

    Returns
    -------
    data : ndarray of float32, shape (n_channels, n_samples)
        Without the first `settling` samples; `data` itself, changed, where there is no notch.
    counts : ndarray of int, shape (3, n_core)
        Number of channels that are missing, held and clipped, by sample.
    """
    known = front.cleaned.get(chunk)
    bad: Bools | None = None
    if known is not None and known.sound:
        data -= known.baseline[rows][:, None]
        counts, baseline = np.zeros((3, core.stop - core.start), int), known.baseline
    else:
        counts, baseline, bad = _mend(front, data, rows, core)
    sound = bad is None
    if front.notch is not None:
        wholly = undone(data, front.site.sampling_hz, front.notch)
        data = np.ascontiguousarray(wholly[:, settling:])
        bad = None if bad is None else bad[:, settling:]
        _bridge(data, bad)
    lines = _without_mains(front, data, rows, None if known is None else known.hum, bad)
    if remember and known is None:
        front.cleaned[chunk] = Cleaned(sound, baseline, lines)
    return data, counts


def _mend(
    front: Front, data: NDArray[np.float32], channels: NDArray[np.int64], core: slice
) -> tuple[NDArray[np.int64], NDArray[np.float32], Bools | None]:
    """Bridge in place what cannot be trusted and bring baselines to zero, some channels at a time.

    Returns
    -------
    counts : ndarray of int, shape (3, n_core)
        Number of channels that are missing, held and clipped, by sample.
    baseline : ndarray of float32, shape (n_channels,)
    bridged : ndarray of bool, shape (n_channels, n_samples), or None
        What had to be bridged; None if nothing had.
    """
    counts = np.zeros((3, core.stop - core.start), dtype=np.int64)
    baseline = np.empty(len(data), dtype=np.float32)
    n_run = held_run(front.site.sampling_hz, coarse=front.coarse)
    bridged: Bools | None = None
    for first in range(0, len(data), ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        rows, rails = data[part], _rails(front, channels[part])
        if not is_sound(rows, n_run=n_run, **rails):
            kinds = _untrusted(rows, n_run, rails)
            bad = kinds[0] | kinds[1] | kinds[2]
            if bad.any():
                bridged = np.zeros(data.shape, dtype=bool) if bridged is None else bridged
                bridged[part] = bad
            rows[...] = fill_invalid(rows, bad)
            for count, mask in zip(counts, kinds, strict=True):
                count += mask[:, core].sum(axis=0)
        baseline[part] = row_medians(rows[:, ::7])
        rows -= baseline[part][:, None]
    return counts, baseline, bridged


def _rails(front: Front, channels: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Rails and digital step of some channels."""
    known = [front.recording.channels[front.channels[i]] for i in channels]
    return {
        "low": np.array([channel.low_uv for channel in known]),
        "high": np.array([channel.high_uv for channel in known]),
        "step": np.array([channel.resolution_uv for channel in known]),
    }


def _untrusted(
    rows: NDArray[np.float32], n_run: int, rails: dict[str, NDArray[np.float64]]
) -> tuple[Bools, Bools, Bools]:
    """Samples of some channels that are missing, held and clipped."""
    held, clipped = held_samples(rows, n_run=n_run), rail_samples(rows, **rails)
    return ~np.isfinite(rows), held & ~clipped, clipped


def _without_mains(
    front: Front, data: NDArray[np.float32], rows: NDArray[np.int64], known: hum.Hum | None,
    bridged: Bools | None,
) -> hum.Hum:  # fmt: skip
    """Take mains out of a block, in place; returns what was taken out.

    What was bridged holds none: the sinusoids of its surroundings are not taken out of it.
    """
    rate, lines = front.site.sampling_hz, front.harmonics
    if not lines or data.shape[1] < hum.FEWEST_SAMPLES:
        return hum.Hum(front.mains_hz, None)
    if known is not None and known.terms is not None:
        hum.subtract_hum(data, rate, hum.Hum(known.frequency_hz, known.terms[rows]), lines)
        _bridge(data, bridged)
        return known
    if known is not None:
        frequency_hz = known.frequency_hz
    else:
        frequency_hz = front.mains_hz + hum.mains_offset(
            data, rate, frequency_hz=front.mains_hz, harmonics=lines
        )
    terms = hum.fit_hum(data, rate, frequency_hz=frequency_hz, harmonics=lines)
    _bridge(data, bridged)
    if bridged is not None:
        # A window with a gap held less of the sinusoids than its ends: they are fitted to the rest.
        over = _over_gaps(bridged, terms.shape[1], rate, hum.window_s(lines) / 2)
        for _ in range(REFITS if over.any() else 0):
            rest = data.copy()
            more = hum.fit_hum(rest, rate, frequency_hz=frequency_hz, harmonics=lines)
            more *= over[:, :, None]
            hum.subtract_hum(data, rate, hum.Hum(frequency_hz, more), lines)
            _bridge(data, bridged)
            terms += more
    return hum.Hum(frequency_hz, terms if _few_terms(front) else None)


def _over_gaps(bridged: Bools, n_frames: int, rate_hz: float, hop_s: float) -> Bools:
    """Windows of mains that hold some of a long gap, shape (n_channels, n_frames)."""
    over = np.zeros((len(bridged), n_frames), dtype=bool)
    n_hop = hop_s * rate_hz
    for row, gaps in zip(over, bridged, strict=True):
        for start, stop in spans_where(gaps):
            if stop - start >= LONG_GAP_S * rate_hz:
                # Each reaches from the centre of the one before to that of the next.
                row[max(0, int(start / n_hop - 1) + 1) : int(stop / n_hop + 1) + 1] = True
    return over


def _bridge(data: NDArray[np.float32], bridged: Bools | None) -> None:
    """Bridge in place anew what was bridged."""
    if bridged is not None:
        data[...] = fill_invalid(data, bridged)


def _few_terms(front: Front) -> bool:
    """Whether the coefficients of a whole site can be remembered."""
    per_s = 2 / hum.window_s(front.harmonics) * 2 * len(front.harmonics) * len(front.channels)
    return per_s * front.recording.recorded_s <= MOST_TERMS
