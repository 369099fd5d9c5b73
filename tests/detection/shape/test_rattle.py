"""A cable that rattles: clicks on slow waves are movement, potentials without clicks are not."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import signal

from emgdetect import Config, Recording, detect
from emgdetect.detection.shape.rattle import crowded_waves, rattles
from emgdetect.detection.trace.sway import sway_levels, swaying_spans

RATE = 2000.0
NO_SPANS = np.zeros((0, 2))


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 4, int(seconds * RATE))


def wave(seconds, start, stop, size):
    time = np.arange(int(seconds * RATE)) / RATE
    inside = (time >= start) & (time < stop)
    return np.where(inside, size * np.sin(2 * np.pi * 7 * time), 0.0)


def events_of(trace):
    # As amplifiers do: a causal low-pass.
    made = signal.sosfilt(signal.butter(4, 450, fs=RATE, output="sos"), trace)
    recording = Recording.from_array(made[None].astype(np.float32), RATE, sites="VL")
    return detect(recording, Config(mains_hz="none")).events


def counted(trace):
    events = events_of(trace)
    return events[events.verdict == "fasciculation"].peak_s.to_numpy()


@pytest.mark.parametrize("seed", range(4))
def test_clicks_on_slow_waves_are_no_potentials(seed):
    rng = np.random.default_rng(seed)
    trace = noise(60, seed) + wave(60, 20, 22, 150) + wave(60, 40, 41.5, 150)
    for at in (*rng.uniform(20, 22, 14), *rng.uniform(40, 41.5, 10)):
        trace[int(at * RATE)] += rng.normal() * 600
    assert len(counted(trace)) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_a_potential_on_a_slow_wave_is_counted(seed):
    trace = noise(60, seed) + wave(60, 20, 22, 150)
    due = 3.1 + 3.0 * np.arange(18)
    time = np.arange(len(trace)) / RATE
    for at in due:
        u = (time - at) / 0.0025
        trace += 90 * u * np.exp(-0.5 * u**2)
    found = counted(trace)
    assert np.sum(np.abs(found[:, None] - due).min(axis=1) < 0.01) >= 17


@pytest.mark.parametrize("seed", [0, 2])
def test_a_train_as_the_muscle_sways_is_no_cable(seed):
    rng = np.random.default_rng(seed)
    trace = noise(60, seed) + wave(60, 20, 26, 25)
    time = np.arange(len(trace)) / RATE
    # Two units whose discharges are as sharp as clicks, in one rhythm.
    train = 20 + np.cumsum(rng.normal(0.1, 0.008, 55))
    for at, odd in zip(train, rng.random(55) < 0.5, strict=True):
        u = (time - at) / 0.0008
        trace += 90 * np.exp(-0.5 * u**2) * (u if odd else 1 - u**2)
    events = events_of(trace)
    inside = ((events.peak_s > 20) & (events.peak_s < 25.4)).to_numpy()
    assert inside.sum() > 45
    assert (events.verdict[inside] == "train").mean() > 0.9


def test_sway_is_that_of_slow_waves_alone():
    time = np.arange(int(6 * RATE)) / RATE
    slow, fast = np.sin(2 * np.pi * 7 * time), np.sin(2 * np.pi * 70 * time)
    raw = np.stack([slow, fast]).astype(np.float32)
    core = slice(int(RATE), int(5 * RATE))
    levels = [sway_levels(row[None], RATE, core, 16) for row in raw]
    # The median magnitude of a sine is half the square root of two times its size.
    np.testing.assert_allclose(levels[0], np.sqrt(0.5), atol=0.2)
    assert levels[1].max() < 0.05 * levels[0].min()


def test_swaying_time_is_beyond_the_usual():
    cells = np.stack([np.arange(40), np.arange(1, 41)], axis=1) / 4
    sway = np.where((np.arange(40) >= 10) & (np.arange(40) < 18), 6.0, 1.0).astype(np.float32)
    spans = swaying_spans(cells, sway)
    assert spans.shape == (1, 2)
    np.testing.assert_allclose(spans[0], [2.5, 4.5], atol=0.3)
    assert swaying_spans(np.zeros((0, 2)), np.zeros(0, dtype=np.float32)).shape == (0, 2)


def test_one_unit_or_one_potential_on_slow_waves_crowds_not():
    waves, analysed = np.array([[10.0, 12.0]]), np.array([[0.0, 60.0]])

    def chosen(time_s, template):
        return len(crowded_waves(np.array(time_s), np.array(template), waves, analysed))

    assert chosen([10.5, 11.0, 11.2], [1, 2, -1]) == 1
    assert chosen([10.5, 11.0, 11.2], [1, 1, 1]) == 0
    assert chosen([10.5], [-1]) == 0
    assert chosen([], []) == 0
    assert len(crowded_waves(np.array([1.0, 1.1]), np.array([1, 2]), NO_SPANS, analysed)) == 0
    # A busy site has as many anyway.
    busy = np.arange(0.2, 60, 0.7)
    assert chosen(busy, np.arange(len(busy)) % 3) == 0


@pytest.mark.parametrize(("outside", "marked"), [(2, 5), (6, 5), (7, 2)])
def test_a_unit_that_mostly_fires_elsewhere_does_so_among_clicks_too(outside, marked):
    # Three of unit 1 and two clicks on a slow wave.
    time_s = np.concatenate([[10.2, 10.5, 10.9, 11.3, 11.6], 20.0 + 5.0 * np.arange(outside)])
    template = np.array([1, -1, 1, 2, 1, *np.ones(outside, dtype=int)])
    made = SimpleNamespace(
        found=SimpleNamespace(time_s=time_s, template=template),
        swaying_s=np.array([[10.0, 12.0]]), analysed_s={"lenient": np.array([[0.0, 180.0]])},
    )  # fmt: skip
    n = len(time_s)
    fit = SimpleNamespace(
        filtered=SimpleNamespace(energy=np.ones(n), edge=np.ones(n)), muscle=np.ones(n)
    )
    clicks = rattles(made, fit, np.ones(n, bool), np.ones(n, bool))
    assert clicks.sum() == marked
    assert not clicks[5:].any()
    assert clicks[[1, 3]].all()
    # Pops elsewhere of the same number make it no unit.
    assert rattles(made, fit, np.ones(n, bool), time_s < 20).sum() == 5
