"""What the electrodes of a grid see together, against noise and against one electrode alone."""

import numpy as np
import pytest
from scipy import fft

from emgdetect.detection.first_pass.shared import noise_swelling, of_one_look, shared_score
from emgdetect.detection.trace.bank import bank_filters, bank_in_noise
from emgdetect.signal import filters, matched

RATE, LOW, HIGH = 1000.0, 25.0, 460.0
N = 20_000


def energy_of(signal):
    """Energy that channels share whose noise is white; shape (n_samples,)."""
    band = filters.band_response(fft.rfftfreq(N, 1 / RATE), low_hz=LOW, high_hz=HIGH)
    spectrum = (fft.rfft(signal, axis=1) * band).astype(np.complex64)
    responses = bank_filters(N, RATE, LOW, HIGH)
    return matched.bank_outputs(spectrum, responses, N, keep=slice(0, N))[1]


def score_of(signal):
    """Shared score of such channels; shape (n_samples,)."""
    return shared_score(energy_of(signal), len(signal), RATE, LOW, HIGH)


def potential(width=0.0022):
    t = np.arange(-30, 31) / RATE / width
    wave = -t * np.exp(-0.5 * t**2)
    return wave / np.sqrt(np.sum(wave**2))


@pytest.mark.parametrize("n_channels", [6, 16, 64])
def test_noise_exceeds_it_about_as_often_as_it_exceeds_one_channel(n_channels):
    found = [
        score_of(np.random.default_rng(seed).standard_normal((n_channels, N))) for seed in range(4)
    ]
    level = bank_in_noise(RATE, LOW, HIGH).threshold(30.0, 1)
    minutes = 4 * N / RATE / 60
    rate = sum(len(matched.local_maxima(score, level)) for score in found) / minutes
    assert 8 < rate < 90  # 30 per minute are due


def test_a_weak_potential_on_many_channels_is_seen_and_a_large_one_on_one_is_not():
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((32, N))
    wave = potential()
    noise[:, 5000:5061] += 3.0 * wave
    noise[7, 12000:12061] += 60.0 * wave
    score = score_of(noise)
    assert score[5010:5050].max() > 6.0
    assert score[12010:12050].max() < 5.0


def test_noise_whose_level_all_channels_share_does_not_cry_wolf():
    rng = np.random.default_rng(6)
    level = np.exp(0.2 * np.repeat(rng.standard_normal(N // 40), 40))
    calm = score_of(rng.standard_normal((32, N)))
    moving = score_of(level * rng.standard_normal((32, N)))
    assert np.quantile(moving, 0.999) < np.quantile(calm, 0.999) + 1.5


def test_noise_that_swells_for_tens_of_milliseconds_is_told_and_a_potential_is_not():
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((64, N))
    noise[:, 5000:5100] *= 1.5
    noise[:, 12000:12061] += 8.0 * potential()
    swelling = noise_swelling(energy_of(noise), 64, RATE, LOW, HIGH)
    assert swelling.min() >= 1
    assert swelling[5030:5070].min() > 1.35
    assert swelling[12020:12041].max() < 1.1
    assert np.median(swelling) < 1.03


def test_the_best_of_many_channels_counts_for_less():
    one = of_one_look(np.array([6.0, 2.0]), 64, RATE, LOW, HIGH)
    assert 4.5 < one[0] < 6.0
    assert one[1] == 0.0
    np.testing.assert_allclose(of_one_look(np.array([6.0]), 1, RATE, LOW, HIGH), 6.0, rtol=1e-6)
