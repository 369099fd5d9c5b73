"""Heart beats of a whole recording, found before any potential is.

A QRS has its energy below 40 Hz, where a potential has little; so beats are looked for on the mild
traces of a few channels, not among what crossed the threshold for potentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.detection.bodymap import limb_of, side_of
from emgdetect.detection.cardiac.ectopic import centred, with_ectopic
from emgdetect.detection.cardiac.evidence import (
    INTERVAL_S,
    LEAST_BEATS,
    Lead,
    believable,
    typical_beats,
)
from emgdetect.detection.threads import each
from emgdetect.readers.sites import typed
from emgdetect.recording import Channel, Recording
from emgdetect.signal import ecg
from emgdetect.signal.gaps import fill_invalid

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

BLOCK_S = 240.0
"""Length of the pieces in which evidence is sought: 160 beats or more, 0.2 MB for each trace."""
CONTEXT_S = 2.0
"""Read to both sides, so that a beat at an edge is found whole. Set by judgement; not measured."""
MOST_LEADS = 3
"""Channels of a grid that are looked at: a QRS is 80 ms wide and as wide as the limb. Set by
judgement; not measured."""
LEAST_ECG_HZ = 60.0
"""Sampling rate from which an ECG channel shows QRS complexes. Set by judgement; not measured."""
LOWEST_HZ = 100.0
"""Sampling rate below which a trace does not hold the QRS band."""
SEEN = 2.2
"""What an envelope must reach in noise RMS: 60 ms of the QRS band are four degrees of freedom,
which exceed it in 0.07 % of the time by chance (chi-squared)."""
TOGETHER_S = 0.02
"""By how much two places may see a beat apart; the QRS itself lasts 80-100 ms. Set by judgement;
not measured."""
SLOW_SHARE = 0.93
"""`ecg.slow_share` of a QRS at one place. Of 750 simulated potentials of five models 99 % stay
below 0.925; every one of 300 simulated QRS and extrasystoles, and the ECG of plux_bsnb, have 0.99
or more."""
SLOW_SHARE_TOGETHER = 0.8
"""The same where two places agree: above the median of every model of a potential (0.1-0.6)."""


@dataclass(frozen=True)
class Beats:
    """Heart beats of a recording.

    Attributes
    ----------
    time_s : ndarray, shape (n_beats,)
        R waves, in order.
    ectopic : ndarray of bool, shape (n_beats,)
        Beats of another shape than the most: extrasystoles.
    """

    time_s: Floats
    ectopic: Bools

    def __len__(self) -> int:
        return len(self.time_s)


NO_BEATS = Beats(np.zeros(0), np.zeros(0, dtype=bool))
"""No beats at all: where no heart is seen, or its evidence is not enough."""


def find_beats(recording: Recording, *, n_threads: int = 1) -> Beats:
    """Beats of a recording; none where there is no evidence of a heart.

    Evidence is an ECG channel, the same waves at two places of the body or more, or waves as slow
    as a QRS at one place with nearly all expected beats present. Regularity alone is none.
    """
    leads = leads_of(recording)
    if not leads or recording.kind == "needle":
        return NO_BEATS
    jobs = [
        (segment, start, stop)
        for segment, whole in enumerate(recording.segments)
        for start, stop in pieces(whole.duration_s)
    ]
    parts = each(lambda job: _part(recording, leads, *job), jobs, n_threads)
    if not parts:
        return NO_BEATS
    return Beats(
        np.concatenate([p.time_s for p in parts]), np.concatenate([p.ectopic for p in parts])
    )


def shows_heart(channel: Channel) -> bool:
    """Whether beats may be read from a channel: an ECG, left out of the sites for nothing else."""
    known = channel.kind == "ECG" and channel.skip in ("", typed(channel.kind))
    return known and channel.sampling_hz >= LEAST_ECG_HZ


def leads_of(recording: Recording) -> list[Lead]:
    """The channels to look at: an ECG's, and a few of each site."""
    leads = [
        Lead(index, "ECG", "ECG") for index, channel in enumerate(recording.channels)
        if shows_heart(channel)
    ][:1]  # fmt: skip
    for site in recording.sites:
        if site.sampling_hz < LOWEST_HZ:
            continue
        n = len(site.channels)
        chosen = np.unique(np.linspace(0, n - 1, min(n, MOST_LEADS) + 2).round()[1:-1].astype(int))
        known = side_of(site.name) + " " + limb_of(site.name)
        place = known if known.strip() else site.name
        leads += [Lead(site.channels[i], site.name, place) for i in chosen]
    return leads


