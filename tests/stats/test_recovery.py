"""Statistics of injection and recovery, on outcomes drawn from known curves."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from emgdetect.columns import EVENTS, table
from emgdetect.detections import SiteFacts
from emgdetect.stats.corrected import SHAPE_SPREAD, corrected_rate
from emgdetect.stats.exposure import total_s
from emgdetect.stats.intervals import Dispersion
from emgdetect.stats.recovered import amplitudes_uv, fill_recovery, met_template, recovery_table
from emgdetect.stats.recovery import RecoveryCurve, _support, fit_recovery, recovery_text
from emgdetect.stats.summary import summarise

LADDER_UV = np.geomspace(6.0, 60.0, 12)


def share(amplitude_uv: np.ndarray, *, middle_uv: float, steep: float, lapse: float) -> np.ndarray:
    return (1 - lapse) * expit(steep * np.log(amplitude_uv / middle_uv))


def outcomes(rng: np.random.Generator, n: int, **curve: float) -> tuple[np.ndarray, np.ndarray]:
    amplitudes = np.resize(LADDER_UV, n)
    return amplitudes, rng.random(n) < share(amplitudes, **curve)


def with_templates(
    rng: np.random.Generator, n: int, *, gain: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every fourth met a template, which finds it at amplitudes lower by `gain`."""
    known = rng.permutation(n) % 4 == 0
    amplitudes = np.resize(LADDER_UV, n)
    middle = 12.0 * np.exp(-gain * known)
    return amplitudes, rng.random(n) < 0.98 * expit(8 * np.log(amplitudes / middle)), known


def unseen_curve(amplitude_uv: np.ndarray, recovered: np.ndarray) -> RecoveryCurve:
    fit = fit_recovery(amplitude_uv, recovered)
    assert fit is not None
    return fit.unseen


@pytest.mark.parametrize(
    ("middle_uv", "steep", "lapse"), [(12, 8, 0.02), (15, 4, 0.0), (9, 6, 0.05)]
)
def test_detectable_amplitude_is_found_and_its_interval_covers(
    middle_uv: float, steep: float, lapse: float
) -> None:
    rng = np.random.default_rng(int(middle_uv))
    true = middle_uv * (0.9 / (0.1 - lapse)) ** (1 / steep)
    curve = {"middle_uv": middle_uv, "steep": steep, "lapse": lapse}
    fits = [unseen_curve(*outcomes(rng, 300, **curve)) for _ in range(60)]
    points = np.array([fit.reaching(0.9) for fit in fits])
    assert np.median(points[:, 0]) == pytest.approx(true, rel=0.08)
    assert np.mean(np.abs(points[:, 0] / true - 1) < 0.15) > 0.75
    assert np.mean((points[:, 1] <= true) & (true <= points[:, 2])) >= 0.88


def test_a_plateau_below_the_target_is_said() -> None:
    rng = np.random.default_rng(1)
    fit = unseen_curve(*outcomes(rng, 400, middle_uv=12.0, steep=8.0, lapse=0.16))
    assert np.isinf(fit.reaching(0.9)[0])
    assert fit.plateau == pytest.approx(0.84, abs=0.05)
    assert recovery_text(fit).startswith("not reached, plateau 0.8")


def test_nothing_is_said_beyond_the_largest_amplitude_injected() -> None:
    rng = np.random.default_rng(3)
    curve = {"middle_uv": 42.0, "steep": 6.0, "lapse": 0.0}
    small = LADDER_UV[LADDER_UV < 59]
    amplitudes = np.resize(small, 330)
    fit = unseen_curve(amplitudes, rng.random(330) < share(amplitudes, **curve))
    assert fit.largest_uv == small[-1]
    assert np.isinf(fit.reaching(0.9)[0])
    assert 25 < fit.reaching(0.2)[0] < small[-1]
    none = unseen_curve(amplitudes, np.zeros(330, dtype=bool))
    assert recovery_text(none) == "not reached up to 48.7 µV, the largest injected"


@pytest.mark.parametrize("found", [True, False])
def test_all_found_and_none_found_are_no_trouble(found: bool) -> None:
    fit = unseen_curve(np.resize(LADDER_UV, 60), np.full(60, found))
    median, low, high = fit.reaching(0.9)
    if found:
        assert low < 6.0 and median < 12
    else:
        assert low > 50 and high > 100
    assert np.all(np.diff(fit.at(LADDER_UV)) >= 0)


