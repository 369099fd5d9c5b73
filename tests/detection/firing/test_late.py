"""What follows a unit at one lag is part of it; what comes at any lag is not."""

import numpy as np

from emgdetect.detection.firing.late import late_components, locked_components, trailing


def train(lags, *, size=8.0, unit=-1):
    """Discharges of unit 0 every 2 s, each followed by something weaker."""
    first = 2.0 * np.arange(1, len(lags) + 1)
    time = np.concatenate([first, first + lags])
    order = np.argsort(time)
    template = np.concatenate([np.zeros(len(lags), int), np.full(len(lags), unit)])[order]
    score = np.concatenate([np.full(len(lags), 20.0), np.full(len(lags), size)])[order]
    return time[order], template, score


def test_a_late_component_at_one_lag_is_none_of_its_own():
    rng = np.random.default_rng(0)
    time, template, score = train(0.016 + rng.normal(0, 3e-4, 12))
    assert late_components(time, template, score).tolist() == (template < 0).tolist()
    time, template, score = train(-0.016 + rng.normal(0, 3e-4, 12), unit=1)
    assert late_components(time, template, score).tolist() == (template == 1).tolist()


def test_other_lags_and_equal_sizes_and_few_are_potentials():
    rng = np.random.default_rng(1)
    assert not late_components(*train(rng.uniform(0.009, 0.024, 12))).any()
    assert not late_components(*train(np.full(12, 0.016), size=19.0)).any()
    assert not late_components(*train(np.full(3, 0.016))).any()
    # Doublets and F responses lie outside.
    assert not late_components(*train(np.full(12, 0.006))).any()
    assert not late_components(*train(np.full(12, 0.030))).any()


def test_tails_of_a_large_potential_reach_further():
    rng = np.random.default_rng(2)
    time, template, score = train(0.034 + rng.normal(0, 3e-4, 12), size=3.0)
    assert late_components(time, template, score).tolist() == (template < 0).tolist()


def test_a_unit_found_only_beside_much_larger_ones_is_part_of_them():
    rng = np.random.default_rng(3)
    time, template, score = train(rng.uniform(0.01, 0.04, 12), size=3.0, unit=1)
    alone = np.arange(101.0, 106.0)
    time = np.concatenate([time, alone])
    template = np.concatenate([template, np.full(len(alone), 1)])
    score = np.concatenate([score, np.full(len(alone), 3.0)])
    assert late_components(time, template, score).tolist() == [*(template == 1)[:24], *[False] * 5]
    # A unit that mostly fires alone may fire beside a larger one, too.
    more = np.concatenate([time, np.arange(201.0, 230.0)])
    template = np.concatenate([template, np.full(29, 1)])
    assert not late_components(more, template, np.concatenate([score, np.full(29, 3.0)])).any()


HZ = 1000.0


def bump(width_ms):
    """A biphasic waveform over 50 ms to either side of its peak."""
    x = (np.arange(-50, 51) - width_ms) / width_ms
    return -x * np.exp(0.5 - x**2 / 2)


def parts(lags, *, waves, heights=(2.0, 1.0)):
    """Two ends of one potential, each with a unit of its own, and which of them is left out."""
    time, template, score = train(lags, size=19.0, unit=1)
    snippet = np.array([heights[t] * waves[t] for t in template])
    left_out = locked_components(
        time, template, score, snippet, np.arange(len(time)), sampling_hz=HZ,
        minutes=time[-1] / 60,
    )  # fmt: skip
    return left_out, template


def test_two_units_that_keep_one_lag_are_parts_of_one_potential():
    lags = 0.026 + np.random.default_rng(4).uniform(-0.001, 0.001, 8)
    waves = (bump(3), bump(1))
    left_out, template = parts(lags, waves=waves)
    assert left_out.tolist() == (template == 1).tolist()
    # The larger deflection stays, even where its score is the lower one.
    left_out, template = parts(lags, waves=waves, heights=(1.0, 2.0))
    assert left_out.tolist() == (template == 0).tolist()


def test_units_that_keep_no_lag_or_are_alike_or_too_few_stay_two():
    rng = np.random.default_rng(5)
    waves = (bump(3), bump(1))
    assert not parts(rng.uniform(0.009, 0.045, 8), waves=waves)[0].any()
    assert not parts(np.full(2, 0.026), waves=waves)[0].any()
    # An F response may have been given another number than its potential.
    assert not parts(np.full(8, 0.028), waves=(bump(3), bump(3)))[0].any()


def test_busy_units_meet_at_any_lag_by_chance():
    rng = np.random.default_rng(6)
    flagged = 0
    for _ in range(20):
        time = np.sort(rng.uniform(0, 180, 480))
        template = rng.integers(0, 4, 480)
        snippet = np.array([bump(w) for w in (1, 2, 4, 6)])[template]
        flagged += locked_components(
            time, template, rng.uniform(6, 20, 480), snippet, np.arange(480), sampling_hz=HZ,
            minutes=3.0,
        ).sum()  # fmt: skip
    assert flagged == 0


def test_nothing_found_is_nothing():
    none = np.zeros(0)
    assert not len(locked_components(none, none.astype(int), none, np.zeros((0, 101)),
                                     none.astype(int), sampling_hz=HZ, minutes=0.0))  # fmt: skip
    assert late_components(none, none.astype(int), none).shape == (0,)


def satellites(n, *, alone=0, size=8.0):
    """Of unit 1, at lags that vary, after discharges of two larger units in turn."""
    rng = np.random.default_rng(4)
    first = 5.0 * np.arange(1, 13)
    time = np.concatenate([first, first[:n] + rng.uniform(0.012, 0.028, n),
                           100.0 + np.arange(alone)])  # fmt: skip
    template = np.concatenate([2 * (np.arange(12) % 2), np.full(n + alone, 1)])
    score = np.concatenate([np.full(12, 20.0), np.full(n + alone, size)])
    order = np.argsort(time)
    return time[order], template[order], score[order]


def test_a_unit_that_only_follows_larger_ones_is_their_satellite():
    time, template, score = satellites(3)
    assert trailing(time, template, score, minutes=3.0).tolist() == (template == 1).tolist()
    assert not trailing(*satellites(2), minutes=3.0).any()
    assert not trailing(*satellites(3, alone=2), minutes=3.0).any()
    assert not trailing(*satellites(3, size=12.0), minutes=3.0).any()
    # Where larger ones fire all the time, something of them is always before.
    assert not trailing(*satellites(3), minutes=0.1).any()
