"""Weak contractions show by how many maxima of the score come, and by a little more noise."""

import numpy as np
import pytest

from emgdetect.detection.rest import throng

ALL = np.array([[0.0, 180.0]])
DEFAULT = throng.LEAST["default"]


def maxima(rng, *parts, per_s=1.0):
    """Maxima of noise, and more of them: each part has a start, a stop and a number per second."""
    parts = ((0.0, 180.0, per_s), *parts)
    return np.sort(np.concatenate([
        rng.uniform(start, stop, round((stop - start) * more)) for start, stop, more in parts
    ]))  # fmt: skip


def rest_of(*, louder=(), gain=1.25, spans_s=ALL, seed=0):
    edges = 0.25 * np.arange(721)
    level = np.exp(0.05 * np.random.default_rng(seed).standard_normal(720))
    for start, stop in louder:
        level[(edges[:-1] >= start) & (edges[:-1] < stop)] *= gain
    return throng.Rest(spans_s, ALL, np.stack([edges[:-1], edges[1:]], axis=1), level)


def spans_of(time_s, rest, least=DEFAULT, clear_s=()):
    clear_s = np.array(clear_s, dtype=float)
    return throng.thronged_spans(time_s, np.full(len(time_s), 4.0), clear_s, rest, least=least)


@pytest.mark.parametrize("stop", [63.0, 70.0])
def test_a_weak_contraction_is_found_with_its_ends(stop):
    errors = []
    for seed in range(20):
        time_s = maxima(np.random.default_rng(seed), (60.0, stop, 14.0))
        spans = spans_of(time_s, rest_of(louder=[(60.0, stop)], seed=seed))
        assert spans.shape == (1, 2)
        errors += np.abs(spans - [60.0, stop]).ravel().tolist()
    assert np.median(errors) < 0.15 and np.quantile(errors, 0.9) < 0.5


@pytest.mark.parametrize("seed", range(10))
def test_a_cluster_of_potentials_leaves_the_noise_alone(seed):
    rng = np.random.default_rng(seed)
    time_s = maxima(rng, (60.0, 64.0, 14.0))
    assert len(spans_of(time_s, rest_of(seed=seed))) == 0
    assert len(spans_of(time_s, rest_of(louder=[(20.0, 24.0)], seed=seed))) == 0


@pytest.mark.parametrize("seed", range(10))
def test_a_busy_muscle_and_louder_noise_alone_are_none(seed):
    rng, louder = np.random.default_rng(seed), [(60.0, 70.0)]
    assert len(spans_of(maxima(rng, per_s=2.7), rest_of(louder=louder))) == 0
    assert len(spans_of(maxima(rng), rest_of(louder=louder))) == 0


def test_what_is_brief_or_fills_most_of_the_time_is_none():
    rng = np.random.default_rng(0)
    assert len(spans_of(maxima(rng, (60.0, 61.5, 14.0)), rest_of(louder=[(60.0, 61.5)]))) == 0
    most = (40.0, 160.0)
    assert len(spans_of(maxima(rng, (*most, 14.0)), rest_of(louder=[most]))) == 0


def test_what_comes_again_and_again_tells_no_rest():
    rng, rest = np.random.default_rng(6), rest_of(louder=[(a, a + 3) for a in range(5, 175, 18)])
    parts = [(a, a + 3, 14.0) for a in range(5, 175, 18)]
    assert len(spans_of(maxima(rng, *parts), rest)) == 0
    assert len(spans_of(maxima(rng, *parts[::2]), rest)) == 5


def test_lobes_and_multiplets_count_once_and_low_maxima_never():
    rng, rest = np.random.default_rng(1), rest_of(louder=[(60.0, 70.0)])
    firsts = np.arange(60.0, 70.0, 0.33)
    chains = (firsts[:, None] + np.arange(6) * 0.025).ravel()
    time_s = np.sort(np.concatenate([maxima(rng), chains]))
    assert len(spans_of(time_s, rest)) == 0
    many = maxima(rng, (60.0, 70.0, 14.0))
    low = np.full(len(many), throng.LOWEST - 0.1)
    assert len(throng.thronged_spans(many, low, np.zeros(0), rest, least=DEFAULT)) == 0


def test_a_contraction_of_which_a_part_is_known_is_found_to_its_ends():
    rng, known = np.random.default_rng(2), np.array([[0.0, 62.0], [66.0, 180.0]])
    rest = rest_of(louder=[(60.0, 69.0)], spans_s=known)
    spans = spans_of(maxima(rng, (60.0, 69.0, 14.0)), rest)
    assert spans.shape == (1, 2) and np.abs(spans - [60.0, 69.0]).max() < 0.5


def test_a_clear_potential_beside_a_weak_contraction_is_no_part_of_it():
    rest = rest_of(louder=[(60.0, 66.0)])
    beside = np.array([59.7, 59.82, 66.15, 66.3])
    noise = np.concatenate([np.arange(0.5, 59.0), np.arange(67.5, 180.0)])
    time_s = np.sort(np.concatenate([noise, 60.0 + np.arange(0, 6, 0.07), beside]))
    with_them, without = (spans_of(time_s, rest, clear_s=clear)[0] for clear in ((), beside))
    assert with_them[0] < 59.8 and with_them[1] > 66.2
    assert np.abs(without - [60.0, 66.0]).max() < 0.1


def test_stricter_levels_exclude_what_more_lenient_ones_do():
    time_s = maxima(np.random.default_rng(3), (60.0, 70.0, 4.5))
    rest = rest_of(louder=[(60.0, 70.0)])
    lengths = [np.diff(spans_of(time_s, rest, least)).sum() for least in throng.LEAST.values()]
    assert lengths == sorted(lengths) and lengths[-1] > lengths[0]


def test_where_there_is_nothing_there_is_none():
    for time_s in (np.zeros(0), np.array([5.0])):
        assert spans_of(time_s, rest_of()).shape == (0, 2)
    time_s = maxima(np.random.default_rng(4), (60.0, 70.0, 14.0))
    assert spans_of(time_s, rest_of(spans_s=np.zeros((0, 2)))).shape == (0, 2)


def test_the_densest_stretch_is_the_most_likely_one():
    rng = np.random.default_rng(5)
    time_s = np.sort(np.concatenate([rng.uniform(0, 10, 10), rng.uniform(4, 6, 20)]))
    start, stop = throng.densest(time_s, 1.0, 11.0)

    def likelihood(first, last):
        return np.log(11.0) * (last - first) - 10.0 * (time_s[last] - time_s[first])

    pairs = [(i, j) for i in range(30) for j in range(i, 30)]
    best = max(pairs, key=lambda pair: likelihood(*pair))
    assert (start, stop) == (time_s[best[0]], time_s[best[1]])
