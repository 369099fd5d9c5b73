"""Discharges that follow each other in chains are told apart; elsewhere nothing changes."""

import numpy as np

import emgdetect as emg
from emgdetect.detection.first_pass.chains import LEAST, apart, in_chains, room_of

RATE_HZ = 2000.0


def chains(seed=0, *, n=40, lag_s=0.017):
    """Starts of multiplets of four, and times of all their discharges, 10 % irregular."""
    rng = np.random.default_rng(seed)
    lags = lag_s * (1 + 0.1 * rng.standard_normal((n, 3)))
    start_s = 2.0 + 1.4 * np.arange(n) + rng.uniform(0, 0.3, n)
    return np.sort((start_s[:, None] + np.pad(np.cumsum(lags, 1), ((0, 0), (1, 0)))).ravel())


def wave(time_s):
    """A triphasic potential of 8 ms."""
    return (1 - (time_s / 0.0012) ** 2) * np.exp(-0.5 * (time_s / 0.0015) ** 2)


def test_a_unit_that_fires_in_chains_only_is_found_discharge_by_discharge():
    """Before, its averages held two and three discharges, and half of them were missed."""
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        at_s = chains(seed)
        signal = rng.standard_normal(round(60 * RATE_HZ))
        grid = np.arange(len(signal)) / RATE_HZ
        for t in at_s:
            near = np.abs(grid - t) < 0.02
            signal[near] += 12.0 * rng.normal(1, 0.07) * wave(grid[near] - t)
        found = emg.detect(emg.Recording.from_array(signal, RATE_HZ, names=["FDI L"]))
        peak_s = found.events["peak_s"].to_numpy(float)
        distance = np.abs(at_s[:, None] - peak_s).min(axis=1)
        assert np.mean(distance < 0.003) > 0.95
        assert len(peak_s) < 1.05 * len(at_s)


def test_pieces_end_halfway_to_the_next_discharge_of_like_size():
    time_s = np.tile([0.0, 0.02, 0.04], LEAST) + np.repeat(np.arange(LEAST), 3)
    score = np.tile([10.0, 10.0, 10.0], LEAST)
    room = room_of(time_s, score)
    assert in_chains(time_s, score)
    assert np.allclose(room[:3], [[np.inf, 0.01], [0.01, 0.01], [0.01, np.inf]])
    pieces = np.ones((3, 1, 81), dtype=np.float32)
    cut = apart(pieces, room[:3], RATE_HZ)[:, 0]
    at_s = (np.arange(81) - 40) / RATE_HZ
    assert np.array_equal(cut[1] > 0.01, np.abs(at_s) < 0.0109)
    assert np.all(cut[0, at_s < 0.009] == 1) and not cut[0, at_s > 0.011].any()


def test_a_late_part_is_no_discharge_though_it_ends_where_the_larger_begins():
    time_s = np.append(np.tile([0.0, 0.02, 0.04], LEAST) + np.repeat(np.arange(LEAST), 3),
                       [90.0, 90.02])  # fmt: skip
    score = np.append(np.full(3 * LEAST, 10.0), [10.0, 4.0])
    assert np.allclose(room_of(time_s, score)[-2:], [[np.inf, np.inf], [0.01, np.inf]])


def test_doublets_and_few_chance_encounters_are_no_chains():
    doublets = np.tile([0.0, 0.02], 100) + np.repeat(np.arange(100), 2)
    assert not in_chains(doublets, np.full(200, 10.0))
    few = np.append(np.tile([0.0, 0.02, 0.04], LEAST - 1) + np.repeat(np.arange(LEAST - 1), 3), 99)
    assert not in_chains(few, np.full(len(few), 10.0))
    rare = np.append(np.tile([0.0, 0.02, 0.04], LEAST) + np.repeat(np.arange(LEAST), 3),
                     100.0 + np.arange(10 * LEAST))  # fmt: skip
    assert not in_chains(rare, np.full(len(rare), 10.0))
    fading = np.tile([0.0, 0.02, 0.04], 2 * LEAST) + np.repeat(np.arange(2 * LEAST), 3)
    assert not in_chains(fading, np.tile([10.0, 7.0, 5.0], 2 * LEAST))
    assert room_of(np.zeros(0), np.zeros(0)).shape == (0, 2)
    pieces = np.ones((2, 1, 5), dtype=np.float32)
    assert apart(pieces, np.full((2, 2), np.inf), RATE_HZ) is pieces
