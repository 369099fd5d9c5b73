"""Units: candidates of a site that share a waveform; their number is found, not given.

Strong candidates found units first, weaker ones join the unit that explains them, the averages
are refined, and units whose averages cannot be told apart are merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.first_pass.doublets import MERGE_NOISE, doublets

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

FEWEST = 3
"""Members of a unit at least; two weak potentials may be alike by chance. Set by judgement; not
measured."""
STRONG_ENERGY = 120.0
"""Energy in noise variances of an average from which two members suffice. Set by judgement; not
measured."""
MOST_FOUNDERS = 100
"""Founders of units held at once: bounds time and memory of busy sites. Set by judgement; not
measured."""
CLEAR_TOLERANCE = 0.08
"""Misfit of a clear member, to which three standard deviations of what noise adds are granted; a
weak one has the tolerance that is given, and two. Otherwise a strong founder's average drifts,
piece by piece, to that of weaker ones of like shape. Eight phenomena, tuning seeds 1123 to 1125:
809 potentials are missed and 335 false, 836 and 327 without (of pairs and busy 370 and 75, 386 and
87; 26 of the false ones are of one train). With 0.11 the gain is gone; with 0.1 and two standard
deviations for all, more weak potentials are missed."""
MERGE_MISFIT = 0.12
"""Share of a template's energy that a stronger one may leave of it, beyond what noise adds, for the
two to be one unit's. Set by judgement; not measured."""
MERGE_SCALES = (0.7, 1.4)
"""Range of its scale by the stronger one. Set by judgement; not measured."""
SLICE = 64
"""Pieces fitted at once, so that their windows fit into memory. Set by judgement; not measured."""
MANY_ROWS = 6
"""Rows from which noise of a template is granted; on fewer, weak pieces gain. Set by judgement; not
measured."""


@dataclass(frozen=True)
class Fit:
    """How each piece is explained by the template that explains it best.

    Attributes
    ----------
    template : ndarray of int, shape (n_pieces,)
        -1 where there are no templates.
    shift : ndarray of int, shape (n_pieces,)
        Samples by which the template has to move right.
    scale : ndarray, shape (n_pieces,)
    misfit : ndarray, shape (n_pieces,)
        Residual energy beyond the noise's share, over the energy beyond the noise's share.
    """

    template: NDArray[np.int64]
    shift: NDArray[np.int64]
    scale: Floats
    misfit: Floats


def fit_templates(
    pieces: Floats32, templates: Floats32, *, reach: int, occupancy: float,
    counts: Floats | None = None,
) -> Fit:  # fmt: skip
    """Explain pieces by shifted, scaled templates.

    Parameters
    ----------
    pieces : ndarray, shape (n_pieces, n_channels, n_samples)
        Noise of unit variance.
    templates : ndarray, shape (n_templates, n_channels, n_samples - 2 * reach)
    reach : int
        Largest shift.
    occupancy : float
        Variance of the noise per sample; its share of the energy.
    counts : ndarray, shape (n_templates,), optional
        Pieces averaged in each template: what noise they left in it is granted. Without, none.

    Returns
    -------
    Fit
    """
    n = len(pieces)
    if not len(templates) or not n:
        nothing = np.zeros(n)
        return Fit(np.full(n, -1), np.zeros(n, dtype=np.int64), nothing, np.full(n, np.inf))
    parts = [
        _fit_slice(pieces[i : i + SLICE], templates, counts, reach=reach, occupancy=occupancy)
        for i in range(0, n, SLICE)
    ]
    return Fit(*(np.concatenate([getattr(part, name) for part in parts])
                 for name in Fit.__dataclass_fields__))  # fmt: skip


