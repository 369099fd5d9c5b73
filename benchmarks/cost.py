"""What a threshold buys, and what detection costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import REPORTING_SEEDS, Case, simulated_cases
from benchmarks.detectors import Detector, ours, rival
from benchmarks.judging import TOLERANCE_S
from benchmarks.rivals import RIVALS
from benchmarks.run import Result, run_all
from benchmarks.scores import pooled, rows_of, truth_of
from benchmarks.semisynthetic import simulated_rest
from emgdetect import Config, Recording
from emgdetect.simulation import Simulated, simulate

BUDGETS = (0.02, 0.2, 2.0, 20.0)
"""False alarms per minute asked for."""

BUDGET_PHENOMENA = ("clean", "weak", "all_at_once")

SWEPT = ("biosppy find_onsets", "biosppy silva", "spikeinterface detect_peaks",
         "band-pass + k MAD")  # fmt: skip
"""Rivals whose settings tried differ in their threshold."""

SIZES = tuple((m, c) for m, c in ((0.5, 1), (2, 1), (8, 1), (0.5, 8), (0.5, 64)))
"""Minutes and channels of the recordings that are timed."""

TIMED = ("biosppy find_onsets", "spikeinterface detect_peaks",
         "band-pass + k MAD")  # fmt: skip


def budgets(
    cache: Path, *, duration_s: float = 60.0, only: Sequence[str] | None = None
) -> pd.DataFrame:
    """Recall, precision and false events per minute as thresholds move; `only` these detectors."""
    steps = [
        (None, ours(Config(false_alarms_per_min=rate), name=f"emgdetect {rate:g}/min"))
        for rate in BUDGETS
    ]
    moved = [
        (entry.name, rival(index, setting))
        for index, entry in enumerate(RIVALS)
        if entry.name in SWEPT
        for setting in range(len(entry.settings))
        if _same_but_threshold(entry.settings[setting], entry.settings[0])
    ]
    pairs = [(name or "emgdetect", detector) for name, detector in [*steps, *moved]]
    pairs = [pair for pair in pairs if only is None or pair[0] in only]
    columns = ["phenomenon", "detector", "setting", "recall", "precision", "extra_per_min"]
    if not pairs:
        return pd.DataFrame(columns=columns)
    cases = simulated_cases(REPORTING_SEEDS[:1], phenomena=BUDGET_PHENOMENA, duration_s=duration_s)
    rows = _rows(cases, [detector for _, detector in pairs], cache)
    figures = pooled(rows, ["phenomenon", "detector"], n_draws=1)
    names = {detector.name: name for name, detector in pairs}
    figures["setting"] = figures["detector"]
    figures["detector"] = figures["detector"].map(names)
    return figures[columns].round(4)


def _same_but_threshold(first: object, second: object) -> bool:
    """Whether two settings differ in nothing but `k`."""
    assert isinstance(first, dict) and isinstance(second, dict)
    return first["k"] is not None and {**first, "k": 0} == {**second, "k": 0}


def _rows(cases: list[Case], detectors: list[Detector], cache: Path) -> pd.DataFrame:
    rows: list[dict[str, object]] = []

    def take(case: Case, simulated: Simulated, results: dict[str, Result]) -> None:
        truth, recorded_s = truth_of(simulated), simulated.recording.recorded_s
        for detector in detectors:
            rows.extend(rows_of(case, truth, recorded_s, detector, results[detector.name]))

    run_all(cases, detectors, cache, take=take)
    table = pd.DataFrame(rows)
    return table[table["tolerance_s"] == TOLERANCE_S]


def timing(cache: Path, *, only: Sequence[str] | None = None) -> pd.DataFrame:
    """Processor time and peak memory by length and number of channels (one site); `only` these."""
    wanted = [i for i, entry in enumerate(RIVALS) if entry.name in TIMED]
    detectors = [ours(), *(rival(index) for index in wanted)]
    detectors = [d for d in detectors if only is None or d.name in only]
    if not detectors:
        return pd.DataFrame(columns=["detector"])
    rows: list[dict[str, object]] = []

    def take(_: Case, simulated: Simulated, results: dict[str, Result]) -> None:
        n_channels = len(simulated.recording.channels)
        for detector in detectors:
            result = results[detector.name]
            rows.append({
                "detector": detector.name, "minutes": simulated.recording.recorded_s / 60,
                "channels": n_channels, "seconds": round(result.seconds, 3),
                "peak_mb": round(result.peak_mb, 1), "trouble": result.trouble,
            })  # fmt: skip

    cases = [Case("timing", f"timing-{m:g}-{c}", _timed(m, c)) for m, c in SIZES]
    run_all(cases, detectors, cache, take=take, limit_s=180)
    return pd.DataFrame(rows)


def _timed(minutes: float, n_channels: int) -> Callable[[], Simulated]:
    """One site of that size: the clean simulation on its first channel, rest on the others."""

    def make() -> Simulated:
        from dataclasses import replace

        seed = REPORTING_SEEDS[0]
        base = simulate(duration_s=60 * minutes, seed=seed, scenario="clean", sites=["BICEPS L"])
        signal = base.recording.read([0], 0)
        hz = base.scenario.sampling_hz
        rng = np.random.default_rng(seed)
        if n_channels > 1:
            quiet = simulated_rest(rng, n_channels, signal.shape[1], sampling_hz=hz, rms_uv=3.0)
            signal = (quiet + signal[0]).astype(np.float32)
        recording = Recording.from_array(signal, hz, sites="BICEPS L", name=base.recording.name)
        return replace(base, recording=recording)

    return make
