"""Injection and recovery against the truth: `python -m benchmarks.recovery`.

Writes `benchmarks/results/recovery.md` with three studies: outcomes drawn from known curves,
corrected rates of weak potentials, and the detector itself on simulated recordings, where the
90 % point of one run of injections is compared with that of many others together.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

import emgdetect as emg
from benchmarks.coverage import RESULTS
from benchmarks.recovery_page import N_REFERENCE, SNR, WEAK_SNR, Studies, report
from emgdetect.analysis import with_recovery
from emgdetect.detection.pipeline import find_potentials
from emgdetect.injection import recover
from emgdetect.injection.plan import amplitude_steps
from emgdetect.scoring import score
from emgdetect.stats.corrected import corrected_rate
from emgdetect.stats.recovered import amplitudes_uv, fill_recovery, fitted
from emgdetect.stats.recovery import RecoveryCurve, fit_recovery
from emgdetect.stats.summary import summarise

Floats = NDArray[np.float64]

COSTS: dict[str, dict[str, Any]] = {
    "2.5 min x 4 sites": {"duration_s": 150, "sampling_hz": 1000},
    "30 min x 4 sites": {"duration_s": 1800, "sampling_hz": 1000},
    "5 min x 64 channels": {"duration_s": 300, "scenario": "grid64"},
}
FIRST_SEED = 640
"""Of the recordings that are shown; those before 600 served to choose, up to 614 to try."""
MORE_WEAK = 2
"""Times as many recordings of weak potentials, of which the corrected rate is about."""
NOISE_UV = 2.0
CURVES = ((12.0, 8.0, 0.02), (12.0, 8.0, 0.06), (12.0, 4.0, 0.02), (12.0, 8.0, 0.16))
"""Middle (µV), steepness per log amplitude and lapse; the last never reaches 90 %."""


GAINS = (0.0, 0.15, 0.3)
"""Log amplitude by which templates lower the middle of the known curves."""


def share(amplitude_uv: Floats, middle_uv: Floats, steep: float, lapse: float) -> Floats:
    """A known recovery curve."""
    return np.asarray((1 - lapse) * expit(steep * np.log(amplitude_uv / middle_uv)))


def drawn_outcomes(
    rng: np.random.Generator, n: int, curve: tuple[float, float, float], gain: float
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Amplitudes, outcomes and whether a template was known, of every fourth as in recordings."""
    amplitudes = np.asarray(NOISE_UV * amplitude_steps(n, rng))
    known = np.arange(n) % 4 == 0
    middle_uv = curve[0] * np.exp(-gain * known)
    return amplitudes, rng.random(n) < share(amplitudes, middle_uv, *curve[1:]), known


