"""Steady activity is no rest: a site that is loud throughout is warned of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detections import SiteFacts
from emgdetect.stats.loudness import LOUD_UV, loud_sites


def recorded(rms_uv: float) -> emg.Recording:
    noise = np.random.default_rng(2).normal(0, rms_uv, (1, 20_000))
    return emg.Recording.from_array(noise, 1000.0, sites=["BICEPS"])


@pytest.mark.parametrize(("rms_uv", "loud"), [(200.0, True), (20.0, False)])
def test_steady_loud_noise_is_warned_of(rms_uv: float, loud: bool) -> None:
    found = emg.detect(recorded(rms_uv))
    told = [f for f in found.findings if f.code == "noise-high"]
    assert bool(told) == loud
    if loud:
        assert told[0].severity == "warning"
        assert "active throughout, or the unit wrong" in told[0].message


def test_a_needle_may_be_loud() -> None:
    found = emg.detect(replace(recorded(200.0), kind="needle"))
    assert "noise-high" not in {f.code for f in found.findings}


def test_the_bar_and_sites_without_time() -> None:
    spans = np.array([[0.0, 9.0]])
    facts = SiteFacts(
        site="A", n_channels=1, sampling_hz=1000.0, recorded_s=9.0, analysed_s=spans,
        counts_by_level={}, noise_uv=LOUD_UV, threshold=5.0, expected_false_per_min=0.2,
        mains_share=0.0,
    )  # fmt: skip
    above = replace(facts, noise_uv=1.01 * LOUD_UV)
    assert [len(loud_sites([one])) for one in (facts, above)] == [0, 1]
    assert not loud_sites([replace(above, analysed_s=np.zeros((0, 2)))])
    assert not loud_sites([replace(above, noise_uv=float("nan"))])
