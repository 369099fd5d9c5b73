"""Cross-talk by unit, timing and ratio; comparable potentials at two sites are both kept."""

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.verdicts.crosstalk import (
    LAG_S,
    _by_chance,
    heard_from,
    judge_crosstalk,
)
from emgdetect.signal.spans import nearest


def verdicts(*sites):
    return [j.verdict for j in judge_crosstalk(list(sites), [all_counted(s) for s in sites])]


def firing(n, *, seed, seconds=180.0):
    return np.sort(np.random.default_rng(seed).uniform(1, seconds - 1, n))


def pair(*, n=40, ratio=0.15, lag_s=0.002, names=("BICEPS L", "TRICEPS L"), seed=1):
    """A large unit, its echo at a neighbour, and other units at both."""
    times, own, others = firing(n, seed=seed), firing(25, seed=seed + 1), firing(25, seed=seed + 2)
    jitter = 0.0005 * np.random.default_rng(seed + 3).standard_normal(n)
    large = made_site(names[0], np.concatenate([times, others]), [0] * n + [1] * 25,
                      [200.0] * n + [60.0] * 25)  # fmt: skip
    echo = times + lag_s + jitter
    small = made_site(names[1], np.concatenate([echo, own]), [0] * n + [1] * 25,
                      [200.0 * ratio] * n + [50.0] * 25)  # fmt: skip
    return large, small, np.isin(small.found.time_s, echo)


def test_the_echo_of_a_larger_unit_is_cross_talk_and_nothing_else_is():
    for seed in range(10):
        large, small, echo = pair(seed=10 * seed)
        at_large, at_small = verdicts(large, small)
        assert np.mean(at_small[echo] == "crosstalk") > 0.95
        assert np.mean(at_small[~echo] == "fasciculation") > 0.95
        assert np.all(at_large == "fasciculation")


def test_potentials_of_comparable_size_are_both_kept():
    for ratio in (0.7, 1.0, 1.4):
        for own in verdicts(*pair(ratio=ratio)[:2]):
            assert np.all(own == "fasciculation")


def test_never_across_sides_or_limbs():
    for names in (("BICEPS L", "BICEPS R"), ("BICEPS L", "TIBIALIS L")):
        for own in verdicts(*pair(names=names)[:2]):
            assert np.all(own == "fasciculation")


def test_the_order_of_sites_does_not_matter():
    large, small, _ = pair()
    at_large, at_small = verdicts(large, small)
    again_small, again_large = verdicts(small, large)
    np.testing.assert_array_equal(at_small, again_small)
    np.testing.assert_array_equal(at_large, again_large)


def test_chance_coincidences_are_no_cross_talk():
    marked = total = 0
    for seed in range(20):
        large = made_site("BICEPS L", firing(150, seed=seed), 0, 200.0)
        small = made_site("TRICEPS L", firing(150, seed=seed + 500), 0, 30.0)
        own = verdicts(large, small)[1]
        marked, total = marked + (own == "crosstalk").sum(), total + len(own)
    assert marked / total < 0.01


def test_what_is_taken_for_chance_is_what_independent_firing_gives():
    met = []
    for seed in range(400):
        large = made_site("BICEPS L", firing(200, seed=seed), 0, 200.0)
        small = made_site("TRICEPS L", firing(150, seed=seed + 500), 0, 30.0)
        lag_s = small.found.time_s[:, None] - large.found.time_s[None, :]
        met.append(np.sum(np.abs(lag_s - 0.002) <= LAG_S))
    expected = _by_chance(small, 200)
    assert 1.1 < expected < 1.2
    np.testing.assert_allclose(np.mean(met), expected, rtol=0.1)


def test_as_many_meetings_are_cross_talk_or_not_by_how_many_chance_gives():
    beats = 0.2 * np.arange(1, 896)
    echo, apart = beats[50:850:100] + 0.002, beats[60:840:15] + 0.1
    for seconds, n_heard in ((180.0, 0), (1800.0, len(echo))):
        large = made_site("BICEPS L", beats, 0, 200.0, seconds=seconds)
        small = made_site("TRICEPS L", np.concatenate([echo, apart]), 0, 30.0, seconds=seconds)
        heard = heard_from(small, large, all_counted(large))
        assert heard.sum() == n_heard
        assert not heard[~np.isin(small.found.time_s, echo)].any()


def rare_units(*, ratio=0.15, n_echoes=24, n_alone=0, seed=5):
    """Twelve large units that fire twice each, their echoes at a neighbour taken for one unit.

    That unit may fire on its own, too.
    """
    rng = np.random.default_rng(seed)
    times, alone, own = firing(24, seed=seed), firing(n_alone, seed=seed + 1), firing(25, seed=9)
    lags = np.repeat(rng.normal(0, 0.003, 12), 2)
    large = made_site("BICEPS L", times, np.repeat(np.arange(12), 2), [200.0] * 24)
    echo = (times + lags)[:n_echoes]
    small = made_site("TRICEPS L", np.concatenate([echo, alone, own]),
                      [0] * (n_echoes + n_alone) + [1] * 25,
                      [200.0 * ratio] * (n_echoes + n_alone) + [50.0] * 25)  # fmt: skip
    return large, small, np.isin(small.found.time_s, echo)


