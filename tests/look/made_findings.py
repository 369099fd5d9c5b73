"""Hand-made recordings and detections of any size, for what people look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emgdetect.columns import EVENTS, EXCLUDED, REASONS, SUMMARY, VERDICTS, table
from emgdetect.config import Config
from emgdetect.detections import Detections
from emgdetect.recording import Channel, Recording, Segment

RATE_HZ = 1000.0


@dataclass
class LazySamples:
    """Noise made when asked for, the same wherever a block begins; remembers the largest block."""

    rate_hz: float = RATE_HZ
    largest: int = 0

    def __call__(
        self, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> NDArray[np.float32]:
        self.largest = max(self.largest, (stop - start) * len(channels))
        position = np.arange(start, stop)
        noise = np.sin(position * 12.9898 + segment) * 43758.5453
        wave = 20 * (noise - np.floor(noise) - 0.5) + 30 * np.exp(
            -((((position % 5003) - 2500) / 4.0) ** 2)
        )
        return np.stack([wave * (1 + 0.1 * c) for c in channels]).astype(np.float32)


def lazy_recording(
    n_sites: int, n_channels: int, segments: tuple[Segment, ...], *, grid: bool = False
) -> Recording:
    """Recording of any length that holds no signal until it is read."""
    channels = tuple(
        Channel(
            name=f"EMG {'ABCDEFGH'[s % 8]}{s:02d} {c + 1:02d}",
            sampling_hz=RATE_HZ,
            site=f"SITE {s:02d}",
            row=float(c // 8) if grid else float("nan"),
            column=float(c % 8) if grid else float("nan"),
            spacing_mm=8.0 if grid else float("nan"),
        )
        for s in range(n_sites)
        for c in range(n_channels)
    )
    return Recording(channels, segments, LazySamples(), name="made")


def made_detections(
    recording: Recording, n_events: int, *, seed: int = 1, n_units: int = 4
) -> Detections:
    """Detections with `n_events` potentials spread over the sites and every verdict and reason."""
    rng = np.random.default_rng(seed)
    total_s = recording.segments[-1].stop_s
    events = _events(recording, n_events, rng, total_s, n_units)
    rows = [
        {"onset": 0.1 * total_s * i, "duration": 0.04 * total_s, "site": site.name, "reason": r}
        for site in recording.sites[:2]
        for i, r in enumerate(REASONS)
    ]
    excluded = table(rows if n_events else [], EXCLUDED)
    summary = table([_summary(recording, site, events) for site in recording.sites], SUMMARY)
    return Detections(events, summary, excluded, Config(), recovery=_recovery(recording, rng))


def _events(
    recording: Recording, n: int, rng: np.random.Generator, total_s: float, n_units: int
) -> pd.DataFrame:
    peaks = np.sort(rng.uniform(0.02, 0.98, n)) * total_s
    site_of = rng.integers(0, max(len(recording.sites), 1), n)
    sites = recording.sites
    rows = []
    for i, peak_s in enumerate(peaks):
        site = sites[site_of[i]]
        channel = site.channels[int(rng.integers(0, len(site.channels)))]
        verdict = VERDICTS[0] if rng.random() < 0.6 else VERDICTS[rng.integers(1, len(VERDICTS))]
        amplitude = float(rng.lognormal(3.6, 0.5))
        rows.append({
            "onset": peak_s - 0.004, "duration": 0.012, "site": site.name,
            "channel": recording.channels[channel].name,
            "verdict": verdict, "peak_s": peak_s, "amplitude_uv": amplitude,
            "amplitude_fit_uv": 0.9 * amplitude, "snr": amplitude / 6, "score": 5 + amplitude / 6,
            "threshold": 5.0, "noise_uv": 6.0, "phases": 3, "match": 0.9, "n_channels_seen": 1,
            "unit": int(rng.integers(1, n_units + 1)) if rng.random() < 0.8 else pd.NA,
            "interval_before_s": 0.5, "interval_after_s": 0.5, "why": f"{verdict}, made by hand",
        })  # fmt: skip
    return table(rows, EVENTS)


def _recovery(recording: Recording, rng: np.random.Generator) -> pd.DataFrame:
    sites = np.repeat([site.name for site in recording.sites], 40)
    amplitude = rng.uniform(5, 60, len(sites))
    found = rng.random(len(sites)) < 0.95 / (1 + (18 / amplitude) ** 6)
    return pd.DataFrame({"site": sites, "amplitude_uv": amplitude, "recovered": found,
                         "template": "none"})  # fmt: skip


def _summary(recording: Recording, site: object, events: pd.DataFrame) -> dict[str, object]:
    here = events[(events["site"] == site.name) & (events["verdict"] == "fasciculation")]
    analysed_s = 0.7 * recording.recorded_s
    rate = 60 * len(here) / analysed_s
    return {
        "site": site.name, "n_channels": len(site.channels), "sampling_hz": RATE_HZ,
        "recorded_s": recording.recorded_s, "analysed_s": analysed_s,
        "n_fasciculations": len(here), "rate_per_min": rate, "rate_low": 0.7 * rate,
        "rate_high": 1.4 * rate + 180 / analysed_s, "dispersion": 1.3,
        "expected_false_per_min": 0.2, "detectable_uv": 22.0, "noise_uv": 6.0,
        "n_units": here["unit"].nunique(), "threshold": 5.0,
        "amplitude_median_uv": here["amplitude_fit_uv"].median(),
        "amplitude_q1_uv": here["amplitude_fit_uv"].quantile(0.25),
        "amplitude_q3_uv": here["amplitude_fit_uv"].quantile(0.75),
        "rate_lenient_per_min": 1.2 * rate, "rate_default_per_min": rate,
        "rate_strict_per_min": 0.8 * rate, "analysed_lenient_s": analysed_s,
        "analysed_default_s": analysed_s, "analysed_strict_s": 0.8 * analysed_s,
        "excluded_contraction_s": 0.3 * recording.recorded_s,
    }  # fmt: skip
