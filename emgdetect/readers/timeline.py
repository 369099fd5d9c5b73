"""Record onsets → segments: contiguous runs of records on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from emgdetect.findings import Finding, finding, refusal

COARSE_S = Fraction(1, 100)
"""Rounding of record times from which gaps may hide: a potential is about as long."""

FINE_S = Fraction(1, 1000)
"""Step of written onsets up to which a difference of one step is jitter of the clock, not a gap."""

DRIFT = Fraction(1, 10_000)
"""Difference between record times and sampling rate from which it is said: 100 ppm is a bad
crystal."""


@dataclass(frozen=True)
class Run:
    """Contiguous records: index of the first, their number, start in s since the first record."""

    first: int
    n_records: int
    start_s: Fraction


@dataclass(frozen=True)
class Timeline:
    """Runs in order of time, the onset of the first record, and what was noticed."""

    runs: tuple[Run, ...]
    origin_s: Fraction
    findings: tuple[Finding, ...]


def contiguous(n_records: int) -> Timeline:
    """The time axis of a file without record onsets: one run."""
    return Timeline((Run(0, n_records, Fraction(0)),), Fraction(0), ())


def timeline(
    onsets: Sequence[Fraction | None],
    record_s: Fraction,
    *,
    resolution_s: Fraction,
    sample_s: Fraction,
    discontinuous: bool,
) -> Timeline:
    """Lay the records out in time.

    Two records are contiguous if the later one starts within half a sample, plus what rounding of
    the written onsets explains, of the end of the earlier one. Within a run time is counted in
    samples; where the record times drift away from that, it is said.

    Parameters
    ----------
    onsets : sequence of Fraction or None
        Start of each record in s; None where unknown. At least one record.
    record_s : Fraction
        Duration of a record.
    resolution_s : Fraction
        Step in which onsets are written.
    sample_s : Fraction
        Sampling interval of the fastest signal.
    discontinuous : bool
        Whether the file claims to be discontinuous, so that an unknown onset cannot be inferred.

    Raises
    ------
    EdfError
        If a record starts before its predecessor, or its onset is unknown and cannot be inferred.
    """
    exact = record_s % resolution_s == 0 and resolution_s > FINE_S
    rounding_s = Fraction(0) if exact else resolution_s
    tolerance_s = sample_s / 2 + rounding_s
    known, findings = _fill(onsets, record_s, tolerance_s, discontinuous)
    runs, overlaps = _runs(known, record_s, tolerance_s)
    if rounding_s > COARSE_S:
        message = f"Record times are written in steps of {float(resolution_s):g} s."
        findings.append(finding("onset-coarse", message))
    findings += _overlap_findings(overlaps)
    if len(runs) > 1 and not overlaps:
        findings += _gaps(runs, record_s, discontinuous)
    findings += _drift(runs, known, record_s, tolerance_s)
    return Timeline(tuple(runs), known[0], tuple(findings))


def _fill(
    onsets: Sequence[Fraction | None],
    record_s: Fraction,
    tolerance_s: Fraction,
    discontinuous: bool,
) -> tuple[list[Fraction], list[Finding]]:
    """Onsets with the unknown ones inferred from their predecessors."""
    missing = [index for index, onset in enumerate(onsets) if onset is None]
    if not missing:
        return [onset for onset in onsets if onset is not None], []
    first = next((onset - i * record_s for i, onset in enumerate(onsets) if onset is not None),
                 Fraction(0))  # fmt: skip
    known: list[Fraction] = []
    for onset in onsets:
        inferred = known[-1] + record_s if known else first
        known.append(inferred if onset is None else onset)
    message = f"{len(missing)} of {len(onsets)} records lack their time, first record {missing[0]}."
    if discontinuous and not _enclosed(missing, onsets, known, record_s, tolerance_s):
        raise refusal("record-onset-unknown", message)
    return known, [finding("record-onset-missing", message)]


def _enclosed(
    missing: Sequence[int],
    onsets: Sequence[Fraction | None],
    known: Sequence[Fraction],
    record_s: Fraction,
    tolerance_s: Fraction,
) -> bool:
    """Whether each inferred onset leaves no room for a gap: known before, and fitting behind."""
    if onsets[0] is None or onsets[-1] is None:
        return False
    steps = (known[index + 1] - known[index] - record_s for index in missing)
    return all(abs(step_s) <= tolerance_s for step_s in steps)


def _runs(
    onsets: Sequence[Fraction], record_s: Fraction, tolerance_s: Fraction
) -> tuple[list[Run], list[tuple[int, Fraction]]]:
    """Contiguous runs, and records that overlap their predecessor, with the overlap in s.

    These are moved to the end of the run before.
    """
    runs: list[Run] = []
    overlaps: list[tuple[int, Fraction]] = []
    first = 0
    start_s = Fraction(0)
    shift_s = -onsets[0]
    for index in range(1, len(onsets)):
        step_s = onsets[index] - onsets[index - 1] - record_s
        if abs(step_s) <= tolerance_s:
            continue
        if step_s <= -record_s:
            message = f"Record {index} starts at {float(onsets[index]):g} s, its predecessor at "
            raise refusal("record-order", f"{message}{float(onsets[index - 1]):g} s.")
        runs.append(Run(first, index - first, start_s))
        end_s = start_s + (index - first) * record_s
        if step_s < 0:
            overlaps.append((index, -step_s))
        start_s = max(end_s, onsets[index] + shift_s)
        first = index
    runs.append(Run(first, len(onsets) - first, start_s))
    return runs, overlaps


def _overlap_findings(overlaps: Sequence[tuple[int, Fraction]]) -> list[Finding]:
    if not overlaps:
        return []
    index, overlap_s = overlaps[0]
    message = f"Record {index} overlaps its predecessor by {float(overlap_s):g} s"
    more = f", and {len(overlaps) - 1} more do." if len(overlaps) > 1 else "."
    return [finding("record-overlap", message + more)]


def _gaps(runs: Sequence[Run], record_s: Fraction, discontinuous: bool) -> list[Finding]:
    last = runs[-1]
    n_records = last.first + last.n_records
    missing_s = last.start_s + last.n_records * record_s - n_records * record_s
    code = "gap" if discontinuous else "gap-unflagged"
    n_gaps = len(runs) - 1
    return [finding(code, f"{n_gaps} gap{'s' * (n_gaps > 1)}, {float(missing_s):g} s in all.")]


def _drift(
    runs: Sequence[Run], onsets: Sequence[Fraction], record_s: Fraction, tolerance_s: Fraction
) -> list[Finding]:
    """Do record times and sampling rate disagree: within runs, or at every border of a record?"""
    if len(runs) > 4 and len(runs) > len(onsets) / 2:
        message = "Nearly every record starts later or earlier than its predecessor ends."
        return [finding("clock-drift", message)]
    longest = max(runs, key=lambda run: run.n_records)
    last = longest.first + longest.n_records - 1
    counted_s = (longest.n_records - 1) * record_s
    drift_s = onsets[last] - onsets[longest.first] - counted_s
    if abs(drift_s) <= max(2 * tolerance_s, DRIFT * counted_s):
        return []
    message = f"Record times drift by {float(drift_s):+.3g} s in {float(counted_s):.4g} s."
    return [finding("clock-drift", message)]
