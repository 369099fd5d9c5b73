"""Measured potentials in real and simulated rest: the truth is what was added."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import rest, semisynthetic, sources
from benchmarks.cases import QUICK_SEEDS, REPORTING_SEEDS, TUNING_SEEDS, measured_cases
from benchmarks.semisynthetic import GROUPS, LADDER, Pattern, compose, simulated_rest
from emgdetect.simulation import Simulated

MIRROR = Path(os.environ.get("EMGDETECT_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not MIRROR.is_dir(), reason="no local mirror of the reference data")
FS = 1000.0


def potentials(n: int = 4, n_channels: int = 2) -> np.ndarray:
    """Differently wide biphasic waves, larger on the first channel."""
    t = np.arange(-30, 31) / FS
    waves = [-t / w * np.exp(-(t**2) / (2 * w**2)) for w in np.linspace(0.001, 0.004, n)]
    return np.stack([np.outer(np.linspace(1, 0.2, n_channels), wave) for wave in waves])


def composed(pattern: Pattern = LADDER, seed: int = 1, minutes: float = 1.0) -> Simulated:
    rng = np.random.default_rng(8)
    n = round(60 * minutes * FS)
    rests = {site: simulated_rest(rng, 2, n, sampling_hz=FS, rms_uv=3.0) for site in ("A L", "B R")}
    return compose(rests, potentials(), pattern, sampling_hz=FS, seed=seed, name="test")


def test_the_same_seed_gives_the_same_recording() -> None:
    first, second, other = composed(), composed(), composed(seed=2)
    assert first.truth.equals(second.truth) and not first.truth.equals(other.truth)
    assert np.array_equal(first.potentials_uv, second.potentials_uv)


def test_the_truth_stands_where_and_as_large_as_it_says() -> None:
    made = composed(Pattern(rate_per_min=30, doublets=0, clusters=0, snr=(5, 20)))
    channels = [channel.name for channel in made.recording.channels]
    assert len(made.truth) > 20
    for row in made.truth.itertuples():
        index, at = channels.index(row.channel), round(row.time_s * FS)
        around = made.potentials_uv[index, at - 30 : at + 31]
        assert np.argmax(np.abs(around)) == 30
        assert np.ptp(around) == pytest.approx(row.amplitude_uv, rel=1e-4)
        local = made.noise_rms_uv[index, at]
        assert row.amplitude_rel == pytest.approx(row.amplitude_uv / local, rel=1e-4)


def test_the_signal_is_rest_plus_potentials() -> None:
    made = composed()
    signal = made.recording.read(range(4), 0)
    assert np.allclose(signal, made.noise_uv + made.potentials_uv, atol=1e-3)


def test_the_ladder_covers_its_range() -> None:
    made = composed(minutes=3)
    by_unit = made.truth[made.truth["site"] == "A L"].groupby("unit")["amplitude_rel"].median()
    low, high = LADDER.snr
    assert by_unit.min() == pytest.approx(low, rel=0.3)
    assert by_unit.max() == pytest.approx(high, rel=0.3)


def test_groups_hold_doublets_and_clusters_of_one_unit() -> None:
    made = composed(GROUPS, minutes=3)
    assert set(made.truth["pattern"]) == {"single", "doublet", "cluster"}
    site = made.truth[made.truth["site"] == "A L"].sort_values("time_s")
    gaps = np.diff(site["time_s"])
    same = np.diff(site["unit"]) == 0
    assert ((gaps <= 0.0211) & same).any()
    assert (gaps[~same] >= 0.059).all()


def test_simulated_rest_has_the_rms_it_was_asked_for() -> None:
    rng = np.random.default_rng(4)
    quiet = simulated_rest(rng, 8, 40_000, sampling_hz=2000.0, rms_uv=4.0)
    assert semisynthetic.band_rms(quiet, 2000.0) == pytest.approx(np.full(8, 4.0), rel=1e-6)
    correlation = np.corrcoef(quiet)[np.triu_indices(8, 1)].mean()
    assert correlation == pytest.approx(semisynthetic.SHARED, abs=0.05)


def test_pieces_join_without_a_step_and_keep_their_power() -> None:
    rng = np.random.default_rng(6)
    pieces = [rng.standard_normal(2000) for _ in range(20)]
    whole = rest.joined(pieces, 50)
    assert len(whole) == 20 * 2000 - 19 * 50
    assert whole.std() == pytest.approx(1, abs=0.02)
    line = rest.joined([np.ones(200), np.ones(200)], 50)
    assert np.abs(np.diff(line)).max() < 0.05


def test_rest_leaves_out_what_is_loud() -> None:
    rng = np.random.default_rng(7)
    signal = rng.standard_normal(20_000)
    signal[8000:12_000] *= 50
    quiet = rest.real_rest(signal, 1000.0, limit_uv=2.0)
    assert np.abs(quiet).max() < 8
    assert 13_000 < quiet.shape[1] < 16_000
    with pytest.raises(ValueError, match=r"no quiet stretch below 0\.1"):
        rest.real_rest(signal, 1000.0, limit_uv=0.1)


def test_tuning_reporting_and_quick_seeds_are_apart() -> None:
    sets = [set(TUNING_SEEDS), set(REPORTING_SEEDS), set(QUICK_SEEDS)]
    assert len(set.union(*sets)) == sum(len(s) for s in sets)


@needs_data
def test_measured_potentials_stand_out_of_their_own_noise() -> None:
    source = sources.vastus_lateralis(MIRROR / "openhdemg_vl")
    assert source.signal_uv.shape[0] == 64
    assert [len(t) for t in source.firings_s.values()] == [137, 154, 197, 293, 292]
    waves = semisynthetic.measured_potentials(source)
    height = np.ptp(waves, axis=2).max(axis=1)
    n = np.array([len(t) for t in source.firings_s.values()])
    noise = semisynthetic.band_rms(source.signal_uv, source.sampling_hz).max() / np.sqrt(n)
    assert (height > 10 * noise).all()
    assert np.abs(waves[..., [0, -1]]).max() < 0.01 * height.min()


@needs_data
def test_the_expert_spikes_are_read() -> None:
    source = sources.needle_r00108(MIRROR / "emglab_r00108")
    assert sum(len(t) for t in source.firings_s.values()) == 659
    assert source.signal_uv.shape == (1, 100_000)


@needs_data
def test_every_semi_synthetic_recording_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMGDETECT_DATA", str(MIRROR))
    cases = measured_cases(QUICK_SEEDS)
    assert {case.phenomenon for case in cases} == {
        "measured_ladder", "measured_groups", "measured_grid64", "real_rest",
    }  # fmt: skip
    assert len({case.recording for case in cases}) == len(cases)
    for case in cases:
        made = case.make()
        assert len(made.truth) >= 2
        assert np.isfinite(made.recording.read([0], 0)).all()
