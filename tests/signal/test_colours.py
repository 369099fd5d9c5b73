"""The colour of each row's noise: found from quiet pieces, taken out, its power left as it is."""

import numpy as np
import pytest
from scipy import fft

from emgdetect.signal import filters
from emgdetect.signal.colours import band_edges, colour_of

RATE, LOW, HIGH = 2000.0, 25.0, 500.0
N = 500


def coloured(tilts, *, n_pieces=80, seed=0):
    """Pieces of band-limited noise whose amplitude falls with frequency by a power, by row."""
    rng = np.random.default_rng(seed)
    freqs = fft.rfftfreq(N * n_pieces, 1 / RATE)
    band = filters.band_response(freqs, low_hz=LOW, high_hz=HIGH)
    gain = (np.maximum(freqs, LOW) / 100.0) ** -np.array(tilts)[:, None] * band
    white = rng.standard_normal((len(tilts), N * n_pieces))
    noise = fft.irfft(fft.rfft(white, axis=1) * gain, N * n_pieces, axis=1)
    return list(noise.reshape(len(tilts), n_pieces, N).transpose(1, 0, 2))


def spread(pieces):
    """Standard deviation over the band of each row's log density."""
    freqs = fft.rfftfreq(N, 1 / RATE)
    inside = (freqs > 40) & (freqs < 420)
    taper = np.hanning(N)
    power = np.mean([np.abs(fft.rfft(p * taper, axis=1)[:, inside]) ** 2 for p in pieces], axis=0)
    return np.log(power).std(axis=1)


def test_rows_of_unequal_colour_become_white_and_keep_their_power():
    pieces = coloured([0.0, 0.6, -0.4])
    colour = colour_of(pieces, RATE, low_hz=LOW, high_hz=HIGH)
    white = colour.whitened(np.array(pieces), RATE)
    assert spread(pieces)[1:].min() > 0.4
    assert spread(white).max() < 0.2
    power = [np.mean(np.square(some), axis=(0, 2)) for some in (pieces, white)]
    np.testing.assert_allclose(power[1], power[0], rtol=0.12)


def test_what_stands_out_in_a_few_pieces_does_not_colour_a_row():
    pieces = coloured([0.0, 0.0], seed=1)
    alone = colour_of(pieces, RATE, low_hz=LOW, high_hz=HIGH)
    wave = 30 * np.sin(2 * np.pi * 60 * np.arange(40) / RATE)
    for piece in pieces[::5]:
        piece[0, 200:240] += wave
    found = colour_of(pieces, RATE, low_hz=LOW, high_hz=HIGH)
    np.testing.assert_allclose(found.log_density[0], alone.log_density[0], atol=0.45)
    np.testing.assert_allclose(found.log_density[1], alone.log_density[1])


def test_a_row_without_noise_stays_finite():
    pieces = [np.zeros((2, N)) for _ in range(3)]
    gain = colour_of(pieces, RATE, low_hz=LOW, high_hz=HIGH).gain(N, RATE)
    assert gain.shape == (2, N // 2 + 1)
    assert np.isfinite(gain).all()


@pytest.mark.parametrize(("low", "high"), [(25.0, 500.0), (80.0, 1500.0), (25.0, 30.0)])
def test_bands_cover_the_whole_band_and_rise(low, high):
    edges = band_edges(low, high)
    assert edges[0] == low
    assert edges[-1] == pytest.approx(high)
    assert (np.diff(edges) > 0).all()
