"""Findings made by hand, with everything that is awkward to write down."""

from __future__ import annotations

import pytest

from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, table
from emgdetect.config import Config
from emgdetect.detections import Detections


@pytest.fixture
def found() -> Detections:
    """Three potentials at two sites; one is counted at each, one is a heart beat."""
    rows = [
        {"onset": 1.25, "duration": 0.012, "site": "BICEPS L", "channel": "EMG BICEPS L",
         "verdict": "fasciculation", "peak_s": 1.256, "amplitude_uv": 41.23456789, "unit": 1},
        {"onset": 2.0000004, "duration": 0.5, "site": "BICEPS L", "channel": "EMG BICEPS L",
         "verdict": "ecg", "peak_s": 2.1, "amplitude_uv": 1e-7},
        {"onset": 3601.123456, "duration": 0.01, "site": "=2+3", "channel": "=cmd|' /C calc'!A0",
         "verdict": "fasciculation", "peak_s": 3601.13, "amplitude_uv": 123456789.0},
    ]  # fmt: skip
    summary = [
        {"site": "BICEPS L", "n_channels": 1, "n_fasciculations": 1, "rate_per_min": 0.5},
        {"site": "=2+3", "n_channels": 1, "n_fasciculations": 1, "rate_per_min": 1 / 3},
    ]
    excluded = [{"onset": 10.0, "duration": 1.5, "site": "BICEPS L", "reason": "contraction"}]
    return Detections(
        table(rows, EVENTS), table(summary, SUMMARY), table(excluded, EXCLUDED), Config()
    )


@pytest.fixture
def nothing() -> Detections:
    """Nothing found."""
    return Detections(table([], EVENTS), table([], SUMMARY), table([], EXCLUDED), Config())
