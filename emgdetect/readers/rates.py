"""Sampling rates behind a record duration that the header had to round."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from emgdetect.findings import Finding, finding

HEADER_STEP_S = Fraction(1, 10**6)
"""Step to which common writers round the duration: six decimals fit the header's 8 characters."""


def true_record_s(
    record_s: Fraction, n_per_record: Sequence[int]
) -> tuple[Fraction, list[Finding]]:
    """Record duration for which all rates are whole, if rounding explains the difference.

    100 samples in 0.048828 s are 2048.0052 Hz by the header, and 2048 Hz in truth.

    Parameters
    ----------
    record_s : Fraction
        As the header says.
    n_per_record : sequence of int
        Samples per record of the signals.

    Returns
    -------
    Fraction
        The duration to use; `record_s` itself where nothing is to be corrected.
    list of Finding
    """
    if not record_s or not n_per_record:
        return record_s, []
    rates = [n / record_s for n in n_per_record]
    if all(rate.denominator == 1 for rate in rates):
        return record_s, []
    fastest = max(n_per_record)
    candidate = Fraction(fastest, max(1, round(fastest / record_s)))
    whole = all((n / candidate).denominator == 1 for n in n_per_record)
    rounded = record_s.denominator > 1000 and abs(candidate - record_s) <= HEADER_STEP_S
    close = abs(candidate / record_s - 1) < Fraction(1, 10_000)
    if whole and rounded and close:
        message = f"{float(record_s):g} s stand for {fastest} samples at {fastest / candidate} Hz."
        return candidate, [finding("record-duration-rounded", message, offset=244)]
    odd = ", ".join(f"{float(r):.6g}" for r in sorted({r for r in rates if r.denominator > 1})[:5])
    return record_s, [finding("rate-odd", f"Channels are sampled at {odd} Hz.", offset=244)]
