"""What was found, in plain sentences: measurements, no diagnosis and no cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emgdetect.report.numbers import is_missing, number, plural, span_of_time

KINDS = {
    "train": "in regular trains",
    "burst": "in bursts",
    "ecg": "from heart beats",
    "crosstalk": "from a neighbouring site",
    "pop": "electrode pops",
    "motion": "from movement",
    "clipped": "cut off",
    "hum": "from mains",
}
"""What the potentials of a verdict that does not count are called in a sentence, after how many."""

NOUNS = frozenset({"pop"})
"""Verdicts whose words name the potentials; those of the others say where they are from (a heart
beat may leave several)."""

FLAGS = {
    "short": "Less than a minute was analysed, so the rate says little.",
    "few_clusters": "The potentials came in so few clusters that the interval may be too narrow.",
    "trend": "The rate changed during the recording, so its mean describes no part of it.",
}
"""What a flag on a rate means."""

TOO_FEW = "One potential does not show how they cluster, so the interval may be too narrow."
NONE = "Without any potential to show how they cluster, that bound may be too low."
"""What the flag of few clusters means where there is one potential, or none."""


def flag(value: Any) -> str:
    """A flag of the summary as words; empty where there is none."""
    return "" if is_missing(value) else str(value).replace("_", " ")


def sentence(
    row: Mapping[str, Any], others: Mapping[str, int] | None = None, warned: Sequence[str] = ()
) -> str:
    """What was found at a site, in plain words.

    Parameters
    ----------
    row : mapping
        A row of the summary.
    others : mapping of str to int, optional
        Potentials of the site that were not counted, by verdict.
    warned : sequence of str
        Warnings that touch the rate, as sentences.

    Returns
    -------
    str
        One sentence on the count and its rate, then the warnings, and one each on what else was
        found, on what could have been seen and on what limits the rate, where there is something to
        say.
    """
    said = [_count(row), *warned, _not_counted(others or {}), _seen(row), _limits(row)]
    return " ".join(part for part in said if part)


def sentence_of_needle(row: Mapping[str, Any]) -> str:
    """What was found at a site of a needle, beside sites of the surface: a count and no rate."""
    analysed_s = row.get("analysed_s")
    if is_missing(analysed_s) or float(str(analysed_s)) <= 0:
        return "Nothing of this site could be analysed."
    n = int(row["n_fasciculations"])
    return (
        f"{plural(n, 'potential')} in {span_of_time(analysed_s)} analysed of a needle: its rate is "
        "none to compare with those of the surface and stands on the recording's own page."
    )


def _not_counted(others: Mapping[str, int]) -> str:
    if not others:
        return ""
    listed = sorted(others.items(), key=lambda item: -item[1])
    if len(listed) == 1:
        return f"Not counted: {_alone(*listed[0])}."
    total = sum(others.values())
    told = ", ".join(f"{number(n)} {_kind(verdict, n)}" for verdict, n in listed)
    return f"Not counted: {plural(total, 'other potential')} ({told})."


def _alone(verdict: str, n: int) -> str:
    """Potentials of the only kind that was not counted: `9 electrode pops`."""
    told = _kind(verdict, n)
    return f"{number(n)} {told}" if verdict in NOUNS else f"{plural(n, 'potential')} {told}"


def _kind(verdict: str, n: int) -> str:
    """A kind of potential, in the singular if it is one."""
    named = KINDS.get(verdict, verdict)
    return named.removesuffix("s") if n == 1 and verdict in NOUNS else named


def _limits(row: Mapping[str, Any]) -> str:
    """What a flag says of the rate; of few clusters there is more than one kind."""
    flagged, n = str(row.get("rate_flag")), row.get("n_fasciculations")
    if is_missing(row.get("rate_per_min")):
        return ""
    if flagged == "few_clusters" and not is_missing(n) and int(str(n)) < 2:
        return TOO_FEW if int(str(n)) else NONE
    return FLAGS.get(flagged, "")


def _count(row: Mapping[str, Any]) -> str:
    analysed_s = row.get("analysed_s")
    if is_missing(analysed_s) or float(str(analysed_s)) <= 0:
        return "Nothing of this site could be analysed, so there is no rate."
    if is_missing(row["rate_per_min"]):
        few = int(row["n_fasciculations"])
        what = plural(few, "fasciculation") if few else "No fasciculation"
        return f"{what} in {span_of_time(analysed_s)} analysed: too short a time for a rate."
    n, high = int(row["n_fasciculations"]), number(row["rate_high"])
    time = span_of_time(analysed_s)
    if n == 0:
        return (
            f"No fasciculation was found in {time} analysed; "
            f"the long-run rate lies below {high} per minute (95 %)."
        )
    units = "" if is_missing(row.get("n_units")) else _units(int(row["n_units"]))
    return (
        f"{plural(n, 'fasciculation')} in {time} analysed{units}: "
        f"{number(row['rate_per_min'])} per minute "
        f"(95 % interval {number(row['rate_low'])} to {high})."
    )


def _units(n: int) -> str:
    return f", of {plural(n, 'motor unit')} told apart by their shape" if n else ""


def _how_sure(row: Mapping[str, Any]) -> str:
    """Interval of the size that nine in ten need; empty where the summary has none."""
    low, high = row.get("detectable_low_uv"), row.get("detectable_high_uv")
    if is_missing(low):
        return ""
    upper = "beyond the largest added as a test" if is_missing(high) else f"{number(high)} µV"
    return f" (95 % interval {number(low)} µV to {upper})"


def _seen(row: Mapping[str, Any]) -> str:
    detectable = row.get("detectable_uv")
    if not is_missing(detectable):
        return (
            f"Potentials of {number(detectable)} µV peak to peak would have been found "
            f"nine times in ten{_how_sure(row)}."
        )
    plateau = row.get("recovery_plateau")
    if not is_missing(plateau) and float(str(plateau)) < 0.9:
        share = number(100 * float(str(plateau)), 2)
        return f"Of large potentials {share} % would have been found; at no size nine in ten."
    text = row.get("recovery_text")
    if is_missing(text):
        return ""
    why = str(text).rstrip(".").replace("injected", "added as a test")
    return f"How large a potential must be to be found nine times in ten is unknown: {why}."
