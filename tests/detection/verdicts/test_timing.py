"""Trains and the strays beside them, potential by potential."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_site import all_counted, made_site

from emgdetect.detection.firing.sizes import by_size
from emgdetect.detection.trains import train_spans
from emgdetect.detection.verdicts import timing
from emgdetect.detection.verdicts.timing import judge_timing

TRAIN = 10 + 0.125 * np.arange(16) + np.random.default_rng(0).normal(0, 0.008, 16)
"""A tonic unit at 8 Hz for 2 s."""


def site(extra_s, extra_uv, extra_unit):
    """A train of unit 0, 80 uV, and some more potentials."""
    times = np.concatenate([TRAIN, extra_s])
    sizes = np.concatenate([np.full(len(TRAIN), 80.0), np.atleast_1d(extra_uv)])
    units = np.concatenate([np.zeros(len(TRAIN), dtype=int), np.atleast_1d(extra_unit)])
    made = made_site("BICEPS L", times, units, sizes)
    wave = np.sin(np.linspace(0, 2 * np.pi, 21))
    nothing = SimpleNamespace(
        time_s=np.zeros(0), template=np.zeros(0, dtype=int), score=np.zeros(0)
    )
    for name, value in {
        "templates": np.stack([wave, 0.8 * wave])[:, None].astype(np.float32), "faint": nothing,
        "aside": nothing, "active_s": np.zeros((0, 2)), "thronged_s": np.zeros((0, 2)),
    }.items():  # fmt: skip
        setattr(made, name, value)
    return made


def verdicts(made):
    return judge_timing(made, all_counted(made)).verdict.tolist()


def test_a_stray_of_the_unit_belongs_to_the_train_and_one_of_another_size_does_not():
    assert verdicts(site([12.6], 85.0, 0)) == ["train"] * 17
    assert verdicts(site([12.6], 140.0, 0)) == ["train"] * 16 + ["fasciculation"]
    # Beyond a second it is counted whatever its size.
    assert verdicts(site([13.2], 80.0, 0)) == ["train"] * 16 + ["fasciculation"]
    # Within the train the unit's own discharge may overlap another one.
    assert verdicts(site([11.06], 140.0, 0)) == ["train"] * 17


def test_a_stray_that_the_units_waveform_does_not_explain_is_another_units():
    def left(stray, train=1.0):
        made = site([12.6], 80.0, 0)
        made.found.left = np.append(np.full(16, train), stray)
        return verdicts(made)[-1]

    assert (left(1.0), left(1.5)) == ("train", "fasciculation")
    # Where the train's own discharges are explained no better, it may be one of them.
    assert left(1.5, train=1.6) == "train"
    within = site([11.06], 80.0, 0)
    within.found.left = np.where(within.measured.peak_s == 11.06, 1.5, 1.0)
    assert verdicts(within) == ["train"] * 17


def test_discharges_that_were_called_movement_still_tell_of_a_train():
    made = site([40.0], 80.0, 0)
    moved = np.zeros(17, dtype=bool)
    moved[1:16] = np.arange(15) % 3 > 0
    judged = judge_timing(made, all_counted(made).revised(moved, "motion", "a cable moved"))
    assert judged.verdict[moved].tolist() == ["motion"] * 10
    assert judged.verdict[~moved].tolist() == ["train"] * 6 + ["fasciculation"]


def test_strays_of_a_unit_that_looks_alike_belong_only_right_beside_the_train():
    assert verdicts(site([12.05], 80.0, 1)) == ["train"] * 17
    assert verdicts(site([12.6], 80.0, 1)) == ["train"] * 16 + ["fasciculation"]


def test_a_train_is_known_by_its_own_discharges_near_a_stray():
    # Noise that falls makes the later discharges of a long train look smaller.
    times = 10 + 0.125 * np.arange(64) + np.random.default_rng(1).normal(0, 0.006, 64)
    sizes = np.append(np.full(44, 100.0), np.linspace(100, 55, 20))
    late = np.append(times, times[-1] + 0.6)
    whole = rebuilt(late, np.append(sizes, 52.0), np.zeros(65, dtype=int))
    assert verdicts(whole)[-1] == "train"


def rebuilt(times, sizes, units, *, faint=None, active=None):
    """Potentials alone, with faint ones and active time."""
    made = site([], [], [])
    more = made_site("BICEPS L", times, units, sizes)
    made.found, made.measured, made.channel = more.found, more.measured, more.channel
    if faint is not None:
        made.faint = SimpleNamespace(
            time_s=faint, template=np.zeros(len(faint), dtype=int), score=np.full(len(faint), 4.0)
        )
    if active is not None:
        made.active_s = np.array(active)
    return made


def regular(start_s, n, seed=0, period_s=0.15):
    return start_s + period_s * np.arange(n) + np.random.default_rng(seed).normal(0, 0.012, n)


def test_a_shorter_train_near_one_beyond_doubt_is_one_and_a_short_run_is_not():
    sure, later = regular(10, 40), regular(19.5, 7, 1)
    times = np.concatenate([sure, later])
    near = rebuilt(times, np.full(47, 80.0), np.zeros(47, dtype=int))
    assert verdicts(near) == ["train"] * 47
    assert not len(train_spans(later))
    run = np.concatenate([sure, later[:5]])
    short = rebuilt(run, np.full(45, 80.0), np.zeros(45, dtype=int))
    assert verdicts(short) == ["train"] * 40 + ["fasciculation"] * 5


def test_a_train_goes_on_with_other_numbers_unless_those_fire_elsewhere():
    times = regular(10, 60)
    units = np.zeros(60, dtype=int)
    units[40::2], units[41::4] = -1, 2
    shapes = np.random.default_rng(0).normal(size=(3, 1, 21)).astype(np.float32)
    made = rebuilt(times, np.full(60, 80.0), units)
    made.templates = shapes
    assert verdicts(made) == ["train"] * 60
    # A number that is seen all over the recording is a unit of its own.
    away = np.arange(30.0, 170.0, 4.0)
    every = rebuilt(np.concatenate([times, away]), np.full(60 + len(away), 80.0),
                    np.concatenate([units, np.full(len(away), 2)]))  # fmt: skip
    every.templates = shapes
    assert verdicts(every)[41:60:4] == ["fasciculation"] * 5
    assert verdicts(every)[60:] == ["fasciculation"] * len(away)


def test_faint_discharges_seconds_away_tell_that_two_listed_ones_are_of_a_train():
    faint = regular(10, 40)
    listed = faint[[3, 30]]
    made = rebuilt(listed, np.full(2, 30.0), np.zeros(2, dtype=int), faint=faint)
    assert verdicts(made) == ["train"] * 2
    lone = np.sort(np.random.default_rng(5).uniform(10, 16, 40))
    made = rebuilt(listed, np.full(2, 30.0), np.zeros(2, dtype=int), faint=lone)
    assert verdicts(made) == ["fasciculation"] * 2


def test_what_is_far_clearer_than_a_train_of_faint_discharges_is_none_of_them():
    faint = regular(10, 40)
    made = rebuilt(faint[[3, 30]], np.full(2, 30.0), np.zeros(2, dtype=int), faint=faint)
    made.found.score[:] = [5.0, 12.0]
    assert verdicts(made) == ["train", "fasciculation"]


def test_two_trains_under_one_number_are_told_apart_by_size():
    small, large = regular(10, 30), regular(10.06, 30, 1, 0.18)
    noise = np.random.default_rng(2).normal(1, 0.1, 60)
    times, sizes = np.concatenate([small, large]), np.repeat([60.0, 100.0], 30) * noise
    both = rebuilt(times, sizes, np.zeros(60, dtype=int))
    assert not len(train_spans(np.sort(times)))
    why = judge_timing(both, all_counted(both)).why.tolist()
    assert why.count("regular firing at voluntary intervals") >= 58
    chance = np.sort(np.random.default_rng(3).uniform(10, 40, 60))
    assert verdicts(rebuilt(chance, sizes, np.zeros(60, dtype=int))) == ["fasciculation"] * 60


def test_sizes_of_one_unit_are_not_parted():
    def parts(*sizes):
        found = by_size(np.arange(len(sizes)) + 3, np.concatenate([np.ones(3), sizes]))
        return [part.tolist() for part in found]

    assert parts(10, 17, 9, 16, 11, 15, 10, 18) == [[3, 5, 7, 9], [4, 6, 8, 10]]
    assert parts(*(10 + 0.1 * np.arange(8))) == []
    assert parts(10, 17, 9, 16, 11, 15, 10) == []
    assert parts() == []


@pytest.mark.parametrize(("elsewhere", "expected"), [(3, "train"), (4, "fasciculation")])
def test_a_unit_that_mostly_fires_elsewhere_is_in_no_train_of_faint_discharges(elsewhere, expected):
    faint, away = regular(10, 40), 40 + 13.0 * np.arange(elsewhere)
    listed = np.concatenate([faint[[3, 30]], away])
    made = rebuilt(listed, np.full(len(listed), 30.0), np.zeros(len(listed), int), faint=faint)
    assert verdicts(made) == [expected] * 2 + ["fasciculation"] * elsewhere


def test_what_lies_between_two_spans_of_activity_is_active():
    times, sizes = np.array([20.3, 25.0]), np.full(2, 50.0)
    made = rebuilt(times, sizes, np.array([-1, -1]), active=[[15.0, 20.0], [20.6, 23.0]])
    assert verdicts(made) == ["train", "fasciculation"]


@pytest.mark.parametrize("units", [[0, 1, 2, 0, 2, 1, 0], [0] * 7])
def test_many_at_once_in_a_silent_muscle_are_counted_no_more(units):
    times = 60 + np.array([0.0, 0.13, 0.20, 0.31, 0.55, 0.64, 0.83])
    made = rebuilt(np.append(times, 100.0), np.full(8, 50.0), np.append(units, 0))
    made.templates = np.random.default_rng(0).normal(size=(3, 1, 21)).astype(np.float32)
    assert verdicts(made) == ["train"] * 7 + ["fasciculation"]


def test_a_contraction_ends_with_discharges_that_beats_and_trains_do_not_hide():
    # Two units lead away from active time; all over the recording a third fires in trains.
    beside = np.array([40.08, 40.2, 40.31, 40.44])
    tonic = np.concatenate([regular(start, 60, seed) for seed, start in enumerate((60, 90, 120))])
    lone = np.array([40.9, 150.0])
    times = np.concatenate([beside, tonic, lone])
    units = np.concatenate([[0, 1, 0, 1], np.full(len(tonic), 2), [0, 1]])
    made = rebuilt(times, np.full(len(times), 50.0), units, active=[[30.0, 40.0]])
    made.templates = np.random.default_rng(0).normal(size=(3, 1, 21)).astype(np.float32)
    judged = verdicts(made)
    order = np.argsort(times)
    assert np.array(judged)[np.argsort(order)][:4].tolist() == ["train"] * 4
    assert np.array(judged)[np.argsort(order)][-2:].tolist() == ["fasciculation"] * 2


def test_beside_active_time_what_is_as_frequent_elsewhere_is_counted():
    times = np.append(np.arange(1.0, 180.0, 0.9), 40.1)
    times = np.sort(times[(times < 30) | (times > 40)])
    made = rebuilt(times, np.full(len(times), 50.0), np.arange(len(times)) % 2,
                   active=[[30.0, 40.0]])  # fmt: skip
    made.templates = np.random.default_rng(0).normal(size=(2, 1, 21)).astype(np.float32)
    assert set(verdicts(made)) == {"fasciculation"}


def test_a_unit_of_trains_needs_as_much_elsewhere_as_how_rarely_it_is_counted_there():
    # What reaches 1.3 times what it needs where the unit's trains count: not where they do not.
    away = np.array([100.0, 150.0])
    times = np.concatenate([regular(10, 60), away])
    units = np.zeros(62, dtype=int)
    made = rebuilt(times, np.full(62, 25.0), units)
    made.found.reached = np.array([*[1.3] * 61, 3.0])
    assert verdicts(made) == ["train"] * 61 + ["fasciculation"]
    alone = rebuilt(away, np.full(2, 25.0), units[:2])
    alone.found.reached = np.array([1.3, 3.0])
    assert verdicts(alone) == ["fasciculation"] * 2
    often = 40.0 + 4.0 * np.arange(33) + np.random.default_rng(1).uniform(0, 1, 33)
    many = rebuilt(np.concatenate([times[:60], often]), np.full(93, 25.0), np.zeros(93, dtype=int))
    many.found.reached = np.full(93, 1.34)
    assert verdicts(many)[60:] == ["fasciculation"] * 33


ELSEWHERE = np.arange(20.0, 170.0, 3.0)
"""A unit that fires only beside a train would be told by that."""


def test_another_unit_of_much_the_same_shape_is_counted_within_a_train():
    # Half way between two discharges, where its time does not tell.
    at_s = np.append([TRAIN[8:10].mean()], ELSEWHERE)
    made = site(at_s, np.full(len(at_s), 80.0), np.ones(len(at_s), dtype=int))
    assert verdicts(made)[:17] == ["train"] * 17
    # A likeness of 0.88, at a size at which noise takes neither for the other.
    lag = np.linspace(-4, 4, 81)
    odd, even = -lag * np.exp(-(lag**2) / 2), np.exp(-(lag**2) / 2)
    odd, even = odd / np.linalg.norm(odd), even / np.linalg.norm(even)
    other = 0.88 * odd + np.sqrt(1 - 0.88**2) * even
    made.templates = (25 * np.stack([odd, other])[:, None]).astype(np.float32)
    made.found.score[:] = 25.0
    assert verdicts(made).count("train") == 16


def test_a_unit_that_looks_alike_is_counted_where_the_train_has_no_place_for_it():
    at_s = np.append([TRAIN[8] + 0.045], ELSEWHERE)
    made = site(at_s, np.full(len(at_s), 80.0), np.ones(len(at_s), dtype=int))
    judged = verdicts(made)
    assert judged.count("train") == 16
    assert judged[9] == "fasciculation"


def test_the_train_of_a_larger_unit_makes_no_faint_train_of_a_weak_one():
    # The weak unit's matched score sees each discharge of the larger one.
    at_s = np.append([10.2, 11.05], ELSEWHERE)
    made = site(at_s, np.full(len(at_s), 30.0), np.ones(len(at_s), dtype=int))
    wave, other = (np.sin(np.linspace(0, n * np.pi, 21)) for n in (2, 4))
    made.templates = np.stack([5 * wave, 2 * other])[:, None].astype(np.float32)
    made.faint = SimpleNamespace(
        time_s=TRAIN + 0.002, template=np.ones(len(TRAIN), dtype=int),
        score=np.full(len(TRAIN), 5.0),
    )  # fmt: skip
    assert verdicts(made).count("train") == 16


@pytest.mark.parametrize("regularly", [True, False])
def test_a_unit_whose_parts_fail_at_times_has_trains_under_many_numbers(regularly):
    """105 discharges of one train bore seven numbers, each of which fired at random by itself."""
    rng = np.random.default_rng(5)
    times = np.sort(rng.uniform(10, 170, 100))
    if regularly:
        times = 10 + np.cumsum(rng.normal(0.2, 0.025, 100))
    made = rebuilt(times, np.full(100, 120.0), rng.integers(0, 7, 100))
    late = np.eye(8, 81)
    waves = np.sqrt(0.94) * late[7] + np.sqrt(0.06) * late[:7]
    made.templates = (24 * waves[:, None]).astype(np.float32)
    assert set(verdicts(made)) == {"train" if regularly else "fasciculation"}


def test_a_potential_of_a_trains_own_score_in_its_empty_place_is_its_discharge():
    # Noise gave one discharge of sixteen the number of a unit that fires elsewhere, too.
    times = np.concatenate([TRAIN, ELSEWHERE])
    units = np.concatenate([np.zeros(len(TRAIN), dtype=int), np.ones(len(ELSEWHERE), dtype=int)])
    units[8] = 1
    for score, expected in ((17.5, "train"), (12.0, "fasciculation")):
        made = rebuilt(times, np.full(len(times), 80.0), units)
        made.templates = np.random.default_rng(0).normal(size=(2, 1, 21)).astype(np.float32)
        made.found.score[8] = score
        judged = verdicts(made)
        assert judged[8] == expected
        assert judged[16:] == ["fasciculation"] * len(ELSEWHERE)


def test_discharges_of_multiplets_under_several_numbers_are_no_train(monkeypatch):
    """At intervals of 25 ms one number's are 50 to 100 ms apart, and others lie between them."""
    rng = np.random.default_rng(0)
    start_s = 2.0 + 0.6 * np.arange(60) + rng.normal(0, 0.03, 60)
    times = start_s[:, None] + 0.025 * np.arange(5) + rng.normal(0, 0.002, (60, 5))
    made = rebuilt(np.sort(times.ravel()), 80.0, rng.integers(0, 2, times.size))
    assert "train" not in verdicts(made)
    monkeypatch.setattr(timing, "MULTIPLET", 100)
    assert verdicts(made).count("train") > 20