def test_many_units_that_fire_rarely_are_heard_together():
    for seed in range(0, 50, 10):
        large, small, echo = rare_units(seed=seed)
        _, at_small = verdicts(large, small)
        assert np.mean(at_small[echo] == "crosstalk") > 0.95
        assert np.mean(at_small[~echo] == "fasciculation") > 0.95


def test_a_few_of_them_may_meet_by_chance():
    large, small, _ = rare_units(n_echoes=4)
    _, at_small = verdicts(large, small)
    assert np.all(at_small == "fasciculation")


def test_a_unit_that_mostly_fires_alone_is_its_own_unless_it_is_faint():
    large, small, echo = rare_units(ratio=0.35, n_alone=60)
    _, at_small = verdicts(large, small)
    assert np.all(at_small[echo] == "fasciculation")
    large, small, echo = rare_units(ratio=0.15, n_alone=60)
    _, at_small = verdicts(large, small)
    assert np.mean(at_small[echo] == "crosstalk") > 0.95


def spread_copies(*, seed, ratio=0.12, n=60, share=1.0):
    """A large unit, faint copies of it 15 ms before under three numbers, each with others."""
    rng = np.random.default_rng(seed)
    times, others = firing(n, seed=seed), firing(45, seed=seed + 1)
    copy = times[rng.random(n) < share]
    copy = copy - np.where(rng.random(len(copy)) < 0.7, 0.015, 0.009)
    copy += 0.0007 * rng.standard_normal(len(copy))
    large = made_site("GASTROCNEMIUS L", times, 0, 200.0)
    units = np.concatenate([rng.integers(3, size=len(copy)), rng.integers(3, size=len(others))])
    sizes = np.concatenate([np.full(len(copy), 200.0 * ratio), np.full(len(others), 30.0)])
    small = made_site("SOLEUS L", np.concatenate([copy, others]), units, sizes)
    return large, small, np.isin(small.found.time_s, copy)


def test_faint_copies_are_heard_though_split_over_units_that_hold_others_and_later():
    for seed in range(10):
        large, small, copy = spread_copies(seed=20 * seed)
        at_small = verdicts(large, small)[1]
        assert np.mean(at_small[copy] == "crosstalk") > 0.9
        assert np.mean(at_small[~copy] == "fasciculation") > 0.9


def test_potentials_that_meet_by_chance_or_are_not_faint_are_no_copies():
    for seed in range(10):
        for large, small, _ in (spread_copies(seed=20 * seed, share=0.0),
                                spread_copies(seed=20 * seed, ratio=0.5)):  # fmt: skip
            assert np.mean(verdicts(large, small)[1] == "crosstalk") < 0.05


def hidden_from(start, stop, *, ratio=0.15, echoed=1.0):
    """A unit's echoes at a neighbour, of whose own potentials nothing is known for some time."""
    large, small, echo = pair(n=80, ratio=ratio)
    seen = (large.found.time_s < start) | (large.found.time_s > stop)
    kept = made_site("BICEPS L", large.found.time_s[seen], large.found.template[seen],
                     large.measured.amplitude_uv[seen])  # fmt: skip
    kept.excluded = {"flat": np.zeros((0, 2)), "contraction": np.array([[start, stop]])}
    inside = (small.found.time_s > start) & (small.found.time_s < stop)
    alone = echo & ~inside & (np.random.default_rng(1).random(len(echo)) > echoed)
    small.found.template[~echo & ~inside] = 1
    small.measured.amplitude_uv[alone] = 190.0
    return verdicts(kept, small)[1], echo, inside


def test_the_echo_of_a_unit_is_one_where_its_source_cannot_be_seen():
    judged, echo, inside = hidden_from(60, 100)
    assert (echo & inside).sum() > 10
    assert np.mean(judged[echo & inside] == "crosstalk") == 1.0
    assert np.all(judged[~echo & inside] == "fasciculation")


def test_there_a_unit_that_fires_alone_elsewhere_is_counted():
    judged, echo, inside = hidden_from(60, 100, echoed=0.5)
    assert np.mean(judged[echo & ~inside] == "crosstalk") > 0.4
    assert np.all(judged[inside] == "fasciculation")
    judged, _, inside = hidden_from(60, 100, ratio=0.8)
    assert np.all(judged == "fasciculation")


def test_sites_without_potentials():
    empty = made_site("TRICEPS L", [], [], [])
    full = made_site("BICEPS L", firing(20, seed=9), 0, 100.0)
    assert [len(v) for v in verdicts(empty, full)] == [0, 20]
    assert [len(v) for v in verdicts(empty, empty)] == [0, 0]
    assert verdicts() == []


def test_nearest_equals_its_twin():
    rng = np.random.default_rng(111)
    for _ in range(2000):
        marks = np.sort(rng.integers(0, 12, rng.integers(1, 8))).astype(float)
        points = rng.integers(-2, 14, rng.integers(0, 8)).astype(float)
        found = nearest(points, marks)
        assert [abs(marks[i] - p) for i, p in zip(found, points, strict=True)] == [
            min(abs(m - p) for m in marks) for p in points
        ]
