"""Waveforms of units, and what they have in common with a trace and with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

BLOCK_SAMPLES = 2048
"""Samples of a block, at least, in which a trace is correlated with templates."""


def correlate(
    values: Floats32, templates: Floats32, *, spectra: NDArray[np.complex64] | None = None
) -> Floats32:
    """Inner products of a trace with each template, centred at each sample.

    In blocks of a few times the templates' length, whose FFTs stay in a core's cache.

    Parameters
    ----------
    values : ndarray, shape (n_channels, n_samples)
    templates : ndarray, shape (n_templates, n_channels, n_length)
    spectra : ndarray, optional
        From `spectra_of`, where they are known already.

    Returns
    -------
    ndarray of float32, shape (n_templates, n_samples)
        At sample t the template's middle lies on t; beyond the ends the trace is zero.
    """
    n, length = values.shape[1], templates.shape[2]
    spectra = spectra_of(templates) if spectra is None else spectra
    n_fft = _block_of(length)
    n_new = n_fft - length + 1
    n_blocks = max(1, -(-n // n_new))
    padded = np.zeros((len(values), n_blocks * n_new + length - 1), dtype=np.float32)
    padded[:, length // 2 : length // 2 + n] = values
    blocks = sliding_window_view(padded, n_fft, axis=1)[:, ::n_new]
    inner = fft.irfft(_summed(fft.rfft(blocks, axis=2), spectra), n_fft, axis=2)[:, :, :n_new]
    return np.asarray(inner.reshape(len(templates), -1)[:, :n], dtype=np.float32)


def spectra_of(templates: Floats32) -> NDArray[np.complex64]:
    """Conjugated spectra of templates, shape (n_templates, n_channels, n_freqs)."""
    spectra = np.conj(fft.rfft(templates, _block_of(templates.shape[2]), axis=2))
    return np.asarray(spectra, dtype=np.complex64)


def _summed(
    spectrum: NDArray[np.complex64], spectra: NDArray[np.complex64]
) -> NDArray[np.complex64]:
    """Products of blocks with each template, summed over channels.

    Channel by channel: turned around for a matrix product, it takes twice as long.

    Parameters
    ----------
    spectrum : ndarray, shape (n_channels, n_blocks, n_freqs)
    spectra : ndarray, shape (n_templates, n_channels, n_freqs)

    Returns
    -------
    ndarray, shape (n_templates, n_blocks, n_freqs)
    """
    products = np.zeros((len(spectra), *spectrum.shape[1:]), dtype=np.complex64)
    for product, template in zip(products, spectra, strict=True):
        for blocks, channel in zip(spectrum, template, strict=True):
            product += blocks * channel
    return products


def _block_of(length: int) -> int:
    """Samples of a block in which templates of a length are correlated with a trace."""
    return int(fft.next_fast_len(max(BLOCK_SAMPLES, 8 * length), real=True))


def cross_gram(templates: Floats32) -> Floats:
    """Inner products of templates at all lags; shape (n, n, 2 * length - 1), lag of the second."""
    length = templates.shape[2]
    n_fft = int(fft.next_fast_len(2 * length, real=True))
    spectra = fft.rfft(templates, n_fft, axis=2)
    product = np.einsum("jcf,kcf->jkf", np.conj(spectra), spectra)
    lags = fft.irfft(product, n_fft, axis=2)
    return np.concatenate([lags[..., -(length - 1) :], lags[..., :length]], axis=2)


class Library:
    """Templates and what it takes to place them, worked out once for all chunks.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_channels, n_length)

    Attributes
    ----------
    templates : ndarray
    energy : ndarray, shape (n_templates,)
    gram : ndarray
        From `cross_gram`.
    offset : ndarray of int, shape (n_templates,)
        Samples from the middle to where each is largest: few, but of a doublet's template.
    """

    def __init__(self, templates: Floats32) -> None:
        self.templates = templates
        self.energy = np.einsum("kcl,kcl->k", templates, templates)
        self.gram = cross_gram(templates)
        size = np.abs(templates).max(axis=1)
        self.offset = np.argmax(size, axis=1) - templates.shape[2] // 2
        self._spectra = spectra_of(templates)

    def __len__(self) -> int:
        """Templates."""
        return len(self.templates)

    def products(self, values: Floats32, chosen: slice | Sequence[int] = slice(None)) -> Floats32:
        """Inner products of a trace with chosen templates; see `correlate`."""
        return correlate(values, self.templates[chosen], spectra=self._spectra[chosen])

    def products_at(self, values: Floats32, at: slice) -> Floats32:
        """Inner products with each template at some samples; shape (n_templates, n_samples).

        One by one, which for a few samples takes a fraction of the time that an FFT takes.
        """
        n, length = values.shape[1], self.templates.shape[2]
        padded = np.zeros((len(values), n + length - 1), dtype=np.float32)
        padded[:, length // 2 : length // 2 + n] = values
        windows = sliding_window_view(padded, length, axis=1)[:, at]
        return np.asarray(np.tensordot(self.templates, windows, axes=((1, 2), (0, 2))))
