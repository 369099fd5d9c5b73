"""The simulator keeps its word: what the truth says is in the signal, and nothing else."""

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfiltfilt

import emgdetect as emg
from emgdetect.simulation import SCENARIOS

BARS = (
    "clean", "weak", "fluctuating", "mains", "heart", "atrial_fibrillation", "contractions",
    "tonic_trains", "tremor", "slow_rhythmic", "movement", "busy", "pairs", "crosstalk",
    "low_rate", "all_at_once", "healthy", "grid64",
)  # fmt: skip


def made(scenario="clean", duration_s=40, seed=3, **options):
    return emg.simulate(duration_s=duration_s, seed=seed, scenario=scenario, **options)


def band(data, sampling_hz):
    """10–500 Hz (at -3 dB), zero phase, as an independent library does it."""
    high = min(500 / 0.8, 0.48 * sampling_hz)
    sos = butter(2, [10 * 0.8, high], "bandpass", fs=sampling_hz, output="sos")
    return sosfiltfilt(sos, data, axis=-1)


def signal(simulated):
    emg_rows = [i for i, c in enumerate(simulated.recording.channels) if c.kind == "EMG"]
    return simulated.recording.read(emg_rows, 0)


def isolated(rows, apart_s=0.1):
    times = rows["time_s"].to_numpy()
    gaps = np.diff(np.concatenate([[-1], times, [1e9]]))
    return rows[(gaps[:-1] > apart_s) & (gaps[1:] > apart_s)]


@pytest.mark.parametrize("scenario", BARS)
def test_every_scenario_has_consistent_tables(scenario):
    duration_s = 5 if scenario == "grid64" else 20
    simulated = made(scenario, duration_s)
    names = {c.name for c in simulated.recording.channels}
    sites = {s.name for s in simulated.recording.sites}
    truth, spans = simulated.truth, simulated.spans
    assert truth["time_s"].is_monotonic_increasing
    assert truth["time_s"].between(0, duration_s).all()
    assert set(truth["channel"]) <= names
    assert set(truth["site"]) | set(spans["site"]) <= sites
    assert (truth["amplitude_rel"] >= 0).all()
    assert (spans["stop_s"] > spans["start_s"]).all()
    assert np.isfinite(signal(simulated)).all()
    assert simulated.recording.recorded_s == pytest.approx(duration_s)
    assert all(len(name) <= 16 for name in names), "EDF labels have 16 characters"


def test_the_same_arguments_give_the_same_recording():
    first, again, other = made(duration_s=10), made(duration_s=10), made(duration_s=10, seed=4)
    np.testing.assert_array_equal(signal(first), signal(again))
    assert first.truth.equals(again.truth)
    assert not np.array_equal(signal(first), signal(other))


@pytest.mark.parametrize("scenario", ["clean", "mains", "heart", "contractions", "all_at_once"])
def test_the_signal_is_the_sum_of_its_parts(scenario):
    simulated = made(scenario)
    parts = (
        simulated.potentials_uv
        + simulated.voluntary_uv
        + simulated.noise_uv
        + simulated.disturbance_uv
    )
    whole = np.ones(parts.shape, dtype=bool)
    sites = [c.site for c in simulated.recording.channels]
    lost = simulated.spans[simulated.spans["kind"].isin(["clipped", "dropped", "held"])]
    for row in lost.itertuples():
        whole[sites.index(row.site), int(row.start_s * 2000) - 1 : int(row.stop_s * 2000) + 1] = (
            False
        )
    error = np.abs(signal(simulated) - parts)
    assert error[whole & (np.abs(parts) < 4999)].max() < 0.08  # half a step of the converter


@pytest.mark.parametrize("scenario", ["mains", "heart", "contractions", "tonic_trains", "movement"])
def test_a_disturbance_does_not_change_potentials_or_noise(scenario):
    clean, disturbed = made(), made(scenario)
    np.testing.assert_array_equal(clean.noise_uv, disturbed.noise_uv)
    own = disturbed.fasciculations
    assert own[["site", "unit"]].reset_index(drop=True).equals(clean.truth[["site", "unit"]])
    np.testing.assert_allclose(own["time_s"], clean.truth["time_s"], atol=0.004)


