"""Slow, obvious twins of the signal kernels: loops over samples, one rule per line."""

from __future__ import annotations

import itertools
import math

import numpy as np


def spans_where(mask):
    spans, start = [], None
    for i, value in enumerate([*mask, False]):
        if value and start is None:
            start = i
        elif not value and start is not None:
            spans.append((start, i))
            start = None
    return spans


def spans_above(score, start, stop):
    spans = spans_where([value >= stop for value in score])
    return [(a, b) for a, b in spans if any(value >= start for value in score[a:b])]


def merge(spans, gap=0.0):
    merged = []
    for start, stop in sorted((a, b) for a, b in spans if b > a):
        if merged and start <= merged[-1][1] + gap:
            merged[-1][1] = max(merged[-1][1], stop)
        else:
            merged.append([start, stop])
    return [tuple(span) for span in merged]


def inside(spans, point):
    return any(start <= point < stop for start, stop in spans)


def cells_inside(spans, low, high):
    """Whole numbers whose unit cell a set of spans with whole ends covers."""
    return {i for i in range(low, high) if inside(spans, i + 0.5)}


def local_maxima(score, threshold):
    found = []
    for i, value in enumerate(score):
        before = score[i - 1] if i else -math.inf
        after = score[i + 1] if i + 1 < len(score) else -math.inf
        if value > before and value >= after and value >= threshold[i]:
            found.append(i)
    return found


def strongest_apart(positions, strengths, distance):
    left = list(range(len(positions)))
    kept = []
    while left:
        best = max(left, key=lambda i: (strengths[i], -i))
        kept.append(best)
        left = [i for i in left if i != best and abs(positions[i] - positions[best]) >= distance]
    return sorted(kept)


def circular_bank_score(trace, kernels):
    """Largest absolute circular correlation of a trace with kernels that start at lag zero."""
    n = len(trace)
    score = np.zeros(n)
    for kernel in kernels:
        for t in range(n):
            total = sum(trace[(t + i) % n] * kernel[i] for i in range(n))
            score[t] = max(score[t], abs(total))
    return score


def equal_runs(row, n_run):
    marked = [False] * len(row)
    for start in range(len(row) - n_run + 1):
        piece = row[start : start + n_run]
        if all(value == piece[0] for value in piece):
            marked[start : start + n_run] = [True] * n_run
    return marked


def rail_runs(row, low, high, step, n_run=3):
    half = (0.0 if math.isnan(step) else step / 2) + 1e-6
    on_rail = [value >= high - half or value <= low + half for value in row]
    marked = [False] * len(row)
    for start, stop in spans_where(on_rail):
        if stop - start >= n_run:
            marked[start:stop] = [True] * (stop - start)
    return marked


def fill_invalid(row, invalid):
    good = [i for i, bad in enumerate(invalid) if not bad]
    out = []
    for i, value in enumerate(row):
        before = [g for g in good if g <= i]
        after = [g for g in good if g >= i]
        if not good:
            out.append(0.0)
        elif not invalid[i]:
            out.append(value)
        elif before and after:
            a, b = before[-1], after[0]
            out.append(row[a] + (row[b] - row[a]) * (i - a) / (b - a))
        else:
            out.append(row[before[-1]] if before else row[after[0]])
    return out


def cell_levels(row, n_cell, quantile):
    n_cells = max(1, math.floor(len(row) / n_cell + 0.5))
    levels = []
    for i in range(n_cells):
        cell = row[i * n_cell :] if i == n_cells - 1 else row[i * n_cell : (i + 1) * n_cell]
        levels.append(sorted(cell)[int(quantile * (len(cell) - 1))])
    return levels


def smooth_levels(row, n_cells):
    def at(values, i):
        return values[min(max(i, 0), len(values) - 1)]

    half = n_cells // 2
    median = [sorted(at(row, i + k) for k in range(-half, half + 1))[half] for i in range(len(row))]
    return [sum(at(median, i + k) for k in (-1, 0, 1)) / 3 for i in range(len(row))]


def count_phases(piece, bound):
    signs = [1 if value > 0 else -1 for value in piece if abs(value) > bound]
    return 1 + sum(a != b for a, b in itertools.pairwise(signs))