def pieces(duration_s: float) -> list[tuple[float, float]]:
    """Pieces of a segment: as long as `BLOCK_S` or, the last, up to half as long again."""
    n = max(1, round(duration_s / BLOCK_S))
    edges = [*(BLOCK_S * i for i in range(n)), duration_s]
    return list(pairwise(edges))


def _part(
    recording: Recording, leads: list[Lead], segment: int, start_s: float, stop_s: float
) -> Beats:
    """Beats of one piece of a segment, in seconds of the recording."""
    whole = recording.segments[segment]
    low = max(0.0, np.floor(start_s - CONTEXT_S))
    high = min(whole.duration_s, np.ceil(stop_s + CONTEXT_S))
    if high - low < LEAST_BEATS * INTERVAL_S[0]:
        return NO_BEATS
    n = int((high - low) * ecg.MILD_HZ)
    mild = np.stack([_read(recording, lead.channel, segment, low, high, n) for lead in leads])
    at, ectopic = beats_in(mild, leads)
    time = low + at / ecg.MILD_HZ
    own = (time >= start_s) & (time < stop_s)
    return Beats(whole.start_s + time[own], ectopic[own])


def _read(
    recording: Recording, channel: int, segment: int, low_s: float, high_s: float, n: int
) -> NDArray[np.float32]:
    """The mild trace of one channel, shape (n,)."""
    rate = recording.channels[channel].sampling_hz
    stop = min(round(high_s * rate), recording.segments[segment].n_samples(rate))
    data = recording.read([channel], segment, round(low_s * rate), stop)
    bad = ~np.isfinite(data)
    if bad.any():
        data = fill_invalid(data, bad)
    trace = ecg.mild_trace(data[0], rate)[:n]
    return np.pad(trace, (0, n - len(trace)))


def beats_in(mild: Floats, leads: list[Lead]) -> tuple[Floats, Bools]:
    """Beats in some mild traces, by whatever evidence there is.

    Parameters
    ----------
    mild : ndarray, shape (n_leads, n_samples)
        At `ecg.MILD_HZ`.
    leads : list of Lead

    Returns
    -------
    at : ndarray, shape (n_beats,)
        In samples, in order.
    ectopic : ndarray of bool, shape (n_beats,)
    """
    seen = [ecg.qrs_band(trace, steady=lead.place == "ECG")
            for trace, lead in zip(mild, leads, strict=True)]  # fmt: skip
    bands = np.stack([band for band, _ in seen])
    clarity = np.stack([ecg.clarity_of(level, steady=lead.place == "ECG")
                        for lead, (_, level) in zip(leads, seen, strict=True)])  # fmt: skip
    by_site = _envelopes(bands, leads)
    tries: list[tuple[Floats, int, float]] = []
    if leads[0].place == "ECG":
        tries.append((by_site["ECG"], 1, 0.0))
    if len({lead.place for lead in leads}) >= 2:
        tries.append((_seen_by_two(by_site, leads), 2, SLOW_SHARE_TOGETHER))
    tries += [(own, 1, SLOW_SHARE) for own in by_site.values()]
    for envelope, n_places, share in tries:
        peaks = ecg.envelope_peaks(envelope, ecg.MILD_HZ, least=SEEN)
        found = typical_beats(bands, clarity, peaks, certain=envelope is by_site.get("ECG"))
        if found is not None and believable(mild, bands, leads, found, n_places, share):
            return centred(bands, *with_ectopic(mild, bands, found, peaks, envelope))
    return np.zeros(0), np.zeros(0, dtype=bool)


def _envelopes(bands: Floats, leads: list[Lead]) -> dict[str, Floats]:
    """Envelope of each site: the median of its leads."""
    parts: dict[str, list[Floats]] = {lead.site: [] for lead in leads}
    for band, lead in zip(bands, leads, strict=True):
        parts[lead.site].append(ecg.envelope(band))
    return {site: np.median(own, axis=0) for site, own in parts.items()}


def _seen_by_two(by_site: dict[str, Floats], leads: list[Lead]) -> Floats:
    """Envelope that the second place reaches, too: a potential is large at one place only."""
    near = 2 * round(TOGETHER_S * ecg.MILD_HZ) + 1
    places: dict[str, list[Floats]] = {}
    for site, place in {lead.site: lead.place for lead in leads}.items():
        places.setdefault(place, []).append(by_site[site])
    wide = [ndimage.maximum_filter1d(np.max(own, axis=0), near) for own in places.values()]
    return np.asarray(np.sort(wide, axis=0)[-2])
