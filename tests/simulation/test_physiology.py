"""Potentials and firing patterns look like those of muscles."""

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.simulation import firing
from emgdetect.simulation.amplifier import amplified, measured
from emgdetect.simulation.averages import Averages
from emgdetect.simulation.electrodes import bipolar, grid
from emgdetect.simulation.scenarios import Firing
from emgdetect.simulation.shapes import hermite_function, hermite_groups
from emgdetect.simulation.tripole import (
    CHARGES,
    OFFSETS_MM,
    Fibres,
    draw_fibres,
    skin_potential,
    tripole_groups,
)

FINE_HZ = 16_000
TIMES_S = np.arange(1600) / FINE_HZ - 0.04


def made(scenario, duration_s=90, seed=2, **options):
    return emg.simulate(duration_s=duration_s, seed=seed, scenario=scenario, **options)


def one_fibre(*, depth_mm=8.0, across_mm=0.0, end_plate_mm=-30.0):
    one = np.ones(1)
    return Fibres(
        across_mm * one,
        depth_mm * one,
        end_plate_mm * one,
        60.0 * one,
        80.0 * one,
        4.0 * one,
        0 * one,
    )


@pytest.mark.parametrize("model", [tripole_groups, hermite_groups])
def test_potentials_look_like_those_of_surface_electrodes(model):
    lengths_s, medians_hz, phases = [], [], []
    for seed in range(60):
        raw = model(np.random.default_rng(seed), TIMES_S, electrodes=bipolar(), n_groups=3)
        wave = amplified(raw.sum(axis=0), sampling_hz=FINE_HZ, low_hz=5, high_hz=500)
        wave = measured(wave, sampling_hz=FINE_HZ)[0]
        wave /= np.ptp(wave)
        large = np.flatnonzero(np.abs(wave) > 0.1)
        lengths_s.append((large[-1] - large[0]) / FINE_HZ)
        power = np.cumsum(np.abs(np.fft.rfft(wave, 2**14)) ** 2)
        medians_hz.append(np.searchsorted(power / power[-1], 0.5) * FINE_HZ / 2**14)
        signs = np.sign(wave[np.abs(wave) > 0.1])
        phases.append(1 + np.count_nonzero(np.diff(signs)))
    assert 0.005 < np.median(lengths_s) < 0.025
    assert np.max(lengths_s) < 0.045
    assert 40 < np.median(medians_hz) < 150
    assert 2 <= np.median(phases) <= 4


def test_the_tripole_has_no_charge_and_no_first_moment():
    np.testing.assert_allclose(CHARGES.sum(), 0, atol=1e-9)
    np.testing.assert_allclose(CHARGES @ OFFSETS_MM, 0, atol=1e-9)


def test_nothing_is_seen_before_the_end_plate_and_after_the_tendons():
    wave = skin_potential(one_fibre(), TIMES_S, bipolar())[0, 0]
    assert np.abs(wave[TIMES_S < 0]).max() < 1e-9 * np.ptp(wave)
    assert np.abs(wave[TIMES_S > 0.025]).max() < 1e-9 * np.ptp(wave)


def test_potentials_run_along_the_fibres_at_their_velocity_in_both_directions():
    electrodes = grid()
    column = np.flatnonzero(electrodes.columns == 3)
    wave = skin_potential(one_fibre(end_plate_mm=0.0, depth_mm=3.0), TIMES_S, electrodes)[0]
    peak_s = TIMES_S[np.argmin(wave[column], axis=1)]
    along = electrodes.along_mm[column]
    for side in (1, -1):
        far = side * along > 10
        slope = np.polyfit(np.abs(along[far]), peak_s[far] * 1e3, 1)[0]
        assert 1 / slope == pytest.approx(4.0, rel=0.1)  # mm/ms


def test_deeper_and_farther_fibres_are_smaller_and_slower():
    waves = [skin_potential(one_fibre(depth_mm=d), TIMES_S, bipolar())[0, 0] for d in (4, 8, 16)]
    heights = [np.ptp(w) for w in waves]
    assert heights == sorted(heights, reverse=True)
    widths = [np.mean(np.abs(w) > 0.3 * np.abs(w).max()) for w in waves]
    assert widths == sorted(widths)
    beside = np.ptp(skin_potential(one_fibre(across_mm=15), TIMES_S, bipolar()))
    assert beside < heights[1]


