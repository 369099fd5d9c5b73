"""From potentials of a site to rows of the tables and facts for the statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.levels import LEVELS, Counts
from emgdetect.detection.rest.exposure import gaps_between
from emgdetect.detection.second_pass.fitting import fit_amplitudes
from emgdetect.detection.second_pass.surroundings import is_asked
from emgdetect.detection.shape.one_unit import told_apart
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.company import company
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.detections import SiteFacts, Waveform
from emgdetect.recording import Recording, Site

Floats = NDArray[np.floating[Any]]

SEEN = 3.5
"""Score, in units of noise, from which a channel saw a potential (`n_channels_seen`): in Gaussian
noise one channel exceeds it about twice a second (`bank_in_noise`, 1 kHz). Set by judgement."""
LOOKED_AT = 64
"""Samples of a segment that tell whether it holds any. Set by judgement; not measured."""


def unit_numbers(signal: SiteSignal) -> NDArray[np.int64]:
    """Number of each potential's unit, from 1 by size of the group; 0 where unassigned."""
    template = signal.found.template
    if is_asked(signal.front):
        template = told_apart(template, signal.channel, signal.measured, signal.templates,
                              signal.site.sampling_hz)  # fmt: skip
    numbers = np.zeros(len(template), dtype=np.int64)
    kinds, counts = np.unique(template[template >= 0], return_counts=True)
    for number, index in enumerate(np.argsort(-counts, kind="stable"), start=1):
        numbers[template == kinds[index]] = number
    return numbers


def template_units(signal: SiteSignal, unit: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of each template's unit, shape (n_templates,); 0 where it explains no potential."""
    units = np.zeros(len(signal.templates), dtype=np.int64)
    explained = signal.found.template >= 0
    units[signal.found.template[explained]] = unit[explained]
    return units


def event_rows(signal: SiteSignal, judged: Judged, unit: NDArray[np.int64]) -> list[dict[str, Any]]:
    """One row per potential, with its unit's number, in the order of `signal.found`."""
    measured, found = signal.measured, signal.found
    before, after = unit_intervals(measured.peak_s, unit)
    fitted, match = fit_amplitudes(measured.snippet_uv, unit, signal.channel)
    counted = judged.verdict == "fasciculation"
    why = np.where(counted, company(measured.peak_s, unit, counted), judged.why)
    names = [signal.front.recording.channels[i].name for i in signal.front.channels]
    return [
        {
            "onset": measured.onset_s[i],
            "duration": measured.duration_s[i],
            "site": signal.site.name,
            "channel": names[signal.channel[i]],
            "verdict": judged.verdict[i],
            "peak_s": measured.peak_s[i],
            "amplitude_uv": measured.amplitude_uv[i],
            "amplitude_fit_uv": fitted[i],
            "snr": measured.amplitude_uv[i] / max(measured.noise_uv[i], 1e-9),
            "unit": int(unit[i]) if unit[i] else None,
            "score": found.score[i],
            "threshold": signal.threshold,
            "noise_uv": measured.noise_uv[i],
            "phases": int(measured.phases[i]),
            "match": match[i],
            "n_channels_seen": int(max(1, np.sum(found.by_channel[i] >= SEEN))),
            "interval_before_s": before[i],
            "interval_after_s": after[i],
            "why": why[i],
        }
        for i in range(len(found.time_s))
    ]


def unit_intervals(peak_s: Floats, unit: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Time to the previous and the next potential of the same unit, or of any where it has none.

    NaN where there is none.
    """
    before, after = np.full(len(peak_s), np.nan), np.full(len(peak_s), np.nan)
    for number in np.unique(unit):
        own = np.flatnonzero(unit == number) if number else np.arange(len(peak_s))
        own = own[np.argsort(peak_s[own], kind="stable")]
        steps = np.diff(peak_s[own])
        mine = unit[own] == number
        before[own[1:][mine[1:]]] = steps[mine[1:]]
        after[own[:-1][mine[:-1]]] = steps[mine[:-1]]
    return before, after


def excluded_rows(signal: SiteSignal) -> list[dict[str, Any]]:
    """One row per excluded span of a site, in order of time."""
    rows = [
        {"onset": start, "duration": stop - start, "site": signal.site.name, "reason": reason}
        for reason, spans in signal.excluded.items()
        for start, stop in spans
    ]
    return sorted(rows, key=lambda row: row["onset"])


def unusable_rows(recording: Recording, site: Site) -> list[dict[str, Any]]:
    """The same of a site of which no channel can be analysed: none of its time was used."""
    recorded = recording.spans_s
    rows = [("flat" if _has_samples(recording, site, k) else "missing", *span)
            for k, span in enumerate(recorded.tolist())]  # fmt: skip
    rows += [("gap", *gap) for gap in gaps_between(recorded).tolist()]
    return [{"onset": start, "duration": stop - start, "site": site.name, "reason": reason}
            for reason, start, stop in sorted(rows, key=lambda row: row[1]) if stop > start
            ]  # fmt: skip


def _has_samples(recording: Recording, site: Site, segment: int) -> bool:
    """Whether a segment holds anything but NaN, by some places of it."""
    n = recording.segments[segment].n_samples(site.sampling_hz)
    starts = np.unique(np.linspace(0, max(n - 1, 0), LOOKED_AT).astype(int))
    return any(
        np.isfinite(recording.read(site.channels, segment, int(start), int(start) + 1)).any()
        for start in starts[:n]
    )


def site_facts(
    recording: Recording, site: Site, signal: SiteSignal | None, counts: Counts | None
) -> SiteFacts:
    """What the statistics start from; nothing analysed where there is no signal."""
    if signal is None or counts is None:
        levels = dict.fromkeys(LEVELS, (0, 0.0))
        return SiteFacts(
            site.name, 0, site.sampling_hz, recording.recorded_s, np.zeros((0, 2)), levels,
            float("nan"), float("nan"), float("nan"), float("nan"),
        )  # fmt: skip
    n_channels, notch = len(signal.front.channels), signal.front.notch
    return SiteFacts(
        site=site.name, n_channels=n_channels, sampling_hz=site.sampling_hz,
        recorded_s=recording.recorded_s,
        analysed_s=signal.counted_s.astype(np.float64), counts_by_level=counts,
        noise_uv=signal.noise_uv, threshold=signal.threshold,
        expected_false_per_min=signal.expected_false_per_min,
        mains_share=signal.front.mains_share,
        notch=None if notch is None else (notch.frequency_hz, notch.quality),
    )  # fmt: skip


def site_waveforms(signal: SiteSignal, unit: NDArray[np.int64]) -> list[Waveform]:
    """Average waveform of each unit on each channel, in µV of the mild band."""
    rate = signal.site.sampling_hz
    half = signal.measured.snippet_uv.shape[1] // 2
    times = np.arange(-half, half + 1) / rate
    waveforms = []
    for number in range(1, int(unit.max(initial=0)) + 1):
        own = unit == number
        average = np.full((len(signal.front.channels), 2 * half + 1), np.nan)
        for row in np.unique(signal.channel[own]):
            chosen = own & (signal.channel == row)
            average[row] = signal.measured.snippet_uv[chosen].mean(axis=0)
        waveforms.append(Waveform(signal.site.name, number, int(own.sum()), times, average))
    return waveforms
