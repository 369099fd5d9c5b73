"""Sinusoids in half-overlapping windows: their least-squares fit, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

SAMPLES_AT_ONCE = 1 << 18
"""Samples that are fitted at once: a megabyte, so that they and their sinusoids nearly stay in a
core's cache and calls are long enough for threads."""


def rows_at_once(block: Floats) -> list[slice]:
    """Rows of a block, as many as fit into the cache at a time."""
    n_rows = max(1, SAMPLES_AT_ONCE // block.shape[1])
    return [slice(first, first + n_rows) for first in range(0, len(block), n_rows)]


def _basis(n_window: int, cycles: float, harmonics: Sequence[float]) -> NDArray[np.float32]:
    """Cosines and sines of the harmonics over a window; shape (2 * n_harmonics, n_window)."""
    phase = 2 * np.pi * cycles * np.outer(harmonics, np.arange(n_window) - n_window / 2)
    return np.concatenate([np.cos(phase), np.sin(phase)]).astype(np.float32)


class Frames:
    """Half-overlapping windows over a block: window `i` is made of its halves `i` and `i + 1`."""

    def __init__(self, n_samples: int, n_hop: int) -> None:
        self.n_samples = n_samples
        self.n_hop = n_hop
        self.n_window = 2 * n_hop
        self.n_frames = -(-n_samples // n_hop) + 1
        # A raised cosine, zero at neither end: neighbours sum to one.
        self.fade = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.n_window) + 0.5)
                                        / self.n_window)).astype(np.float32)  # fmt: skip

    def incomplete(self) -> dict[int, NDArray[np.bool_]]:
        """Windows that reach beyond the block, and which of their samples lie within it."""
        at = np.arange(self.n_window) - self.n_hop
        found = {}
        for frame in {0, *range(max(self.n_frames - 2, 0), self.n_frames)}:
            place = at + frame * self.n_hop
            inside = (place >= 0) & (place < self.n_samples)
            if not inside.all():
                found[frame] = inside
        return found


class Waves:
    """Sinusoids of each window, from their coefficients back to the block."""

    def __init__(self, frames: Frames, cycles: float, harmonics: Sequence[float]) -> None:
        self.frames = frames
        self.basis = _basis(frames.n_window, cycles, harmonics)
        self.n_terms = len(self.basis)
        faded, n_hop = self.basis * frames.fade, frames.n_hop
        self.from_terms = np.concatenate([faded[:, n_hop:], faded[:, :n_hop]])

    def sinusoids(self, terms: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sinusoids of coefficients, faded from window to window; shape of the block."""
        # Half i + 1 ends window i and begins window i + 1.
        pairs = np.concatenate([terms[:, :-1], terms[:, 1:]], axis=2)
        waves = pairs.reshape(-1, 2 * self.n_terms) @ self.from_terms
        return np.asarray(waves.reshape(len(terms), -1)[:, : self.frames.n_samples])


class Fit(Waves):
    """Weighted least-squares fit of sinusoids in each window, and the way back to the block."""

    def __init__(self, frames: Frames, cycles: float, harmonics: Sequence[float]) -> None:
        super().__init__(frames, cycles, harmonics)
        basis, n_hop = self.basis, frames.n_hop
        whole = self._projection(basis, np.ones(frames.n_window, dtype=bool))
        self.edges = {i: self._projection(basis, inside)
                      for i, inside in frames.incomplete().items()}  # fmt: skip
        # Each half is a second half of one window and a first half of the next.
        self.to_terms = np.concatenate([whole[:n_hop], whole[n_hop:]], axis=1)

    def _projection(
        self, basis: NDArray[np.float32], inside: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """From the samples of a window to its coefficients; shape (n_window, n_terms)."""
        weighted = (basis * (self.frames.fade * inside)).astype(np.float64)
        gram = weighted @ basis.T.astype(np.float64)
        solve = np.linalg.inv(gram + 1e-6 * basis.shape[1] * np.eye(len(basis)))
        return np.asarray(weighted.T @ solve, dtype=np.float32)

    def coefficients(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Coefficients by window; shape (n_channels, n_frames, n_terms).

        Of windows that reach beyond the block only what lies within it counts.
        """
        n_hop, n_whole = self.frames.n_hop, block.shape[1] // self.frames.n_hop
        shares = np.zeros((len(block), self.frames.n_frames + 1, 2 * self.n_terms), np.float32)
        inner = block[:, : n_whole * n_hop].reshape(-1, n_hop) @ self.to_terms
        shares[:, 1 : n_whole + 1] = inner.reshape(len(block), n_whole, 2 * self.n_terms)
        if n_left := block.shape[1] - n_whole * n_hop:
            shares[:, n_whole + 1] = block[:, -n_left:] @ self.to_terms[:n_left]
        out: NDArray[np.float32] = shares[:, :-1, : self.n_terms] + shares[:, 1:, self.n_terms :]
        for frame, projection in self.edges.items():
            first = (frame - 1) * n_hop
            window = block[:, max(0, first) : first + 2 * n_hop]
            start = max(0, -first)
            out[:, frame] = window @ projection[start : start + window.shape[1]]
        return out
