"""Events in step with mains, and those that only look it."""

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.firing.humming import in_step, of_muscle, repeats
from emgdetect.detection.verdicts.judging import judge_mains

HZ = 49.8
RATE = 2000.0


def test_periods_of_mains_one_after_the_other_are_marked():
    hum = 5 + np.array([0, 1, 3, 4, 6]) / HZ + np.array([0, 1, -1, 0.5, 0]) * 5e-4
    others = np.array([1.0, 5.5, 5.527, 9.0])
    times = np.sort(np.concatenate([hum, others]))
    np.testing.assert_array_equal(in_step(times, HZ), np.isin(times, hum))


def test_two_or_what_falls_between_is_not():
    assert not in_step(np.array([1.0, 1.0 + 1 / HZ]), HZ).any()
    assert not in_step(1.0 + 0.029 * np.arange(5), HZ).any()
    # Far apart, any interval is nearly a whole number of periods.
    assert not in_step(1.0 + 10 / HZ * np.arange(5), HZ).any()
    assert in_step(np.zeros(0), HZ).shape == (0,)


def site(times, harmonics=(1, 2)):
    made = made_site("BICEPS L", times, -1, 50.0)
    made.front.harmonics, made.front.mains_hz = harmonics, HZ
    made.front.trace_rate_hz, made.templates = RATE, np.zeros((4, 1, 65), dtype=np.float32)
    return made


def test_mains_is_asked_only_where_there_is_some():
    times = 20 + np.arange(4) / HZ
    for harmonics, expected in (((1, 2), "hum"), ((), "fasciculation")):
        made = site(times, harmonics)
        assert judge_mains(made, all_counted(made)).verdict.tolist() == [expected] * 4


def test_a_run_of_a_unit_that_fires_elsewhere_is_no_mains():
    step = np.array([True, True, True, False, False, False, False, True])
    template = np.array([0, 1, -1, 0, 0, 1, 2, 2])
    assert of_muscle(step, template).tolist() == [
        True,
        False,
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    made = site([*(20 + np.arange(3) / HZ), 40.0, 60.3, 70.1, 80.7])
    made.found.template[:] = 2
    assert judge_mains(made, all_counted(made)).verdict.tolist() == ["fasciculation"] * 7
    made.found.template[3:] = 3
    assert (
        judge_mains(made, all_counted(made)).verdict.tolist() == ["hum"] * 3 + ["fasciculation"] * 4
    )


def test_a_needle_is_not_asked():
    made = site([0.0, *(20 + np.arange(4) / HZ)])
    made.front.recording.kind = "needle"
    assert judge_mains(made, all_counted(made)).verdict.tolist() == ["fasciculation"] * 5


def test_what_an_end_of_the_recording_cuts_off_is_not_counted():
    made = site([0.0, 0.005, 0.02, 90.0, 179.97, 179.995])
    verdict = judge_mains(made, all_counted(made)).verdict
    assert verdict.tolist() == ["clipped"] * 2 + ["fasciculation"] * 3 + ["clipped"]


def shapes():
    """A biphasic potential, two of them in a row, hum of three harmonics, and hum that fades."""
    at_s = (np.arange(65) - 32) / RATE
    one = at_s * np.exp(-((at_s / 0.002) ** 2) / 2) * 1e3
    two = np.roll(one, -20) + np.roll(one, 20)
    hum = sum(np.cos(2 * np.pi * k * HZ * at_s + 2 * k) for k in (1, 3, 5))
    return np.stack([one, two, hum, hum * np.exp(-np.abs(at_s) / 0.004)])[:, None]


def test_a_waveform_that_goes_on_after_a_period_is_mains():
    noise = 0.05 * np.random.default_rng(0).standard_normal((4, 1, 65))
    found = repeats(shapes() + noise, rate_hz=RATE, mains_hz=HZ)
    # Two discharges one period apart are as alike, but there is nothing between them.
    assert found.tolist() == [False, False, True, False]
    # Of a piece of hardly more than a period two samples would be compared.
    assert not repeats(shapes()[:, :, 12:54], rate_hz=RATE, mains_hz=HZ).any()
    assert repeats(np.zeros((0, 1, 65)), rate_hz=RATE, mains_hz=HZ).shape == (0,)


def test_all_of_a_unit_that_is_left_of_mains_are_hum():
    made = site([20.0, 40.3, 60.1, 70.0])
    made.templates, made.found.template[:] = shapes(), [2, 0, 2, -1]
    expected = ["hum", "fasciculation", "hum", "fasciculation"]
    assert judge_mains(made, all_counted(made)).verdict.tolist() == expected
    made.front.harmonics = ()
    assert judge_mains(made, all_counted(made)).verdict.tolist() == ["fasciculation"] * 4
