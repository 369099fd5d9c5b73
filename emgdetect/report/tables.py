"""The tables of a page: texts in rows, ready to be escaped and laid out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emgdetect.cautions import in_words
from emgdetect.columns import REASONS, SUMMARY, Column
from emgdetect.meanings import REASONS as REASON_WORDS
from emgdetect.meanings import VERDICTS as VERDICT_WORDS
from emgdetect.report.numbers import MISSING, is_missing, moment, number, span_of_time
from emgdetect.report.words import flag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from emgdetect.cautions import Caution
    from emgdetect.config import Config
    from emgdetect.detections import Detections
    from emgdetect.findings import Finding
    from emgdetect.recording import Channel, Recording, Site

N_SPANS = 200
"""Excluded spans listed one by one, at most; `excluded.tsv` holds all of them."""

N_FINDINGS = 200

Row = list[str]


@dataclass(frozen=True)
class Table:
    """Header and rows of texts; `numeric` columns are set flush right.

    Attributes
    ----------
    header : list of str
    rows : list of list of str
    numeric : frozenset of int
        Positions of the columns that hold numbers.
    note : str
        A sentence under the table; may be empty.
    """

    header: Row
    rows: list[Row]
    numeric: frozenset[int] = frozenset()
    note: str = ""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as mappings."""
    return [{str(key): row[key] for key in row} for row in table.to_dict("records")]


def headline(summary: pd.DataFrame, warned: Mapping[str, Sequence[Caution]]) -> Table:
    """The table one looks at first: a row per site, rates under the three exclusion levels.

    `warned` are the warnings that touch the rates (`emgdetect.cautions.cautions`).
    """
    header = [
        "site", "analysed", "of recorded", "fasciculations", "per minute", "95 % interval",
        "lenient / default / strict", "false / min allowed", "90 % found from (µV)",
        "median amplitude (µV)", "units", "noise RMS (µV)", "caution",
    ]  # fmt: skip
    rows = [
        [*_headline_row(row),
         in_words(warned.get(str(row["site"]), ()), warned.get("", ()), flag(row["rate_flag"]))]
        for row in records(summary)
    ]  # fmt: skip
    return Table(header, rows, frozenset(range(1, len(header) - 1)))


def _headline_row(row: Mapping[str, Any]) -> Row:
    levels = (
        number(row.get(f"rate_{level}_per_min")) for level in ("lenient", "default", "strict")
    )
    return [
        str(row["site"]),
        span_of_time(row["analysed_s"]),
        span_of_time(row["recorded_s"]),
        number(row["n_fasciculations"]),
        number(row["rate_per_min"]),
        between(row["rate_low"], row["rate_high"]),
        " / ".join(levels),
        number(row["expected_false_per_min"]),
        number(row["detectable_uv"]),
        number(row["amplitude_median_uv"]),
        number(row["n_units"]),
        number(row["noise_uv"]),
    ]


def between(low: Any, high: Any) -> str:
    """An interval as text."""
    return MISSING if is_missing(low) or is_missing(high) else f"{number(low)} to {number(high)}"


def recorded(recording: Recording, config: Config) -> Table:
    """What was recorded at each site: channels, montage, spacing and bands, beside every µV."""
    header = ["site", "channels", "sampling (Hz)", "reference", "spacing (mm)", "unit in file",
              "filters in file"]  # fmt: skip
    rows = [_recorded_row(recording, site) for site in recording.sites]
    note = (
        f"Potentials were searched at {number(config.detect_low_hz)}–"
        f"{number(config.detect_high_hz)} Hz (or to just below half the sampling rate), those of "
        f"known units from {number(min(config.unit_low_hz, config.detect_low_hz))} Hz on, and "
        f"measured from {number(config.measure_low_hz)} Hz on, all without phase shift. "
        "Amplitudes depend on electrodes, spacing and these bands: compare like with like."
    )
    return Table(header, rows, frozenset({2, 4}), note)


def _recorded_row(recording: Recording, site: Site) -> Row:
    channels = [recording.channels[i] for i in site.channels]
    return [
        site.name,
        _few([channel.name for channel in channels]),
        number(site.sampling_hz, 6),
        _few(_distinct(channels, "reference")),
        _few(_distinct(channels, "spacing_mm")),
        _few(_distinct(channels, "unit")),
        _few(_distinct(channels, "prefilter")),
    ]


def _distinct(channels: Sequence[Channel], name: str) -> list[str]:
    values = (getattr(channel, name) for channel in channels)
    return list(dict.fromkeys(number(value) for value in values if not is_missing(value)))


def _few(names: list[str]) -> str:
    """A short list in words: all of up to four, else the ends and how many."""
    if not names:
        return "not stated"
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} … {names[-1]} ({len(names)})"


