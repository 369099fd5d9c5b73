"""What is counted is asked once more, now that it is known what fires in trains."""

from types import SimpleNamespace

import numpy as np
import pytest

from emgdetect.detection.second_pass.pursuit import Found
from emgdetect.detection.verdicts.counted import judge_counted
from emgdetect.detection.verdicts.judging import unjudged

TRAIN_S = 20.0 + 0.1 * np.arange(60)
OTHERS_S = np.array([40.0, 70.0, 100.0, 130.0])


def site(*, reached, train_reached=1.1):
    """A train of unit 0, and four potentials of unit 1 far from it, at a site of three minutes."""
    times, count = np.concatenate([TRAIN_S, OTHERS_S]), [len(TRAIN_S), len(OTHERS_S)]
    return site_of(times, np.repeat([0, 1], count), np.full(len(times), 5.0),
                   np.repeat([train_reached, reached], count))  # fmt: skip


def site_of(time_s, template, score, reached, *, active_s=(), thronged_s=()):
    """A site of three minutes with some potentials, in order of time within each unit."""
    n = len(time_s)
    found = Found(
        segment=np.zeros(n, np.int64), time_s=time_s, template=template, scale=np.ones(n),
        score=score, by_channel=score[:, None].astype(np.float32), left=np.ones(n),
        reached=reached, needed=np.full(n, 0.9),
    )  # fmt: skip
    return SimpleNamespace(
        found=found, measured=SimpleNamespace(peak_s=time_s),
        counted_s=np.array([[0.0, 180.0]]), recorded_s=np.array([[0.0, 180.0]]),
        active_s=np.reshape(active_s, (-1, 2)), thronged_s=np.reshape(thronged_s, (-1, 2)),
        known=SimpleNamespace(threshold=4.0),
        front=SimpleNamespace(recording=SimpleNamespace(kind="surface")),
    )  # fmt: skip


def judged(signal, *, trains):
    """Verdicts on its potentials, of which the first are a train's, or not."""
    before = unjudged(len(signal.found.time_s))
    own = np.arange(len(before.verdict)) < len(TRAIN_S)
    if trains:
        before = before.revised(own, "train", "regular firing at voluntary intervals")
    after = judge_counted(signal, before)
    return after.verdict[~own], after.why[~own]


@pytest.mark.parametrize(("reached", "kept"), [(0.92, False), (2.0, True), (np.inf, True)])
def test_what_is_barely_seen_beside_a_train_is_not_counted(reached, kept):
    verdict, why = judged(site(reached=reached), trains=True)
    assert np.all((verdict == "fasciculation") == kept)
    assert np.all((why == "barely seen, beside trains") == (not kept))


def test_beside_what_is_no_train_the_same_potentials_are_counted():
    signal = site(reached=0.92)
    before = unjudged(len(signal.found.time_s))
    others = np.arange(len(before.verdict)) < len(TRAIN_S)
    beats = before.revised(others, "ecg", "a heart beat")
    assert np.all(judge_counted(signal, beats).verdict[~others] == "fasciculation")
    trains = before.revised(others, "train", "regular firing at voluntary intervals")
    assert np.all(judge_counted(signal, trains).verdict[~others] == "train")


def test_beats_in_a_unit_are_no_reason_to_take_its_others_for_a_train():
    signal = site(reached=np.inf, train_reached=0.93)
    before = unjudged(len(signal.found.time_s))
    at = np.arange(len(before.verdict))
    beats = before.revised(at < len(TRAIN_S) // 2, "ecg", "a heart beat")
    one = beats.revised(at == len(TRAIN_S), "train", "while the muscle was active")
    after = judge_counted(signal, one)
    others = (at >= len(TRAIN_S) // 2) & (at < len(TRAIN_S))
    assert np.all(after.why[others] != "barely seen, beside trains")


def test_a_clear_train_says_nothing_of_what_is_barely_seen():
    """Its potentials were none of those just seen that made the others likely."""
    verdict, _ = judged(site(reached=0.95, train_reached=3.0), trains=True)
    assert np.all(verdict == "fasciculation")


@pytest.mark.parametrize(
    ("score", "n_elsewhere", "verdict"),
    [(20.0, 6, "fasciculation"), (20.0, 5, "train"), (7.0, 6, "train")],
)
def test_no_large_unit_that_fires_elsewhere_too_begins_a_contraction(score, n_elsewhere, verdict):
    times = np.concatenate([[29.55, 29.7, 29.85, 29.93], 60.0 + 15.0 * np.arange(n_elsewhere)])
    signal = site_of(times, np.zeros(len(times), np.int64), np.full(len(times), score),
                     np.full(len(times), np.inf), active_s=[30.0, 40.0])  # fmt: skip
    after = judge_counted(signal, unjudged(len(times)))
    assert after.verdict.tolist() == [verdict] * 4 + ["fasciculation"] * n_elsewhere


@pytest.mark.parametrize("n_elsewhere", [20, 400])
def test_while_maxima_throng_no_more_is_counted_than_elsewhere(n_elsewhere):
    rng = np.random.default_rng(0)
    inside = 60.25 + 0.9 * np.arange(14)
    elsewhere = 73.0 + np.sort(rng.uniform(0, 167, n_elsewhere)) % 167
    times = np.sort(np.concatenate([inside, elsewhere % 180]))
    within = (times >= 60.0) & (times < 73.0)
    given = (
        times,
        rng.integers(0, 9, len(times)),
        np.full(len(times), 6.0),
        np.full(len(times), 2.0),
    )
    before = unjudged(len(times))
    assert np.all(judge_counted(site_of(*given), before).verdict[within] == "fasciculation")
    after = judge_counted(site_of(*given, thronged_s=[60.0, 73.0]), before)
    assert np.all((after.verdict[within] == "train") == (n_elsewhere == 20))
    assert np.all(after.verdict[~within] == "fasciculation")
    if n_elsewhere == 20:
        assert np.all(after.why[within] == "amid many discharges of an active muscle")


def test_of_nothing_nothing_is_asked():
    signal = site(reached=1.0)
    signal.found = Found(**{
        name: getattr(signal.found, name)[:0] for name in Found.__dataclass_fields__
    })  # fmt: skip
    signal.measured.peak_s = np.zeros(0)
    assert len(judge_counted(signal, unjudged(0)).verdict) == 0


@pytest.mark.parametrize(("kind", "verdict"), [("surface", "train"), ("needle", "fasciculation")])
def test_bursts_of_several_units_in_one_rhythm_are_no_fasciculations(kind, verdict):
    signal = site(reached=np.inf)
    signal.front.recording.kind = kind
    # Bursts at 5 Hz with gaps, at most six within 1.5 s: too slow for a brief contraction.
    rng = np.random.default_rng(0)
    at_s = (np.arange(60) + rng.normal(0, 0.06, 60)) / 5
    signal.found.time_s[:60] = signal.measured.peak_s[:60] = np.sort(20 + at_s)
    signal.counted_s = np.array([[0.0, 60.0], [60.0, 600.0]])
    after = judge_counted(signal, unjudged(64))
    assert set(after.verdict[:60]) >= {verdict}
    rhythmic = after.why == "in one rhythm with others"
    assert rhythmic.any() == (kind == "surface")
    assert not rhythmic[60:].any()