def study_curves(n_repeats: int) -> pd.DataFrame:
    """Detectable amplitude from outcomes drawn from known curves."""
    rows = []
    for curve in CURVES:
        middle, steep, lapse = curve
        true = middle * (0.9 / (0.1 - lapse)) ** (1 / steep) if lapse < 0.1 else np.inf
        for n in (21, 50, 100, 300):
            rng = np.random.default_rng([n, *(int(1000 * value) for value in curve)])
            gains = np.resize(GAINS, n_repeats)
            fits = [fit_recovery(*drawn_outcomes(rng, n, curve, gain)) for gain in gains]
            points = np.array([fit.unseen.reaching(0.9) for fit in fits if fit])
            known = np.isfinite(points[:, 0])
            error = points[known, 0] / true - 1
            rows.append(
                {
                    "middle_uv": middle, "steepness": steep, "lapse": lapse, "n_injected": n,
                    "true 90 % (µV)": true, "not reached": 1 - float(np.mean(known)),
                    "median error": float(np.median(error)) if lapse < 0.1 else np.nan,
                    "within 15 %": float(np.mean(np.abs(error) < 0.15)) if lapse < 0.1 else np.nan,
                    "interval covers": float(
                        np.mean((points[:, 1] <= true) & (true <= points[:, 2]))),
                    "upper/lower end (median)": float(np.median(
                        points[:, 2] / np.where(known, points[:, 1], 1.0))),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def study_rates(n_repeats: int) -> pd.DataFrame:
    """Corrected rate of log-normal amplitudes around the 50 % point of a known curve."""
    rows = []
    for median_uv in (10.0, 13.0, 20.0):
        for minutes, n in ((3.0, 30), (10.0, 100)):
            rng = np.random.default_rng([int(median_uv), n])
            results = [_one_rate(rng, median_uv, minutes, n) for _ in range(n_repeats)]
            raw, corrected, covers = np.array(results, dtype=float).T
            rows.append(
                {
                    "median amplitude (µV)": median_uv, "minutes": minutes, "n_injected": n,
                    "raw error": float(np.mean(raw)), "corrected error": float(np.mean(corrected)),
                    "interval covers": float(np.mean(covers)),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _one_rate(
    rng: np.random.Generator, median_uv: float, minutes: float, n: int
) -> tuple[float, float, bool]:
    """Relative errors of the raw and the corrected rate, and whether the interval covers."""
    curve, rate_per_min, false_per_min = (12.0, 7.0, 0.02), 40.0, 0.5
    gain = float(rng.choice(GAINS))
    fit = fit_recovery(*drawn_outcomes(rng, n, curve, gain))
    assert fit is not None
    sizes = rng.lognormal(np.log(median_uv), 0.4, rng.poisson(rate_per_min * minutes))
    of_unit = rng.random(len(sizes)) < 0.9
    seen = rng.random(len(sizes)) < share(sizes, curve[0] * np.exp(-gain * of_unit), *curve[1:])
    false = rng.uniform(10, 16, rng.poisson(false_per_min * minutes))
    found = np.concatenate([sizes[seen], false])
    known = np.concatenate([of_unit[seen], np.ones(len(false), bool)])
    result = corrected_rate(
        found, known, minutes * 60, recovery=fit, expected_false_per_min=false_per_min
    )
    all_sizes = rng.lognormal(np.log(median_uv), 0.4, 20_000)
    truth = rate_per_min * float(np.mean(all_sizes >= result.above_uv))
    raw = float(np.sum(found >= result.above_uv)) / minutes
    return raw / truth - 1, result.per_min / truth - 1, result.low <= truth <= result.high


def study_detector(
    n_recordings: int, n_runs: int, duration_s: float, snr_range: tuple[float, float],
    n_reference: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Each run of injections against many others, and corrected rates against the truth."""
    config = emg.Config()
    points, rates = [], []
    for seed in range(FIRST_SEED, FIRST_SEED + n_recordings):
        simulated = emg.simulate(
            duration_s=duration_s, seed=seed, sampling_hz=1000, sites=["BICEPS L"],
            snr_range=snr_range,
        )  # fmt: skip
        found = find_potentials(simulated.recording, config, n_threads=1)
        runs = [
            recover(
                simulated.recording, found.events, found.facts, waveforms=found.waveforms, seed=run,
                low_hz=config.measure_low_hz,
                find=lambda r, left_out, learnt=found.learnt: find_potentials(
                    r, config, n_threads=1, learnt=learnt.without(left_out)).events,
            )
            for run in range(n_runs + n_reference)
        ]  # fmt: skip
        if n_reference:
            points += _against_reference(seed, runs[:n_runs], pd.concat(runs[n_runs:]))
        summary = summarise(found.events, found.facts)
        for run in runs[:n_runs]:
            row = fill_recovery(summary, run, found.events, found.facts).iloc[0]
            rates.append(_rate_row(seed, row, found.events, simulated.truth, duration_s))
    return pd.DataFrame(points), pd.DataFrame(rates)


def _against_reference(
    seed: int, runs: list[pd.DataFrame], others: pd.DataFrame
) -> list[dict[str, object]]:
    reference = _fit_unseen(others)
    point = reference.reaching(0.9)[0]
    rows: list[dict[str, object]] = []
    for index, run in enumerate(runs):
        fit = _fit_unseen(run)
        one, low, high = fit.reaching(0.9)
        rows.append(
            {
                "seed": seed, "run": index, "n_injected": len(run),
                "detectable_uv": one, "low": low, "high": high,
                "reference_uv": point, "error": one / point - 1, "covers": low <= point <= high,
                "n_reference": len(others), "plateau": reference.plateau,
            }
        )  # fmt: skip
    return rows


def _fit_unseen(injected: pd.DataFrame) -> RecoveryCurve:
    fit = fitted(injected)
    assert fit is not None
    return fit.unseen


def _rate_row(
    seed: int, row: pd.Series, events: pd.DataFrame, truth: pd.DataFrame, duration_s: float
) -> dict[str, object]:
    owed = truth[(truth["kind"] == "fasciculation")]
    true_rate = float(np.sum(owed["amplitude_uv"] >= row["corrected_above_uv"])) * 60 / duration_s
    counted = events[events["verdict"] == "fasciculation"]
    matched = len(score(owed["time_s"].to_numpy(float), counted["peak_s"].to_numpy(float)).pairs)
    of_size = float(np.sum(amplitudes_uv(counted) >= row["corrected_above_uv"]))
    return {
        "seed": seed, "above_uv": row["corrected_above_uv"], "true_per_min": true_rate,
        "true_all_per_min": len(owed) * 60 / duration_s,
        "raw_per_min": row["rate_per_min"], "matched_per_min": matched * 60 / duration_s,
        "found_per_min": of_size * 60 / duration_s,
        "corrected_per_min": row["rate_corrected_per_min"],
        "covers": row["rate_corrected_low"] <= true_rate <= row["rate_corrected_high"],
    }  # fmt: skip


def study_cost() -> pd.DataFrame:
    """Processor time of injection and recovery over that of the detection, in one thread."""
    rows = []
    for name, options in COSTS.items():
        recording = emg.simulate(seed=3, **options).recording
        learnt = find_potentials(recording, emg.Config(), n_threads=1).learnt
        start = time.process_time()
        found = emg.detect(recording, n_threads=1)
        between = time.process_time()
        again = with_recovery(recording, found, learnt=learnt, n_threads=1)
        spent = time.process_time() - between
        rows.append(
            {
                "recording": name, "n_injected": int(again.summary["n_injected"].sum()),
                "detection (s)": between - start, "recovery (s)": spent,
                "recovery / detection": spent / (between - start),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    """Run the studies and write their results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--recordings", type=int, default=4)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--duration-s", type=float, default=1800.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    points, rates = study_detector(
        given.recordings, given.runs, given.duration_s, SNR, N_REFERENCE
    )  # fmt: skip
    n_weak = MORE_WEAK * given.recordings
    weak = study_detector(n_weak, given.runs, given.duration_s, WEAK_SNR)[1]
    call = f"python -m benchmarks.recovery --repeats {given.repeats} --recordings "
    call += f"{given.recordings} --runs {given.runs} --duration-s {given.duration_s:g}"
    minutes = time.process_time() / 60
    studies = Studies(
        call, minutes, given.repeats, study_curves(given.repeats), study_rates(given.repeats),
        points, rates, weak, study_cost(),
    )  # fmt: skip
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "recovery.md").write_text(report(studies), encoding="utf-8")


if __name__ == "__main__":
    main()
