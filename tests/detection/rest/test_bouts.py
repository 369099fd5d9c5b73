"""Bouts told by how many potentials come at once, and by how much of a rhythm they have."""

import numpy as np

from emgdetect.detection.rest import rhythm
from emgdetect.detection.rest.bouts import crowded

NO_BEATS = np.zeros(0)


def course_of(rng, seconds, time_s, score):
    """Power of the rhythms of noise and some potentials of one score."""
    n = rng.poisson(20 * seconds)
    maxima_s = np.concatenate([rng.uniform(0, seconds, n), time_s])
    scores = np.concatenate([np.sqrt(9 + rng.exponential(2.0, n)), np.full(len(time_s), score)])
    order = np.argsort(maxima_s)
    free = rhythm.free_maxima(maxima_s[order], scores[order], np.zeros(0),
                              np.zeros(0, dtype=np.int64), NO_BEATS)  # fmt: skip
    return rhythm.courses(*free, NO_BEATS, np.array([[0.0, seconds]]))[0]


def test_many_potentials_in_the_rhythm_of_a_tremor_are_one_though_its_rhythm_alone_is_too_weak():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        burst_s = 50 + np.cumsum(rng.normal(0.2, 0.03, 18))
        course = course_of(rng, 120.0, burst_s, 5.0)
        own = np.sort(np.concatenate([burst_s, rng.uniform(0, 120, 20)]))
        part = crowded(own, course, seconds=120.0)
        within = (own >= burst_s[0]) & (own <= burst_s[-1])
        assert part[within].mean() > 0.8
        assert part[(own < 47) | (own > 57)].sum() == 0


def test_a_cluster_without_a_rhythm_is_counted_and_so_is_a_busy_muscle():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        cluster = np.sort(np.concatenate([50 + rng.uniform(0, 3, 7), rng.uniform(0, 120, 30)]))
        course = course_of(rng, 120.0, cluster, 20.0)
        assert not crowded(cluster, course, seconds=120.0).any()
        busy = np.sort(rng.uniform(0, 120, 320))
        assert not crowded(busy, course_of(rng, 120.0, busy, 20.0), seconds=120.0).any()


def test_a_cluster_of_doublets_is_as_full_as_one_without():
    rng = np.random.default_rng(5)
    apart = np.concatenate([50 + rng.uniform(0, 3, 8), rng.uniform(0, 120, 30)])
    doublets = np.sort(np.concatenate([apart, apart + 0.006, apart + 0.03]))
    course = course_of(rng, 120.0, doublets, 20.0)
    assert not crowded(doublets, course, seconds=120.0).any()


def test_far_more_than_elsewhere_needs_no_rhythm():
    rng = np.random.default_rng(3)
    many = np.sort(50 + rng.uniform(0, 3, 60))
    course = course_of(rng, 120.0, many, 20.0)
    assert crowded(many, course, seconds=120.0).all()
    # Less than a minute tells no rate, and nothing is asked of nothing.
    assert not crowded(many, course, seconds=50.0).any()
    assert crowded(np.zeros(0), course, seconds=120.0).shape == (0,)
    assert not crowded(many, rhythm.SILENT, seconds=120.0).any()