@pytest.mark.parametrize("n", [12, 30, 300])
@pytest.mark.parametrize("target", [0.5, 0.9])
def test_the_curve_reaches_a_share_where_it_is_said_to(n: int, target: float) -> None:
    """Few injections leave curves of all kinds, whose mean reaches it elsewhere or nowhere."""
    rng = np.random.default_rng(13)
    for _ in range(20):
        fit = unseen_curve(*outcomes(rng, n, middle_uv=12.0, steep=8.0, lapse=0.02))
        point = fit.reaching(target)[0]
        if np.isfinite(point):
            assert fit.fitted(point) == pytest.approx(target)
            assert fit.fitted(0.999 * point) < target
        else:
            assert fit.fitted(fit.largest_uv) < target + 1e-6
        assert np.all(np.diff(fit.fitted(np.geomspace(1.0, 100.0, 200))) >= 0)


def test_recovery_rises_from_nothing_to_its_plateau() -> None:
    fit = unseen_curve(*outcomes(np.random.default_rng(2), 200, middle_uv=12, steep=8, lapse=0.0))
    assert fit.at([0.0, -1.0]).tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert fit.at(1e6) == pytest.approx(fit.plateau)


def test_support_of_a_curve_is_the_plain_sum_of_log_chances() -> None:
    rng = np.random.default_rng(11)
    amplitudes, found = outcomes(rng, 40, middle_uv=12.0, steep=8.0, lapse=0.05)
    middles, steepness, lapse = np.log([9.0, 12.0, 20.0]), np.array([2.0, 9.0]), np.array([0, 0.1])
    support = _support(amplitudes, found, middles, steepness, lapse)
    for (i, middle), (j, steep), (k, lost) in itertools.product(
        enumerate(middles), enumerate(steepness), enumerate(lapse)
    ):
        plain = 0.0
        for amplitude, was_found in zip(amplitudes, found, strict=True):
            chance = (1 - lost) / (1 + np.exp(-steep * (np.log(amplitude) - middle)))
            plain += np.log(chance if was_found else 1 - chance)
        assert support[i, j, k] == pytest.approx(plain)


def test_potentials_with_a_template_are_told_apart_and_help_to_fit_the_others() -> None:
    rng = np.random.default_rng(7)
    for gain in (0.0, 0.25):
        fits = [fit_recovery(*with_templates(rng, 300, gain=gain)) for _ in range(30)]
        middles = np.array([
            [np.mean(fit.unseen.middle), np.mean(fit.known.middle)] for fit in fits if fit
        ])  # fmt: skip
        assert np.mean(middles[:, 0]) == pytest.approx(np.log(12), abs=0.03)
        assert np.mean(middles[:, 0] - middles[:, 1]) == pytest.approx(gain, abs=0.07)
    widths = []
    for _ in range(20):
        amplitudes, found, known = with_templates(rng, 60, gain=0.15)
        together = fit_recovery(amplitudes, found, known)
        assert together is not None
        alone = unseen_curve(amplitudes[~known], found[~known])
        widths.append([np.std(together.unseen.lapse), np.std(alone.lapse)])
    assert np.mean(widths, axis=0)[0] < np.mean(widths, axis=0)[1]


def test_too_few_or_wrong_input() -> None:
    assert fit_recovery(np.ones(9), np.ones(9)) is None
    assert "fewer than" in recovery_text(None)
    with pytest.raises(ValueError, match="positive"):
        fit_recovery([1.0, 0.0], [True, False])
    with pytest.raises(ValueError, match="outcomes"):
        fit_recovery([1.0], [True, False])