def _fit_slice(
    pieces: Floats32, templates: Floats32, counts: Floats | None, *, reach: int, occupancy: float
) -> Fit:
    """`fit_templates` of a few pieces: the windows over many would not fit into memory."""
    n, length = len(pieces), templates.shape[2]
    inner = _inner(pieces, templates)
    running = np.cumsum(np.einsum("pcs,pcs->ps", pieces, pieces), axis=1, dtype=float)
    running = np.pad(running, ((0, 0), (1, 0)))
    window_energy = running[:, length:] - running[:, :-length]
    energy = np.einsum("kcl,kcl->k", templates, templates)
    n_noise = occupancy * templates.shape[1] * templates.shape[2]
    # On few rows the grant would make weak pieces alike by chance; on many, without it no two are.
    few = counts is None or templates.shape[1] < MANY_ROWS
    held = np.zeros(len(templates)) if few else n_noise / np.asarray(counts)
    own = np.maximum(energy - held, 0.3 * energy + 1e-12)[None, :, None]
    raw = inner / own
    # The scale may vary by some tens of per cent: a unit is no smaller unit's double.
    scale = np.clip(raw, 0.5, 1.7)
    residual = window_energy[:, None, :] - 2 * scale * inner + scale**2 * energy[None, :, None]
    # Beyond the template's window the piece may hold another potential: only the window counts.
    cost = residual - window_energy[:, None, :] * 1e-6
    # Noise in a template explains nothing; it must not speak against the place where it fits.
    explained = 2 * scale * inner - scale**2 * own
    flat = explained.reshape(n, -1).argmax(axis=1)
    k, s = np.unravel_index(flat, explained.shape[1:])
    rows = np.arange(n)
    granted = n_noise + scale[rows, k, s] ** 2 * held[k]
    excess = np.maximum(cost[rows, k, s] - granted, 0.0)
    total = np.maximum(window_energy[rows, s] - n_noise, 1.0)
    return Fit(
        template=k.astype(np.int64), shift=(s - reach).astype(np.int64),
        scale=raw[rows, k, s], misfit=excess / total,
    )  # fmt: skip


def _inner(pieces: Floats32, templates: Floats32) -> Floats32:
    """Inner products of pieces with templates at all shifts, by FFT; (n_pieces, n_templates, n)."""
    n_shifts = pieces.shape[2] - templates.shape[2] + 1
    n_fft = int(fft.next_fast_len(pieces.shape[2], real=True))
    # By frequency: a product of matrices sums over the channels.
    left = np.ascontiguousarray(fft.rfft(pieces, n_fft, axis=2).transpose(2, 0, 1))
    right = np.ascontiguousarray(np.conj(fft.rfft(templates, n_fft, axis=2)).transpose(2, 1, 0))
    product = np.ascontiguousarray((left @ right).transpose(1, 2, 0))
    return np.asarray(fft.irfft(product, n_fft, axis=2)[:, :, :n_shifts], dtype=np.float32)


def sort_units(
    pieces: Floats32, *, reach: int, tolerance: float, occupancy: float, rate_hz: float,
    chained: bool = False,
) -> tuple[Floats32, Floats]:  # fmt: skip
    """Templates of the units among pieces.

    Parameters
    ----------
    pieces : ndarray, shape (n_pieces, n_channels, n_samples)
        Centred within a few samples, noise of unit variance.
    reach : int
        Largest shift between pieces of one unit.
    tolerance : float
        Largest misfit at which a piece still belongs to a unit.
    occupancy : float
        Variance of the noise per sample.
    rate_hz : float
    chained : bool
        Whether discharges follow each other in chains.

    Returns
    -------
    templates : ndarray of float32, shape (n_units, n_channels, n_samples - 2 * reach)
        Averages, strongest first; only units of at least three members, or of two strong ones.
    counts : ndarray, shape (n_units,)
        Members of each.
    """
    if not len(pieces):
        n_length = pieces.shape[2] - 2 * reach
        return np.zeros((0, pieces.shape[1], n_length), dtype=np.float32), np.zeros(0)
    templates, counts = _lead(pieces, reach=reach, tolerance=tolerance, occupancy=occupancy)
    for fewest in (2, 2, 2, 2, FEWEST):
        fit = fit_templates(pieces, templates, reach=reach, occupancy=occupancy, counts=counts)
        templates, counts = _averages(
            pieces, fit, len(templates), reach=reach, tolerance=tolerance, occupancy=occupancy,
            fewest=fewest,
        )  # fmt: skip
        if fewest == 2:
            kept = _distinct(templates, counts, reach=reach, occupancy=occupancy)
            templates, counts = templates[kept], counts[kept]
    single = ~doublets(templates, counts, rate_hz=rate_hz, occupancy=occupancy, chained=chained)
    return templates[single], counts[single]


def piece_tolerance(pieces: Floats32, tolerance: float, occupancy: float) -> Floats:
    """Largest misfit of each piece: the tolerance, and what noise alone may add to it."""
    n_dof = occupancy * pieces.shape[1] * pieces.shape[2]
    energy = np.einsum("pcl,pcl->p", pieces, pieces) - n_dof
    # The residual's energy scatters by sqrt(2 n) for n independent samples.
    noise = np.sqrt(2.0 * n_dof) / np.maximum(energy, 1.0)
    return np.asarray(np.minimum(tolerance + 2.0 * noise, CLEAR_TOLERANCE + 3.0 * noise))