def test_the_standing_end_potential_reaches_all_electrodes_at_once():
    electrodes = grid()
    fibres = one_fibre(end_plate_mm=0.0)
    wave = skin_potential(fibres, TIMES_S, electrodes)[0]
    after = (TIMES_S > 0.0205) & (TIMES_S < 0.0218)  # the longer side (80 mm) ends here
    peaks = TIMES_S[after][np.argmax(np.abs(wave[:, after]), axis=1)]
    assert np.ptp(peaks) < 0.0005


def test_units_reach_across_the_whole_grid():
    middles = [
        draw_fibres(np.random.default_rng(s), 8, reach_mm=26).across_mm.mean() for s in range(200)
    ]
    assert min(middles) < -15
    assert max(middles) > 15


def test_hermite_functions_are_orthonormal():
    times = np.linspace(-0.05, 0.05, 20_001)
    waves = np.array([hermite_function(n, times, width_s=0.002) for n in range(5)])
    np.testing.assert_allclose(waves @ waves.T * (times[1] - times[0]), np.eye(5), atol=1e-6)


def test_second_discharges_come_when_they_should():
    rng = np.random.default_rng(0)
    first = np.arange(300) * 2.0
    plan = Firing(doublets=0.4, responses=0.3, runs=0.3)
    found = dict(firing.followers(rng, plan, first, response_s=(0.025, 0.035)))
    delay = {name: np.mod(times + 1e-9, 2.0) for name, times in found.items()}
    assert ((delay["doublet"] > 0.0039) & (delay["doublet"] < 0.0081)).all()
    assert ((delay["f-response"] > 0.0249) & (delay["f-response"] < 0.0351)).all()
    assert np.unique(np.floor(found["run"] / 2), return_counts=True)[1].max() <= 4
    assert sum(map(len, (found["doublet"], found["f-response"]))) == pytest.approx(210, abs=40)


def test_the_leg_answers_later_than_the_arm():
    assert firing.response_delay_s("TIBIALIS R") == (0.045, 0.060)
    assert firing.response_delay_s("BICEPS L") == (0.025, 0.035)


def test_clusters_keep_the_mean_rate_and_are_over_dispersed():
    rng = np.random.default_rng(1)
    counts = [
        len(firing.clusters(rng, rate_hz=0.5, duration_s=60, size=4, length_s=1))
        for _ in range(400)
    ]
    assert np.mean(counts) == pytest.approx(30, rel=0.08)
    assert np.var(counts) / np.mean(counts) > 3
    swung = [
        len(firing.modulated(rng, rate_hz=0.5, duration_s=60, period_s=20)) for _ in range(400)
    ]
    assert np.mean(swung) == pytest.approx(30, rel=0.05)


def test_no_unit_fires_within_its_refractory_period():
    rng = np.random.default_rng(2)
    times = firing.refractory(rng.uniform(0, 1, 2000))
    assert np.diff(times).min() >= firing.REFRACTORY_S


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trains_are_regular_and_as_fast_as_said(seed):
    simulated = made("tonic_trains", 180, seed)
    spans = simulated.spans
    assert len(spans)
    assert (spans["kind"] == "train").all()
    for span in spans.itertuples():
        rows = simulated.truth.query(
            "site == @span.site and unit == @span.unit and kind == 'train'"
        )
        own = rows[(rows["time_s"] >= span.start_s - 0.02) & (rows["time_s"] <= span.stop_s + 0.02)]
        intervals = np.diff(own["time_s"])
        assert 4.2 < 1 / intervals.mean() < 10
        assert intervals.std() / intervals.mean() < 0.25
    own = spans["unit"] < 100
    assert own.any() or seed != 1, "some trains are of units that also fasciculate"


@pytest.mark.parametrize(
    ("scenario", "kind"), [("contractions", "contraction"), ("tremor", "tremor")]
)
def test_driven_discharges_lie_in_their_spans_and_fill_them(scenario, kind):
    simulated = made(scenario, 120)
    for _site, rows in simulated.truth[simulated.truth["kind"] == kind].groupby("site"):
        spans = simulated.spans.query("site == @_site and kind == @kind")
        times = rows["time_s"].to_numpy()
        hit = np.zeros(len(times), dtype=bool)
        for span in spans.itertuples():
            inside = (times > span.start_s - 0.03) & (times < span.stop_s + 0.03)
            assert inside.sum() >= 4
            hit |= inside
        assert hit.all()