def test_corrected_rate_of_weak_potentials_is_less_biased_and_covers() -> None:
    rng = np.random.default_rng(3)
    true_curve = {"middle_uv": 12.0 * np.exp(-0.2), "steep": 8.0, "lapse": 0.02}
    rate_per_min, false_per_min, minutes = 40.0, 0.5, 10.0
    covers, raw, corrected = [], [], []
    for _ in range(150):
        fit = fit_recovery(*with_templates(rng, 100, gain=0.2))
        assert fit is not None
        sizes = rng.lognormal(np.log(13), 0.4, rng.poisson(rate_per_min * minutes))
        found = sizes[rng.random(len(sizes)) < share(sizes, **true_curve)]
        false = rng.uniform(10, 16, rng.poisson(false_per_min * minutes))
        result = corrected_rate(
            np.concatenate([found, false]), np.ones(len(found) + len(false), bool), minutes * 60,
            recovery=fit, expected_false_per_min=false_per_min,
        )  # fmt: skip
        draws = rng.lognormal(np.log(13), 0.4, 20_000)
        truth = rate_per_min * np.mean(draws >= result.above_uv)
        covers.append(result.low <= truth <= result.high)
        seen = np.sum(found >= result.above_uv) + np.sum(false >= result.above_uv)
        raw.append(seen / minutes / truth - 1)
        corrected.append(result.per_min / truth - 1)
    assert np.mean(covers) >= 0.9
    assert abs(np.mean(corrected)) < 0.06
    assert abs(np.mean(corrected)) < abs(np.mean(raw)) / 2


def test_interval_holds_potentials_that_are_found_more_or_less_easily_than_injected_ones() -> None:
    rng = np.random.default_rng(9)
    covers = []
    for _ in range(150):
        fit = fit_recovery(*outcomes(rng, 150, middle_uv=12.0, steep=7.0, lapse=0.02))
        assert fit is not None
        own_uv = 12.0 * np.exp(SHAPE_SPREAD * rng.standard_normal())
        sizes = rng.lognormal(np.log(13), 0.2, rng.poisson(900))
        found = sizes[rng.random(len(sizes)) < share(sizes, middle_uv=own_uv, steep=7, lapse=0.02)]
        result = corrected_rate(found, np.zeros(len(found), bool), 1800.0, recovery=fit)
        truth = 30.0 * np.mean(rng.lognormal(np.log(13), 0.2, 20_000) >= result.above_uv)
        covers.append(result.low <= truth <= result.high)
    assert np.mean(covers) >= 0.9


def test_doubt_of_the_curves_does_not_grow_with_how_the_count_varies() -> None:
    """Squared width in log: dispersion by number, and once what is not known of the curves."""
    rng = np.random.default_rng(12)
    fit = fit_recovery(*outcomes(rng, 150, middle_uv=12.0, steep=7.0, lapse=0.02))
    assert fit is not None
    found = rng.lognormal(np.log(13), 0.2, 4000)

    def variance(ratio: float, *, n: int) -> float:
        spread = Dispersion(np.array([ratio]), np.array([1.0]), np.ones((1, 1)))
        result = corrected_rate(found[:n], np.zeros(n, bool), 0.45 * n, recovery=fit, spread=spread)
        return float(np.log(result.high / result.low) / (2 * 1.96)) ** 2

    few, many = 400, 4000
    doubt = variance(1.0, n=many) - 1 / many
    assert doubt > 8 / many  # so that what is not known of the curves is most of it
    for ratio in (1.0, 2.0, 4.0):
        for n in (few, many):
            counted = np.sum(found[:n] >= fit.unseen.reaching(0.5)[0])
            assert variance(ratio, n=n) == pytest.approx(doubt + ratio / counted, rel=0.25)


def injected_with(rng: np.random.Generator) -> pd.DataFrame:
    """300 injections; those whose template was kept are found from 8 µV, the others from 16 µV."""
    amplitudes = np.resize(LADDER_UV, 300)
    template = rng.choice(["none", "left out", "kept"], 300)
    middle = np.where(template == "kept", 8.0, 16.0)
    found = rng.random(300) < expit(8 * np.log(amplitudes / middle))
    columns = {"amplitude_uv": amplitudes, "recovered": found, "template": template}
    return pd.DataFrame({"site": "A", **columns})


def test_what_is_detectable_and_what_weighs_come_of_different_injections() -> None:
    injected = injected_with(np.random.default_rng(4))
    fact = SiteFacts("A", 1, 1000.0, 600.0, np.array([[0.0, 600.0]]), {}, 2.0, 4.8, 0.0, 0.0)
    rows: list[dict[str, object]] = [
        {"site": "A", "verdict": "fasciculation", "peak_s": 10.0 + 5 * k, "amplitude_uv": 30.0,
         "amplitude_fit_uv": 30.0, "match": 0.9, "noise_uv": 2.0, "unit": 1 if k % 2 else None}
        for k in range(100)
    ]  # fmt: skip
    events = table(rows, EVENTS)
    row = fill_recovery(summarise(events, [fact]), injected, events, [fact]).iloc[0]
    fit = fit_recovery(injected["amplitude_uv"], injected["recovered"], met_template(injected))
    assert fit is not None
    assert row["detectable_uv"] == fit.unseen.reaching(0.9)[0]
    assert row["corrected_above_uv"] == fit.unseen.reaching(0.5)[0] > fit.known.reaching(0.5)[0]
    plain = sum(1 / fit.known.at(30.0) for _ in range(50))
    plain += sum(1 / fit.unseen.at(30.0) for _ in range(50))
    per_min = plain / (total_s(fact.analysed_s) / 60)
    assert row["rate_corrected_per_min"] == pytest.approx(per_min)
    assert row["n_injected"] == 300
    assert set(injected.loc[~met_template(injected), "template"]) == {"none", "left out"}