def _lead(
    pieces: Floats32, *, reach: int, tolerance: float, occupancy: float
) -> tuple[Floats32, Floats]:
    """First templates, and counts: pieces in order of strength, each joins a unit or founds one."""
    inner = slice(reach, pieces.shape[2] - reach)
    order = np.argsort(-np.einsum("pcl,pcl->p", pieces[:, :, inner], pieces[:, :, inner]))
    allowed = piece_tolerance(pieces, tolerance, occupancy)
    sums: list[Floats32] = []
    counts: list[int] = []
    settled: list[tuple[Floats32, int]] = []
    templates = np.zeros((0, pieces.shape[1], pieces.shape[2] - 2 * reach), dtype=np.float32)
    for i in order:
        fit = fit_templates(pieces[i : i + 1], templates, reach=reach, occupancy=occupancy,
                            counts=np.array(counts, dtype=float))  # fmt: skip
        joins = fit.misfit[0] <= allowed[i] and 0.55 < fit.scale[0] < 1.6
        if joins:
            k, s = int(fit.template[0]), int(fit.shift[0]) + reach
            sums[k] += pieces[i, :, s : s + templates.shape[2]]
            counts[k] += 1
            templates[k] = sums[k] / counts[k]
            continue
        if len(templates) == MOST_FOUNDERS:
            # Pieces come by strength: nothing that follows can be as strong as the first founder.
            if counts[0] > 1:
                settled.append((templates[0], counts[0]))
            sums, counts, templates = sums[1:], counts[1:], templates[1:]
        sums.append(pieces[i, :, inner].copy())
        counts.append(1)
        templates = np.concatenate([templates, sums[-1][None]])
    founded = np.array([*(n for _, n in settled), *counts], dtype=float)
    if settled:
        templates = np.concatenate([np.stack([t for t, _ in settled]), templates])
    return templates, founded


def _averages(
    pieces: Floats32, fit: Fit, n_templates: int, *, reach: int, tolerance: float,
    occupancy: float, fewest: int,
) -> tuple[Floats32, Floats]:  # fmt: skip
    """Averages of the pieces that fit each template; templates of fewer members are dropped."""
    allowed = piece_tolerance(pieces, tolerance, occupancy)
    good = (fit.misfit <= allowed) & (fit.scale > 0.5) & (fit.scale < 1.7)
    n_length = pieces.shape[2] - 2 * reach
    averages, counts = [], []
    for k in range(n_templates):
        members = np.flatnonzero(good & (fit.template == k))
        if len(members) < 2:
            continue
        moved = [pieces[i, :, s : s + n_length]
                 for i, s in zip(members, fit.shift[members] + reach, strict=True)]  # fmt: skip
        average = np.mean(moved, axis=0)
        # Two strong potentials are not alike by chance; two weak ones may be.
        noise = occupancy * average.size / len(members)
        if len(members) >= fewest or np.sum(average**2) - noise >= STRONG_ENERGY:
            averages.append(average)
            counts.append(float(len(members)))
    if not averages:
        return np.zeros((0, pieces.shape[1], n_length), dtype=np.float32), np.zeros(0)
    stacked = np.stack(averages).astype(np.float32)
    order = np.argsort(-np.einsum("kcl,kcl->k", stacked, stacked), kind="stable")
    return stacked[order], np.array(counts)[order]


def _distinct(templates: Floats32, counts: Floats, *, reach: int, occupancy: float) -> list[int]:
    """Templates but those that a stronger one explains up to a small misfit and scale.

    The average of a few members still holds noise; what that may add to the misfit is granted.
    """
    kept: list[int] = []
    padded = np.pad(templates, ((0, 0), (0, 0), (reach, reach)))
    n_noise = occupancy * templates.shape[1] * templates.shape[2]
    for k in range(len(templates)):
        if kept:
            fit = fit_templates(
                padded[k : k + 1], templates[kept], reach=reach, occupancy=0.0
            )  # fmt: skip
            energy = float(np.sum(templates[k] ** 2))
            best = kept[int(fit.template[0])]
            residual = _residual(
                padded[k], templates[best], int(fit.shift[0]) + reach, float(fit.scale[0])
            )
            is_near = MERGE_SCALES[0] < fit.scale[0] < MERGE_SCALES[1]
            granted = MERGE_NOISE * n_noise * (1 / counts[k] + fit.scale[0] ** 2 / counts[best])
            if residual < MERGE_MISFIT * energy + granted and is_near:
                continue
        kept.append(k)
    return kept


def _residual(piece: Floats32, template: Floats32, start: int, scale: float) -> float:
    """Energy that a placed, scaled template leaves in a piece."""
    rest = piece.copy()
    rest[:, start : start + template.shape[1]] -= scale * template
    return float(np.sum(rest**2))
