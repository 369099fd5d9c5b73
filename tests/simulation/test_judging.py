"""What the benchmark owes and counts as extra, and that its ceiling is one."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import emgdetect as emg
from benchmarks import ceiling, judging, outcome, plans
from emgdetect.columns import EXCLUDED, empty

SITE = "BICEPS L"


def made(scenario, duration_s=120, seed=2, **options):
    return emg.simulate(duration_s=duration_s, seed=seed, scenario=scenario, **options)


def times(rows):
    return rows["time_s"].to_numpy()


@pytest.mark.parametrize("scenario", ["clean", "fluctuating", "contractions", "tonic_trains"])
def test_all_true_times_miss_nothing_and_add_nothing(scenario):
    simulated = made(scenario)
    own = simulated.fasciculations.query("site == @SITE")
    verdict = judging.judge(simulated, SITE, times(own))
    assert len(verdict.missed) == len(verdict.extra_s) == 0
    assert verdict.free_found == len(verdict.free)
    assert len(verdict.matched) == len(verdict.owed)
    assert len(verdict.owed) + len(verdict.free) == len(own)


def test_small_potentials_are_free():
    simulated = made("clean", snr_range=(3, 8))
    verdict = judging.judge(simulated, SITE, np.zeros(0))
    assert (verdict.owed["amplitude_rel"] >= 5).all()
    assert (verdict.free["amplitude_rel"] < 5).all()
    assert len(verdict.free) > 0
    assert len(verdict.missed) == len(verdict.owed)


def test_discharges_of_trains_and_contractions_are_extra():
    for scenario, kind in (("tonic_trains", "train"), ("contractions", "contraction")):
        simulated = made(scenario, 180, seed=1)
        site = simulated.spans["site"].iloc[0]
        driven = simulated.truth.query("site == @site and kind == @kind")[:200]
        verdict = judging.judge(simulated, site, times(driven))
        assert len(verdict.extra_s) > 0.7 * len(driven)
        found = Counter(judging.cause(simulated, site, t) for t in verdict.extra_s)
        assert found[kind] > 0.9 * len(verdict.extra_s)


def test_nothing_inside_contractions_and_trains_is_owed():
    simulated = made("contractions", 180, seed=1)
    for site in {s.name for s in simulated.recording.sites}:
        owed, _ = judging.owed_and_free(simulated, site)
        for span in simulated.spans.query("site == @site").itertuples():
            assert not ((times(owed) > span.start_s) & (times(owed) < span.stop_s)).any()


@pytest.mark.parametrize("n", [5, 6])
def test_a_burst_of_one_unit_is_not_owed_and_a_short_run_is(n):
    simulated = made("clean")
    truth = simulated.truth.copy()
    own = truth.query("site == @SITE and kind == 'fasciculation' and amplitude_rel > 6")
    unit = own["unit"].value_counts().index[0]
    first = own.index[own["unit"] == unit][:n]
    assert len(first) == n
    truth.loc[first, "time_s"] = 20 + 0.03 * np.arange(n)
    owed, free = judging.owed_and_free(replace(simulated, truth=truth), SITE)
    assert set(first) <= set((owed if n < 6 else free).index)


def test_a_second_report_is_extra_and_noise_is_called_noise():
    simulated = made("clean")
    own = simulated.fasciculations.query("site == @SITE and amplitude_rel > 6")
    alone = times(own)[np.flatnonzero(np.diff(times(own)) > 1)[0]]
    verdict = judging.judge(simulated, SITE, np.array([alone, alone + 0.001]))
    assert len(verdict.extra_s) == 1
    assert judging.cause(simulated, SITE, verdict.extra_s[0]) == "second report"
    assert judging.cause(simulated, SITE, alone + 0.5) == "noise"


@pytest.mark.parametrize(("scenario", "least"), [("clean", 0.95), ("weak", 0.88), ("pairs", 0.88)])
def test_the_ceiling_is_high_and_beats_a_fixed_threshold(scenario, least):
    simulated = made(scenario, 60, seed=5)
    best = ceiling.ceiling(simulated)
    value = 2 * best.matched / (2 * best.matched + best.missed + best.extra)
    assert value > least
    for threshold in (6.0, 40.0):
        counts = Counter()
        for site in simulated.recording.sites:
            picks = ceiling.candidates(simulated, site.name)
            found = judging.judge(simulated, site.name, picks.times_s[picks.ratios >= threshold])
            counts.update(
                matched=len(found.matched), missed=len(found.missed), extra=len(found.extra_s)
            )
        fixed = 2 * counts["matched"] / (
            2 * counts["matched"] + counts["missed"] + counts["extra"]
        )  # fmt: skip
        assert value >= fixed


def test_the_ceiling_of_nothing_is_nothing():
    best = ceiling.ceiling(made("quiet", 10))
    assert (best.matched, best.missed, best.extra) == (0, 0, 0)


def test_whitening_makes_the_noise_white():
    simulated = made("fluctuating", 60)
    level = simulated.noise_rms_uv[:1]
    white = ceiling.whitened(
        simulated.noise_uv[:1] / level, simulated.noise_spectra[SITE], np.eye(1), sampling_hz=2000
    )
    assert white.std() == pytest.approx(1, abs=0.03)
    lagged = [np.mean(white[0, :-k] * white[0, k:]) for k in (1, 2, 5, 20)]
    assert np.abs(lagged).max() < 0.05


def test_tuning_and_reporting_share_no_recording():
    assert plans.TUNING.last < plans.REPORTING.first
    tuned = plans.plan("clean", 1000, plans.TUNING)
    assert tuned == plans.plan("clean", 1000, plans.TUNING)
    assert tuned != plans.plan("clean", 1001, plans.TUNING)
    assert tuned.firing.rate_per_min == plans.SCENARIOS["clean"].firing.rate_per_min
    with pytest.raises(ValueError, match="none of the tuning seeds"):
        plans.plan("clean", 2000, plans.TUNING)
    with pytest.raises(ValueError, match="there are 1000"):
        plans.TUNING.take(1001)


def test_rand_index_by_hand():
    assert outcome.adjusted_rand_index(np.array([1, 1, 2, 2]), np.array([5, 5, 7, 7])) == 1
    # Hubert & Arabie: pairs together in both 1, expected 2 * 2 / 6, most 2.
    value = outcome.adjusted_rand_index(np.array([1, 1, 2, 2]), np.array([1, 1, 2, 3]))
    assert value == pytest.approx((1 - 2 / 6) / (1.5 - 2 / 6))
    assert np.isnan(outcome.adjusted_rand_index(np.zeros(1), np.zeros(1)))


def test_outcome_of_a_perfect_detector():
    simulated = made("contractions", 60)
    own = simulated.fasciculations
    events = pd.DataFrame({
        "site": own["site"], "peak_s": own["time_s"], "verdict": "fasciculation",
        "unit": own["unit"].astype("Int64"), "why": "", "score": 9.0, "snr": own["amplitude_rel"],
    })  # fmt: skip
    summary = pd.DataFrame(
        {
            "site": [s.name for s in simulated.recording.sites],
            "analysed_s": 60.0,
            "expected_false_per_min": 0.2,
        }
    )
    found = emg.Detections(events, summary, empty(EXCLUDED), emg.Config())
    result = outcome.outcome(simulated, found, seconds=1.0, lines=True)
    assert result.f1 == 1
    assert result.rand_index == 1
    assert result.lines == ()
    assert result.kept_min == pytest.approx(result.analysable_min)
    assert result.analysable_min < result.recorded_min == pytest.approx(4)