def not_analysed(recording: Recording) -> Table:
    """Channels that belong to no site, and why."""
    rows = [[c.name, c.kind, c.skip or "not EMG"] for c in recording.channels if not c.analysed]
    return Table(["channel", "kind", "why not analysed"], rows)


def segments(recording: Recording) -> Table:
    """The contiguous pieces of the recording."""
    rows = [
        [number(i + 1), moment(s.start_s), moment(s.stop_s), span_of_time(s.duration_s)]
        for i, s in enumerate(recording.segments[:N_SPANS])
    ]
    hidden = len(recording.segments) - len(rows)
    note = f"{number(hidden)} more are in run.json." if hidden else ""
    return Table(["segment", "from (s)", "to (s)", "length"], rows, frozenset(range(4)), note)


def excluded(found: Detections) -> Table:
    """Seconds excluded at each site, by reason."""
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    for span in records(found.excluded):
        seconds[span["site"], span["reason"]] += span["duration"]
    reasons = [reason for reason in REASONS if any(key[1] == reason for key in seconds)]
    rows = []
    for row in records(found.summary):
        cells = [seconds.get((row["site"], reason)) for reason in reasons]
        rows.append([str(row["site"]), *("" if s is None else span_of_time(s) for s in cells)])
    header = ["site", *(f"{reason}: {REASON_WORDS[reason]}" for reason in reasons)]
    note = "" if reasons else "Nothing was excluded."
    return Table(header, rows if reasons else [], frozenset(range(1, len(header))), note)


def spans(found: Detections) -> Table:
    """Excluded spans one by one."""
    ordered = found.excluded.sort_values(["onset", "site"], kind="stable")
    rows = [
        [row["site"], moment(row["onset"]), moment(row["onset"] + row["duration"]),
         span_of_time(row["duration"]), row["reason"]]
        for row in records(ordered.head(N_SPANS))
    ]  # fmt: skip
    hidden = len(ordered) - len(rows)
    note = f"{number(hidden)} more are in excluded.tsv." if hidden > 0 else ""
    header = ["site", "from (s)", "to (s)", "length", "reason"]
    return Table(header, rows, frozenset({1, 2, 3}), note)


def verdicts(found: Detections) -> Table:
    """Potentials at each site by verdict, with what the verdict means."""
    sites = [str(site) for site in found.summary["site"]]
    counts = found.events.groupby(["verdict", "site"]).size().to_dict()
    rows = [
        [verdict, meaning, *(number(counts.get((verdict, site), 0)) for site in sites)]
        for verdict, meaning in VERDICT_WORDS.items()
        if any((verdict, site) in counts for site in sites)
    ]
    note = "" if rows else "No potential was found at all."
    return Table(["verdict", "meaning", *sites], rows, frozenset(range(2, len(sites) + 2)), note)


def not_counted(found: Detections, site: str) -> dict[str, int]:
    """Potentials of a site that were not counted, by verdict."""
    events = found.events[found.events["site"] == site]
    rejected = events.loc[events["verdict"] != "fasciculation", "verdict"]
    return {str(verdict): int(n) for verdict, n in rejected.value_counts().items()}


def measures(summary: pd.DataFrame) -> Table:
    """Every number of every site, a row per number, with unit and definition."""
    rows = records(summary)
    lines = [_measure(column, rows) for column in SUMMARY if column.name != "site"]
    sites = [str(row["site"]) for row in rows]
    numeric = frozenset(range(3, len(sites) + 3))
    return Table(["number", "unit", "definition", *sites], lines, numeric)


def _measure(column: Column, rows: list[dict[str, Any]]) -> Row:
    unit = column.unit.replace("uV", "µV")
    values = [number(row.get(column.name)) for row in rows]
    return [column.name, unit, column.description.replace("`", "").replace("uV", "µV"), *values]


def findings(found: Sequence[Finding]) -> Table:
    """What was noticed about the input, gravest first."""
    order = ("fatal", "warning", "repaired", "note")
    ordered = sorted(found, key=lambda finding: order.index(finding.severity))
    rows = [[f.severity, f.code, f.channel, f.message, f.hint] for f in ordered[:N_FINDINGS]]
    hidden = len(found) - len(rows)
    note = f"{number(hidden)} more are in run.json." if hidden > 0 else ""
    if not rows:
        note = "Nothing was noticed."
    return Table(["severity", "code", "channel", "what", "way out"], rows, note=note)


def settings(config: Config) -> Table:
    """Every value of the configuration, what it does and where its default comes from."""
    rows = []
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        extra = field.json_schema_extra
        source = str(extra.get("source", "")) if isinstance(extra, dict) else ""
        changed = "" if value == field.default else f"changed, default {field.default}"
        rows.append([name, str(value), changed, str(field.description or ""), source])
    return Table(["key", "value", "", "meaning", "source of the default"], rows)
