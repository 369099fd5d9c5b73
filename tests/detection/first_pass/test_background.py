"""The noise's spectrum, where units fire in the quietest time of a recording."""

import numpy as np

from emgdetect import Config, Recording
from emgdetect.detection.first_pass.background import with_background
from emgdetect.detection.first_pass.scan import scan
from emgdetect.detection.rest.activity import activity_of
from emgdetect.detection.rest.exposure import time_to_analyse
from emgdetect.detection.trace import survey as first_look
from emgdetect.detection.trace.front import chunks_of

RATE = 1000.0


def recording_of(*, trains, seconds=120, extra=0):
    """White noise, quietest for 40 s in which two units may fire at 8 Hz all the time."""
    rng = np.random.default_rng(3)
    n = int(seconds * RATE)
    data = rng.normal(0, 4, n + extra)
    quiet = slice(int(20 * RATE), int(60 * RATE))
    data[quiet] *= 0.4
    wave = -np.gradient(np.exp(-0.5 * (np.arange(-15, 16) / 3) ** 2))
    for unit in range(2 if trains else 0):
        for at in 20.1 + 0.06 * unit + 0.125 * np.arange(318) + rng.normal(0, 0.012, 318):
            i = int(at * RATE)
            data[i - 15 : i + 16] += (60 + 30 * unit) * wave
    return Recording.from_array(data[None].astype(np.float32), RATE, sites=["BICEPS L"])


def learnt(recording):
    """The front of the first look, and that after the first scan."""
    config, site = Config(), recording.sites[0]
    front, _ = first_look.survey(recording, site, config)
    chunks = chunks_of(recording, site, front.high_hz)
    first = scan(front, chunks, threshold=5.0)
    calm = time_to_analyse(recording, activity_of(first, np.zeros(0))).analysed["default"]
    return front, with_background(front, chunks, first, calm, n_threads=1)


def spread_db(front):
    inside = (front.noise_freqs_hz > 30) & (front.noise_freqs_hz < 400)
    levels = 10 * np.log10(front.density[inside])
    return float(np.std(levels[: len(levels) // 2 * 2].reshape(-1, 2).mean(axis=1)))


def test_units_that_fire_in_the_quietest_time_are_no_noise():
    front, again = learnt(recording_of(trains=True))
    assert spread_db(front) > 2.5
    assert spread_db(again) < 0.6 * spread_db(front)


def test_what_was_right_stays():
    front, again = learnt(recording_of(trains=False))
    assert again is front


def test_a_last_window_of_a_few_samples_does_not_blur_the_spectrum():
    front, _ = learnt(recording_of(trains=False, extra=20))
    assert np.diff(front.noise_freqs_hz).max() <= 4.0