def test_table_of_recovery_agrees_with_a_plain_count() -> None:
    injected = injected_with(np.random.default_rng(5))
    frame = recovery_table(injected)
    assert frame["amplitude_uv"].tolist() == sorted(set(injected["amplitude_uv"]))
    rows = injected.to_dict("records")
    for row in frame.to_dict("records"):
        here = [r for r in rows if r["amplitude_uv"] == row["amplitude_uv"]]
        for suffix, known in (("", False), ("_known", True)):
            own = [r for r in here if (r["template"] == "kept") == known]
            assert row[f"n_injected{suffix}"] == len(own)
            assert row[f"n_recovered{suffix}"] == sum(r["recovered"] for r in own)
    fit = fit_recovery(injected["amplitude_uv"], injected["recovered"], met_template(injected))
    assert fit is not None
    np.testing.assert_allclose(frame["fitted"], fit.unseen.fitted(frame["amplitude_uv"]))
    np.testing.assert_allclose(frame["fitted_known"], fit.known.fitted(frame["amplitude_uv"]))
    assert len(recovery_table(None)) == 0


def test_words_of_recovery_use_one_unit() -> None:
    curve = unseen_curve(*outcomes(np.random.default_rng(6), 300, middle_uv=12, steep=8, lapse=0.0))
    text = recovery_text(curve)
    assert text.startswith("90 % found above ") and "µV" in text and "uV" not in text


def test_corrected_rate_of_nothing() -> None:
    fit = fit_recovery(*outcomes(np.random.default_rng(4), 200, middle_uv=12, steep=8, lapse=0.0))
    assert fit is not None
    none = corrected_rate([], [], 120.0, recovery=fit)
    assert none.per_min == 0 and none.low == 0 and none.high > 1.8
    assert none.above_uv == pytest.approx(12.0, rel=0.15)
    assert np.isnan(corrected_rate([20.0], [True], 0.0, recovery=fit).per_min)
    missing = corrected_rate([np.nan, 50.0], [False, False], 120.0, recovery=fit)
    assert missing.per_min == pytest.approx(0.5, rel=0.05)


def test_amplitude_is_the_fitted_one_only_where_the_unit_matches() -> None:
    rows: list[dict[str, object]] = [
        {"amplitude_uv": 20.0, "amplitude_fit_uv": 18.0, "match": 0.9, "noise_uv": 2.0},
        {"amplitude_uv": 20.0, "amplitude_fit_uv": 0.1, "match": 0.2, "noise_uv": 2.0},
        {"amplitude_uv": 20.0, "noise_uv": 2.0},
        {"amplitude_uv": 5.0, "noise_uv": 2.0},
    ]
    expected = [18.0, np.sqrt(400 - 36), np.sqrt(400 - 36), 0.0]
    np.testing.assert_allclose(amplitudes_uv(table(rows, EVENTS)), expected)
    assert len(amplitudes_uv(table([], EVENTS))) == 0


def test_limits_themselves_count() -> None:
    rows: list[dict[str, object]] = [
        {"amplitude_uv": 20.0, "amplitude_fit_uv": 18.0, "match": 0.8, "noise_uv": 2.0}
    ]
    assert amplitudes_uv(table(rows, EVENTS)).tolist() == [18.0]
    fit = fit_recovery(*outcomes(np.random.default_rng(4), 200, middle_uv=12, steep=8, lapse=0.0))
    assert fit is not None
    above = fit.unseen.reaching(0.5)[0]
    assert corrected_rate([above], [False], 120.0, recovery=fit).per_min > 0.5
    assert corrected_rate([np.nextafter(above, 0)], [False], 120.0, recovery=fit).per_min == 0
