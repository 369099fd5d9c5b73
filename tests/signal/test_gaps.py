"""Missing, held and clipped samples, against naive twins."""

import naive_kernels as naive
import numpy as np

from emgdetect.signal import gaps


def digital_rows(n_cases, seed):
    rng = np.random.default_rng(seed)
    yield np.zeros((1, 0))
    yield np.zeros((2, 1))
    yield np.full((1, 9), np.nan)
    yield np.full((1, 9), 4.0)
    for _ in range(n_cases):
        data = rng.integers(0, rng.choice([1, 2, 3, 50]), (2, rng.integers(0, 40))).astype(float)
        data[rng.random(data.shape) < rng.choice([0.0, 0.1])] = np.nan
        yield data


def test_equal_runs_equal_their_twin():
    rng = np.random.default_rng(41)
    for data in digital_rows(3000, 42):
        n_run = int(rng.integers(2, 10))
        found = gaps.equal_runs(data, n_run=n_run)
        assert found.tolist() == [naive.equal_runs(row, n_run) for row in data.tolist()]


def test_held_samples_are_those_of_long_runs_only():
    data = np.random.default_rng(43).standard_normal((1, 500))
    data[0, 100:130] = data[0, 100]
    data[0, 300:305] = data[0, 300]
    found = gaps.held_samples(data, n_run=10)[0]
    assert np.flatnonzero(found).tolist() == list(range(100, 130))
    assert not gaps.held_samples(data[:, :0], n_run=1).any()


def test_known_rails_equal_their_twin():
    rng = np.random.default_rng(44)
    for data in digital_rows(600, 45):
        if not data.shape[1]:
            continue
        low, high = float(rng.integers(0, 2)), float(rng.choice([2.0, 40.0, np.nan]))
        step = float(rng.choice([1.0, np.nan]))
        found = gaps.rail_samples(
            data, low=np.full(len(data), low), high=np.full(len(data), high),
            step=np.full(len(data), step),
        )  # fmt: skip
        known = np.array([naive.rail_runs(row, low, high, step) for row in data.tolist()])
        assert np.all(found[known])
        # Beyond the known rails only long equal runs far out are taken for clipping.
        for row, flags, twin in zip(data, found, known, strict=True):
            repeats = np.array(naive.equal_runs(row.tolist(), 2), dtype=bool)
            assert np.all(repeats[flags & ~twin])


def test_a_single_sample_on_the_rail_is_no_clipping_and_unknown_rails_are_found():
    rng = np.random.default_rng(46)
    data = rng.standard_normal((2, 2000)).astype(np.float32)
    data[0, 700] = 100.0
    data[1, 700:720] = 400.0
    found = gaps.rail_samples(
        data, low=np.array([-100.0, np.nan]), high=np.array([100.0, np.nan]), step=np.full(2, 0.01)
    )
    assert not found[0].any()
    assert np.flatnonzero(found[1]).tolist() == list(range(700, 720))


def test_a_smooth_top_on_coarse_steps_is_no_clipping_but_a_cut_one_is():
    rng = np.random.default_rng(49)
    time = np.arange(-200, 200) / 30.0
    beat = 180.0 * np.exp(-0.5 * time**2)
    unknown = np.full(1, np.nan)
    for shift in np.arange(0.0, 1.0, 0.1):
        data = rng.normal(0, 1.0, (1, 8000))
        for at in range(1000, 7000, 1000):
            data[0, at : at + 400] += beat + shift
        smooth = np.rint(data)
        assert not gaps.rail_samples(smooth, low=unknown, high=unknown, step=np.ones(1)).any()
        cut = np.minimum(smooth, 90.0)
        found = gaps.rail_samples(cut, low=unknown, high=unknown, step=np.ones(1))
        assert np.array_equal(found, cut == 90.0)


def test_fill_invalid_equals_its_twin():
    rng = np.random.default_rng(47)
    for data in digital_rows(800, 48):
        invalid = ~np.isfinite(data) | (rng.random(data.shape) < 0.2)
        before = data.copy()
        found = gaps.fill_invalid(data, invalid)
        twin = [
            naive.fill_invalid(r, m) for r, m in zip(data.tolist(), invalid.tolist(), strict=True)
        ]
        np.testing.assert_allclose(found, np.reshape(twin, data.shape), rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(data, before)


def test_noise_below_the_step_of_a_coarse_converter_sits_on_no_rail():
    rng = np.random.default_rng(12)
    data = (5.0 * np.rint(rng.standard_normal((2, 4000)) * 1.2 / 5.0)).astype(np.float32)
    data[0, 1000:1006] = 20.0  # a potential of four steps
    unknown = np.full(2, np.nan)
    for step in (unknown, np.full(2, 5.0)):
        assert not gaps.rail_samples(data, low=unknown, high=unknown, step=step).any()
    np.testing.assert_allclose(gaps.digital_step(data), 5.0)
    np.testing.assert_array_equal(gaps.digital_step(np.zeros((1, 9))), [0.0])


def test_what_is_sound_at_first_sight_holds_nothing_untrustworthy():
    rng = np.random.default_rng(13)
    answers = []
    for _ in range(600):
        data = rng.standard_normal((2, 300)).astype(np.float32).round(int(rng.integers(0, 4)))
        at, kind = int(rng.integers(0, 280)), int(rng.integers(0, 6))
        data[0, at : at + (1, 9, 4, 4, 1, 1)[kind]] = (np.nan, 1.0, 80.0, 60.0, np.inf, 0.0)[kind]
        rails = {"low": np.full(2, -60.0), "high": np.full(2, 60.0), "step": np.full(2, 0.01)}
        sound = gaps.is_sound(data, n_run=9, **rails)
        bad = gaps.held_samples(data, n_run=9) | gaps.rail_samples(data, **rails)
        answers.append(sound)
        assert not (sound and (bad.any() or not np.isfinite(data).all()))
    assert 50 < sum(answers) < 550
    assert gaps.is_sound(np.zeros((0, 0)), n_run=9, low=np.zeros(0), high=np.zeros(0),
                         step=np.zeros(0))  # fmt: skip
