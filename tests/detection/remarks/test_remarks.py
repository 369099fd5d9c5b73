"""What is said of a recording's signals: twins, noise that grows, a gain that was changed."""

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.cautions import WORDS, cautions

RATE = 1000.0
SECONDS = 60
N = int(RATE * SECONDS)
NAMES = ("BICEPS L", "FDI L")
CODES = ("sites-alike", "gain-changed", "noise-drift")


def muscle(seed, *, size=60.0, every_s=1.7):
    """Noise of 2 µV and potentials of one unit, at intervals that vary."""
    rng = np.random.default_rng(seed)
    t = (np.arange(25) - 12) / 3.0
    wave = -t * np.exp(-0.5 * t**2)
    trace = 2.0 * rng.standard_normal(N)
    at = 1.0 + np.cumsum(every_s * rng.uniform(0.5, 1.5, 60))
    for time in at[at < SECONDS - 1]:
        start = round(time * RATE)
        trace[start : start + 25] += size * wave / np.ptp(wave)
    return trace


def told(*traces):
    recording = emg.Recording.from_array(np.array(traces), RATE, sites=NAMES[: len(traces)])
    found = emg.detect(recording, n_threads=1)
    return [f for f in found.findings if f.code in CODES]


def test_nothing_is_said_of_two_muscles():
    assert told(muscle(1), muscle(2)) == []


def test_two_sites_that_carry_one_signal():
    noise = np.random.default_rng(3).normal(0, 0.3, (2, N))
    one = muscle(1)
    findings = told(one + noise[0], one + noise[1])
    assert [f.code for f in findings] == ["sites-alike"] * 2
    assert findings[0].message.startswith("BICEPS L: carries the same signal as FDI L in 100%")
    beside = cautions([(f.code, f.message) for f in findings], NAMES)
    assert all(len(beside[site]) == 1 for site in NAMES)


@pytest.mark.parametrize("scale", [0.5, -1.0])
def test_the_same_at_another_size_or_turned_around_is_not_one_signal(scale):
    one, noise = muscle(1), np.random.default_rng(3).normal(0, 0.3, (2, N))
    assert "sites-alike" not in {f.code for f in told(one + noise[0], scale * one + noise[1])}


def test_noise_alone_that_is_shared_is_no_common_muscle():
    shared = 4.0 * np.random.default_rng(4).standard_normal(N)
    alone = 0.2 * muscle(1, size=0.0)
    assert told(shared + alone, shared + muscle(2, size=150.0) * 0.2) == []


@pytest.mark.parametrize("gain", [4.0, 0.25])
def test_a_gain_that_is_changed(gain):
    factor = np.where(np.arange(N) < 0.55 * N, 1.0, gain)
    (both,) = told(muscle(1) * factor, muscle(2) * factor)
    (one,) = told(muscle(1) * factor, muscle(2))
    for of_all, finding in ((True, both), (False, one)):
        assert finding.code == "gain-changed"
        assert finding.message.startswith("From about" if of_all else "BICEPS L: from about")
        assert "about 33 s" in finding.message or "about 34 s" in finding.message
        assert f"times {'larger' if gain > 1 else 'smaller'}" in finding.message


def test_noise_that_jumps_while_potentials_do_not_is_no_gain():
    factor = np.where(np.arange(N) < 0.5 * N, 1.0, 3.0)
    potentials = muscle(1, size=200.0) - muscle(1, size=0.0)
    findings = told(potentials + factor * muscle(1, size=0.0), muscle(2))
    assert "gain-changed" not in {f.code for f in findings}


@pytest.mark.parametrize(("end", "word"), [(3.5, "grew"), (0.25, "fell"), (1.8, None)])
def test_noise_that_drifts(end, word):
    factor = np.exp(np.log(end) * np.clip((np.arange(N) / N - 0.1) / 0.8, 0, 1))
    potentials = muscle(1) - muscle(1, size=0.0)
    findings = told(potentials + factor * muscle(1, size=0.0), muscle(2))
    assert [f.code for f in findings] == ["noise-drift"] * (word is not None)
    if word:
        assert findings[0].message.startswith(f"BICEPS L: the noise {word} from ")


def test_short_recordings_say_nothing():
    recording = emg.Recording.from_array(muscle(1)[None, :1500], RATE, sites=NAMES[:1])
    assert not {f.code for f in emg.detect(recording).findings} & set(CODES)


def test_each_is_a_caution():
    assert set(CODES) <= set(WORDS)