def test_contractions_recruit_small_units_first():
    simulated = made("contractions", 120, seed=5)
    span = simulated.spans.iloc[0]
    rows = simulated.truth.query("site == @span.site and kind == 'contraction' and unit > 300")
    rows = rows[(rows["time_s"] >= span["start_s"]) & (rows["time_s"] <= span["stop_s"])]
    first = rows.groupby("unit")["time_s"].min()
    order = np.corrcoef(np.argsort(np.argsort(first.index)), np.argsort(np.argsort(first)))[0, 1]
    assert order > 0.9


def test_tremor_comes_in_bursts_at_four_to_eight_hertz():
    simulated = made("tremor", 180, seed=2)
    span = simulated.spans.iloc[0]
    rows = simulated.truth.query("site == @span.site and kind == 'tremor'")
    times = rows["time_s"].to_numpy()
    times = times[(times > span["start_s"]) & (times < span["stop_s"])] - span["start_s"]
    rates = np.arange(3, 12, 0.05)
    strength = np.abs(np.exp(-2j * np.pi * rates[:, None] * times).sum(axis=1))
    assert 3.8 < rates[np.argmax(strength)] < 8.2


def test_a_rhythmic_unit_fires_about_once_a_second():
    simulated = made("slow_rhythmic", 120)
    rows = simulated.truth[simulated.truth["pattern"] == "rhythmic"]
    assert rows["site"].nunique() == 2
    assert (rows["kind"] == "fasciculation").all()
    for _, own in rows.groupby("site"):
        intervals = np.diff(own["time_s"])
        assert 0.6 < 1 / intervals.mean() < 1.4
        assert intervals.std() / intervals.mean() < 0.25


def test_weak_and_busy_are_weak_and_busy():
    weak = made("weak", 120)
    assert weak.truth["amplitude_rel"].quantile(0.95) < 11
    busy = made("busy", 120).truth.groupby("site").size() / 2
    assert busy.mean() == pytest.approx(130, abs=45)


def test_crosstalk_is_small_late_and_stable():
    simulated = made("crosstalk", 180, seed=1)
    truth = simulated.truth
    far = truth[truth["kind"] == "crosstalk"]
    assert len(far) > 20
    partner = {"BICEPS L": "TRICEPS L", "TIBIALIS R": "GASTROC R"}
    partner |= {b: a for a, b in partner.items()}
    for (site, unit), rows in far.groupby(["site", "unit"]):
        source = truth[(truth["site"] == partner[site]) & (truth["unit"] == unit - 900)]
        gap = rows["time_s"].to_numpy() - source["time_s"].to_numpy()
        assert len(rows) == len(source)
        assert np.abs(gap).max() < 0.02
        ratio = rows["amplitude_uv"].to_numpy() / source["amplitude_uv"].to_numpy()
        assert ratio.max() < 0.45
        assert ratio.std() / ratio.mean() < 0.12
    together = truth[truth["pattern"] == "synchronous"]
    assert (together[together["kind"] == "fasciculation"].groupby("site").size() > 0).all()


def test_a_healthy_recording_has_everything_but_fasciculations():
    simulated = made("healthy", 180, seed=4)
    assert simulated.fasciculations.empty
    assert not simulated.potentials_uv.any()
    assert {"train", "contraction"} <= set(simulated.truth["kind"])
    assert len(simulated.beats_s)


def test_measured_averages_give_their_own_shapes():
    times = np.arange(200) / 2000
    waves = np.array([np.sin(2 * np.pi * f * times) * np.hanning(200) for f in (40, 90)])
    model = Averages(waves, 2000.0)
    for seed in range(8):
        groups = model(np.random.default_rng(seed), TIMES_S, electrodes=bipolar(), n_groups=3)
        assert groups.shape == (3, 1, len(TIMES_S))
        unit = groups.sum(axis=0)[0]
        power = np.abs(np.fft.rfft(unit, 2**14)) ** 2
        peak_hz = np.argmax(power) * FINE_HZ / 2**14
        assert min(abs(np.log(peak_hz / 40)), abs(np.log(peak_hz / 90))) < 0.25
