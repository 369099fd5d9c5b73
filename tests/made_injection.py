"""Recordings of noise and facts of their site, for the tests of injection."""

from __future__ import annotations

import numpy as np

from emgdetect.config import Config
from emgdetect.detections import SiteFacts
from emgdetect.recording import Recording

RATE_HZ = 1000.0


LOW_HZ = Config().measure_low_hz


def recording(n_channels: int = 1, duration_s: float = 300.0, noise_uv: float = 2.0) -> Recording:
    rng = np.random.default_rng(1)
    data = noise_uv * rng.standard_normal((n_channels, int(duration_s * RATE_HZ)))
    return Recording.from_array(data.astype(np.float32), RATE_HZ, sites="A")


def facts(spans: object = ((0.0, 300.0),), *, site: str = "A") -> SiteFacts:
    return SiteFacts(
        site=site, n_channels=1, sampling_hz=RATE_HZ, recorded_s=300.0,
        analysed_s=np.array(spans, dtype=float).reshape(-1, 2), counts_by_level={},
        noise_uv=2.0, threshold=4.8, expected_false_per_min=0.0, mains_share=0.0,
    )  # fmt: skip