@pytest.mark.parametrize("sampling_hz", [512.0, 2000.0])
def test_truth_lies_where_the_noise_free_signal_peaks(sampling_hz):
    simulated = made(duration_s=60, sampling_hz=sampling_hz)
    finer = 8
    data = resample_poly(simulated.potentials_uv.astype(float), finer, 1, axis=-1)
    sampling_hz *= finer
    filtered = band(data, sampling_hz)
    n_checked, errors = 0, []
    for row, site in enumerate(s.name for s in simulated.recording.sites):
        own = isolated(simulated.truth[simulated.truth["site"] == site])
        for event in own.itertuples():
            start = max(0, round((event.time_s - 0.04) * sampling_hz))
            piece = filtered[row, start : round((event.time_s + 0.04) * sampling_hz)]
            if len(piece) < 0.07 * sampling_hz:
                continue
            n_checked += 1
            assert np.ptp(piece) == pytest.approx(event.amplitude_uv, rel=0.1)
            errors.append((start + np.argmax(np.abs(piece))) / sampling_hz - event.time_s)
    assert n_checked > 30
    # Two extremes of nearly the same height may swap under a slightly different filter.
    assert np.mean(np.abs(errors) < 0.0005) > 0.9


@pytest.mark.parametrize("scenario", ["clean", "fluctuating", "low_rate"])
def test_noise_rms_is_that_of_the_noise(scenario):
    simulated = made(scenario, duration_s=60)
    fs = simulated.scenario.sampling_hz
    noise = band(simulated.noise_uv.astype(float), fs)
    n = int(2 * fs)
    for row in range(len(noise)):
        level = simulated.noise_rms_uv[row, : 60 * int(fs)].reshape(-1, n)
        measured = noise[row, : 60 * int(fs)].reshape(-1, n).std(axis=1)
        ratio = measured / np.sqrt((level**2).mean(axis=1))
        assert np.median(ratio) == pytest.approx(1, abs=0.12)
        assert (np.abs(np.log(ratio)) < 0.5).all()


def test_rates_and_amplitudes_can_be_asked_for():
    simulated = made(duration_s=180, rate_per_min=60, snr_range=(20, 30), sites=["BICEPS L"])
    assert len(simulated.truth) == pytest.approx(180, abs=80)
    assert simulated.truth["amplitude_rel"].median() == pytest.approx(25, abs=5)
    none = made(rate_per_min=0)
    assert none.truth.empty
    assert list(none.truth.columns) == list(simulated.truth.columns)
    assert not none.potentials_uv.any()


def test_mean_rate_over_many_sites_is_what_was_asked_for():
    sites = [f"BICEPS{i} L" for i in range(25)]
    counts = [
        len(made(scenario, 60, rate_per_min=30, sites=sites, sampling_hz=500).truth) / 25
        for scenario in ("clean", "pairs")
    ]
    assert counts == pytest.approx([30, 30], rel=0.15)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scenario": "nonsense"}, "no scenario 'nonsense'"),
        ({"duration_s": 0}, "duration_s"),
        ({"duration_s": np.nan}, "duration_s"),
        ({"sampling_hz": 0}, "sampling_hz"),
        ({"rate_per_min": -1}, "rate_per_min"),
        ({"snr_range": (9, 5)}, "snr_range"),
        ({"sites": ["A", "A"]}, "another name"),
        ({"sites": []}, "another name"),
        ({"seed": -1}, "seed"),
        ({"duration_s": 86_400, "sampling_hz": 20_000}, "too many"),
    ],
)
def test_bad_arguments_are_refused_with_a_sentence(options, message):
    with pytest.raises(ValueError, match=message):
        emg.simulate(**options)


def test_a_scenario_of_ones_own():
    from dataclasses import replace

    own = replace(SCENARIOS["clean"], name="own", n_units=(1, 1))
    simulated = made(own)
    assert set(simulated.truth["unit"]) <= {1}
    assert simulated.recording.name == "own-3"
