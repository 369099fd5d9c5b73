"""Data records of an EDF file: how long each is, so that together they hold a recording exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

TICKS_HZ = 1_000_000
"""The header's 8 characters hold a record duration below 10 s to the microsecond."""

MOST_BYTES = 61_440
"""Of a data record, where the standard's limit can be kept; samples take 2 bytes."""

LONGEST_S = 86_400
"""Longest recording that is simulated."""


def step_of(rates_hz: Iterable[float]) -> Fraction:
    """Shortest data record in s that the header can tell and that holds whole samples.

    Parameters
    ----------
    rates_hz : iterable of float
        Sampling rates of the channels, at least one.
    """
    ticks = 1
    for rate_hz in rates_hz:
        per_tick = Fraction(str(rate_hz)) / TICKS_HZ
        ticks = math.lcm(ticks, per_tick.denominator)
    return Fraction(ticks, TICKS_HZ)


def expect_whole_records(duration_s: float, rate_hz: float) -> None:
    """Refuse a duration that no EDF file can hold at a sampling rate.

    Raises
    ------
    ValueError
        With the nearest duration that works.
    """
    _expect_steps(Fraction(str(duration_s)), [rate_hz])


def _expect_steps(whole_s: Fraction, rates_hz: Iterable[float]) -> Fraction:
    """The step of some rates, if it divides a duration; the ways out if it does not."""
    rates_hz = list(rates_hz)
    step = step_of(rates_hz)
    if whole_s % step == 0:
        return step
    rates = " and ".join(f"{rate_hz:.10g}" for rate_hz in rates_hz)
    told = f"EDF cannot hold {float(whole_s):.10g} s at {rates} Hz in records of whole samples"
    nearest = max(round(whole_s / step), 1) * step
    if nearest > LONGEST_S:
        raise ValueError(f"{told}; another sampling rate is needed.")
    raise ValueError(f"{told}; the nearest duration that works is {float(nearest):.10g} s.")


def record_duration(n_samples: Mapping[float, int], n_channels: int) -> float:
    """Duration of the data records that hold a recording, as near to 1 s as may be.

    Parameters
    ----------
    n_samples : mapping of float to int
        Samples of a channel by sampling rate, at least one of both.
    n_channels : int

    Returns
    -------
    float
        Seconds; no longer than 8 characters in the header.

    Raises
    ------
    ValueError
        If the recording does not fit whole records.
    """
    durations = {Fraction(n) / Fraction(str(rate_hz)) for rate_hz, n in n_samples.items()}
    whole_s = durations.pop()
    if durations:
        raise ValueError("Channels of one EDF file must last equally long.")
    step = _expect_steps(whole_s, n_samples)
    per_s = 2 * n_channels * max(n_samples)
    records = (whole_s / n for n in _divisors(int(whole_s / step)))
    fitting = [record_s for record_s in records if len(_header(record_s)) <= 8]
    if not fitting:
        raise ValueError(f"No EDF data record divides a recording of {float(whole_s):.10g} s.")
    usual = [Fraction(math.lcm(*(Fraction(str(rate)).denominator for rate in n_samples)))]
    best = min(fitting, key=lambda s: (s not in usual, s * per_s > MOST_BYTES, abs(math.log(s))))
    return float(best)


def _divisors(n: int) -> list[int]:
    small = [k for k in range(1, math.isqrt(n) + 1) if n % k == 0]
    return sorted({*small, *(n // k for k in small)})


def _header(record_s: Fraction) -> str:
    """A record duration as the header tells it."""
    text = f"{float(record_s):.15g}"
    return text if Fraction(text) == record_s else f"{text} and more"
