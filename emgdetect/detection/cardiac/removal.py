"""What a site sees of the heart, learned before its potentials are sought and then taken out.

A potential on top of a beat is then found as anywhere else, and the beat falls below threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.cardiac.beats import Beats
from emgdetect.detection.second_pass.listing import Listed
from emgdetect.detection.second_pass.measuring import measure_all
from emgdetect.detection.second_pass.pursuit import Found
from emgdetect.detection.trace.bank import whole_score
from emgdetect.detection.trace.blocks import Block, read_block
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.trace.whitening import whiten
from emgdetect.signal import beatwaves, filters
from emgdetect.signal.spans import covers

Floats = NDArray[np.floating[Any]]

BEFORE_S, AFTER_S = 0.22, 0.40
"""From before the P wave (0.12-0.20 s before R) to the end of the T wave."""
BEFORE_SHARE, AFTER_SHARE = 0.30, 0.65
"""Share of the median interval: a window that reached the next beat would subtract it twice."""
LEAST = 8
"""Beats of a kind that make a wave: their median has half the noise of a single beat."""
MOST_BEATS = 200
"""Beats a wave is learned from: what it adds to the noise of a beat is then below 1 %."""
ROWS_AT_ONCE = 16
"""Channels learned at once: 200 beats of them at 2 kHz are 16 MB."""
LOWEST_HZ = 4.0
"""Baselines wander below; the detection band begins at 25 Hz. Set by judgement; not measured."""
PEAK_S = 0.03
"""How far from R the largest deflection of a beat may lie on a muscle's own lead. Set by judgement;
not measured."""


def with_heart(front: Front, chunks: Sequence[Chunk], beats: Beats) -> Front:
    """The front that takes the heart out of its blocks, as far as the site sees it clearly."""
    if len(beats) < LEAST:
        return front
    beat_s = float(np.median(np.diff(beats.time_s)))
    kinds = [beats.time_s[~beats.ectopic], beats.time_s[beats.ectopic]]
    waves = [_wave(front, chunks, times, beat_s) for times in kinds if len(times) >= LEAST]
    return replace(front, heart=tuple(wave for wave in waves if wave.wave.any()))


def _wave(front: Front, chunks: Sequence[Chunk], time_s: Floats, beat_s: float
          ) -> beatwaves.BeatWave:  # fmt: skip
    """What each channel sees of beats of one kind."""
    rate = front.site.sampling_hz
    n_before = round(min(BEFORE_S, BEFORE_SHARE * beat_s) * rate)
    n_after = round(min(AFTER_S, AFTER_SHARE * beat_s) * rate)
    window = np.arange(-n_before, n_after + 1)
    jobs = [(chunk, own) for chunk in chunks if len(own := _within(front, chunk, time_s))]
    n_jobs = min(len(jobs), int(np.ceil(MOST_BEATS * len(jobs) / max(len(time_s), 1))))
    chosen = np.unique(np.linspace(0, len(jobs) - 1, n_jobs).round().astype(int))
    wave = np.zeros((len(front.channels), len(window)), dtype=np.float32)
    if sum(len(jobs[i][1]) for i in chosen) >= LEAST:
        for first in range(0, len(wave), ROWS_AT_ONCE):
            rows = range(first, min(first + ROWS_AT_ONCE, len(wave)))
            pieces = [_windows(front, jobs[i][0], rows, jobs[i][1], window) for i in chosen]
            mean, doubt = beatwaves.typical_wave(np.concatenate(pieces))
            wave[rows] = beatwaves.faded(mean, doubt, rate)
    return beatwaves.BeatWave(time_s, wave, n_before, rate, front.rms_uv)


def _within(front: Front, chunk: Chunk, time_s: Floats) -> Floats:
    """Beats within a chunk."""
    start = front.start_s(chunk)
    stop = start + (chunk.stop - chunk.start) / front.site.sampling_hz
    return time_s[(time_s >= start) & (time_s < stop)]


def _windows(
    front: Front, chunk: Chunk, rows: Sequence[int], time_s: Floats, window: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The trace around beats, shape (n_beats, n_channels, n_times)."""
    rate = front.site.sampling_hz
    block = read_block(front, chunk, rows)
    high = filters.filter_zero_phase(block.raw, rate, low_hz=LOWEST_HZ, high_hz=0.45 * rate)
    at = np.rint((time_s - front.start_s(chunk)) * rate).astype(int) + block.n_before
    inside = np.clip(at[:, None] + window, 0, high.shape[1] - 1)
    return np.ascontiguousarray(high[:, inside].transpose(1, 0, 2))


def listed_beats(front: Front, chunks: Sequence[Chunk], analysed_s: Floats, *,
                 channels: Sequence[int], threshold: float, low_hz: float, n_threads: int,
                 ) -> Listed:  # fmt: skip
    """The beats that would have been potentials had they not been taken out, as rows.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    analysed_s : ndarray, shape (n_spans, 2)
    channels : sequence of int
        Positions within `front.channels` that potentials are scored on.
    threshold : float
        What a beat has to reach to be worth a row.
    low_hz : float
        Lower edge of the mild band.
    n_threads : int

    Returns
    -------
    Listed
        Measured on the trace as it was recorded.
    """
    times: list[Floats] = [np.zeros(0)]
    scores = [np.zeros((0, len(channels)), dtype=np.float32)]
    for beats in front.heart:
        score = _score(front, beats)[list(channels)]
        if score.max(initial=0.0) >= threshold:
            own = beats.time_s[covers(analysed_s, beats.time_s)]
            times.append(own)
            scores.append(np.tile(score, (len(own), 1)))
    time, by_channel = np.concatenate(times), np.concatenate(scores)
    order = np.argsort(time, kind="stable")
    time, by_channel = time[order], by_channel[order]
    strongest = np.asarray(channels, dtype=np.int64)[by_channel.argmax(axis=1)]
    measured = measure_all(
        replace(front, heart=()), chunks, time, strongest, low_hz=low_hz, n_threads=n_threads,
        search_s=np.full(len(time), PEAK_S),
    )  # fmt: skip
    starts = np.array([segment.start_s for segment in front.recording.segments])
    found = Found(
        segment=np.searchsorted(starts, time, side="right") - 1, time_s=time,
        template=np.full(len(time), -1), scale=np.full(len(time), np.nan),
        score=by_channel.max(axis=1, initial=0.0), by_channel=by_channel, left=np.ones(len(time)),
        reached=np.full(len(time), np.inf), needed=np.ones(len(time)),
    )  # fmt: skip
    return Listed(found, measured, strongest)


def _score(front: Front, beats: beatwaves.BeatWave) -> NDArray[np.float32]:
    """Generic score of the typical beat on each channel, shape (n_channels,)."""
    n_pad = round(front.site.sampling_hz)
    raw = np.pad(beats.wave, ((0, 0), (n_pad, n_pad)))
    none = np.zeros(beats.wave.shape[1], dtype=np.int64)
    spectrum = whiten(front, Block(raw, none, none, none, n_before=n_pad), front.scan_ratio)
    values = spectrum.values * (1.0 / front.rms_uv[:, None]).astype(np.float32)
    score = whole_score(values, spectrum.n_fft, spectrum.rate_hz, front.low_hz, front.high_hz)
    return np.asarray(score.max(axis=1), dtype=np.float32)
