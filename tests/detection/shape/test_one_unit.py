"""Numbers of one unit become one; two units stay two, however alike."""

import numpy as np

from emgdetect.detection.second_pass.measuring import Measured
from emgdetect.detection.shape.one_unit import told_apart

RATE = 2000.0
T = np.arange(-100, 101) / RATE


def wave(skew=0.0, lag_s=0.0):
    t = T + lag_s
    main = 40 * np.exp(-0.5 * (t / 0.001) ** 2) - 25 * np.exp(-0.5 * ((t - 0.003) / 0.001) ** 2)
    return main + skew * np.exp(-0.5 * ((t + 0.004) / 0.001) ** 2)


def made(shapes, noise_uv=1.0, apart_s=1.0):
    rng = np.random.default_rng(3)
    n = len(shapes)
    peak = apart_s * np.arange(n)
    pieces = (np.stack(shapes) + rng.normal(0, noise_uv, (n, len(T)))).astype(np.float32)
    return Measured(
        onset_s=peak - 0.005, duration_s=np.full(n, 0.02), peak_s=peak,
        amplitude_uv=np.full(n, 65.0), noise_uv=np.full(n, noise_uv), phases=np.full(n, 2),
        width_s=np.full(n, 0.003), snippet_uv=pieces,
    )  # fmt: skip


def apart(shapes, numbers, *, channel=None, templates=None, **about):
    numbers = np.array(numbers)
    # Templates that `kindred` takes for one another, unless told.
    alike = np.tile(wave(), (numbers.max() + 1, 1, 1)).astype(np.float32)
    return told_apart(
        numbers, np.zeros(len(numbers), dtype=np.int64) if channel is None else channel,
        made(shapes, **about), alike if templates is None else templates, RATE,
    ).tolist()  # fmt: skip


def test_what_noise_cut_in_two_is_one_and_bears_the_commonest_number():
    numbers = [1] * 4 + [0] * 9 + [-1]
    assert apart([wave()] * 14, numbers) == [0] * 13 + [-1]


def test_three_numbers_of_one_unit_become_one():
    assert apart([wave()] * 15, [0] * 7 + [1] * 5 + [2] * 3) == [0] * 15


def test_a_unit_that_varies_is_one():
    rng = np.random.default_rng(0)
    skews = np.sort(rng.normal(0, 6.0, 40))
    assert set(apart([wave(s) for s in skews], [0] * 21 + [1] * 19)) == {0}


def test_two_units_that_differ_a_little_and_always_stay_two():
    numbers = [0] * 12 + [1] * 10
    assert apart([wave(0)] * 12 + [wave(8)] * 10, numbers) == numbers


def test_two_units_of_another_size_stay_two():
    numbers = [0] * 12 + [1] * 10
    assert apart([wave()] * 12 + [0.7 * wave()] * 10, numbers) == numbers


def test_numbers_of_other_electrodes_and_single_potentials_stay():
    numbers = [0] * 5 + [1] * 4
    channel = np.array([0] * 5 + [1] * 4)
    assert apart([wave()] * 9, numbers, channel=channel) == numbers
    assert apart([wave()] * 5, [0] * 4 + [1]) == [0] * 4 + [1]


def test_templates_that_noise_does_not_confuse_keep_numbers_apart():
    templates = np.stack([wave(), wave(lag_s=0.0) * np.sign(T)])[:, None].astype(np.float32)
    numbers = [0] * 5 + [1] * 4
    assert apart([wave()] * 9, numbers, templates=templates) == numbers


def test_nothing_found_stays_nothing():
    nothing = np.zeros(0, dtype=np.int64)
    empty = made([wave()])
    empty = Measured(*(getattr(empty, name)[:0] for name in Measured.__dataclass_fields__))
    templates = np.zeros((0, 1, 40), dtype=np.float32)
    assert told_apart(nothing, nothing, empty, templates, RATE).tolist() == []


def test_it_is_the_same_whatever_the_order_of_potentials():
    rng = np.random.default_rng(1)
    numbers = np.array([0] * 9 + [1] * 6)
    order = rng.permutation(15)
    assert set(apart([wave()] * 15, numbers[order])) == {0}
