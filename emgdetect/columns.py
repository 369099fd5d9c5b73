"""The columns of the tables: one place for names, order, units, meaning and the empty case.

`events.json` and the documentation are written from here, and every empty table has these columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgdetect import meanings

if TYPE_CHECKING:
    import pandas as pd

VERDICTS, REASONS = tuple(meanings.VERDICTS), tuple(meanings.REASONS)
"""What a potential can be judged to be, only the first counted; why a span may be excluded."""

REVIEW_VERDICTS = (*VERDICTS, *meanings.REVIEWERS)
"""What a reviewer can judge it to be (`verdict` as reviewed, `is` in `reviewed.tsv`)."""

REVIEWED = "summary_reviewed.tsv"
"""What follows from a result and a review: renewed or removed with the result. Every decision renews
it: its hash is not in `run.json`."""
FAILED = "failed.json"
"""Stands beside a complete result while the newest attempt at its recording has failed."""


@dataclass(frozen=True)
class Column:
    """Name, pandas dtype, unit (empty if none) and one-sentence description of a column."""

    name: str
    dtype: str
    unit: str
    description: str


EVENTS = (
    Column("onset", "float64", "s", "Start of the potential since the first sample of the recording, gaps included."),
    Column("duration", "float64", "s", "Time from the start to the end of the potential on its strongest channel."),
    Column("site", "object", "", "Muscle site."),
    Column("channel", "object", "", "Channel of the site on which the potential is strongest."),
    Column("verdict", "object", "", "What the potential was judged to be."),
    Column("peak_s", "float64", "s", "Time of the largest absolute deflection on `channel`."),
    Column("amplitude_uv", "float64", "uV", "Peak-to-peak amplitude on `channel`, mildly filtered; noise adds to it."),
    Column("amplitude_fit_uv", "float64", "uV", "Peak-to-peak amplitude of the unit's own waveform at the scale that fits best; free of the noise's share; `n/a` where that waveform does not describe the potential (`match` below 0.75), or the unit has fewer than 3 potentials on `channel`."),
    Column("snr", "float64", "", "Amplitude (`amplitude_uv`) over the local noise RMS."),
    Column("unit", "Int64", "", "Motor unit of the site, numbered from 1 by size of the group."),
    Column("score", "float64", "", "Matched-filter score in units of the local noise of the score."),
    Column("threshold", "float64", "", "Threshold the score of a potential of no known unit has to reach, in the same units; one of a known unit may lie below it, as it is found by the unit's own waveform."),
    Column("noise_uv", "float64", "uV", "Local noise RMS on `channel` in the mild band."),
    Column("phases", "Int64", "", "Number of phases: baseline crossings beyond the noise, plus one."),
    Column("match", "float64", "", "Correlation with the average waveform of its unit."),
    Column("n_channels_seen", "Int64", "", "Number of the site's channels on which the potential stands out of the noise."),
    Column("interval_before_s", "float64", "s", "Time since the previous potential of the same unit (of the site where unassigned)."),
    Column("interval_after_s", "float64", "s", "Time until the next potential of the same unit (of the site where unassigned)."),
    Column("why", "object", "", "The judgement in a few words. Of a counted potential it tells the company: `isolated` with more than 250 ms without another counted one of its unit on both sides (Sleutjes 2016); `in a doublet` or `in a pair` with one other, up to 20 ms or up to 250 ms apart; `in a run of` n that follow each other within 250 ms; and how far the nearest is. One of no unit is looked at among all of the site: `isolated`, or `of no unit`, with the distance of the nearest. `isolated_share` of the summary looks at the site, that of the units at one unit, as here."),
)  # fmt: skip

EXCLUDED = (
    Column("onset", "float64", "s", "Start of the span since the first sample of the recording, gaps included."),
    Column("duration", "float64", "s", "Length of the span."),
    Column("site", "object", "", "Muscle site the span is excluded at."),
    Column("reason", "object", "", "Why the span is not analysed."),
)  # fmt: skip

SUMMARY = (
    Column("site", "object", "", "Muscle site."),
    Column("n_channels", "Int64", "", "Channels analysed."),
    Column("sampling_hz", "float64", "Hz", "Sampling rate of the site's channels."),
    Column("recorded_s", "float64", "s", "All the time the site was recorded."),
    Column("analysed_s", "float64", "s", "Time that may be counted: recorded time less the excluded spans."),
    Column("n_fasciculations", "Int64", "", "Potentials judged `fasciculation` in the analysed time; a doublet counts two; `n/a`, not 0, where nothing could be analysed."),
    Column("rate_per_min", "float64", "1/min", "Fasciculations per analysed minute; `n/a` if less than 5 s were analysed, of which each potential would read as 12 per minute or more."),
    Column("rate_low", "float64", "1/min", "Lower end of the 95 % interval of the long-run rate of the process that this recording is a piece of, were it to go on unchanged; of other days or visits it says nothing. Allows for clustering as far as the recording shows it; for which processes and lengths it was measured to hold: benchmarks/results/coverage.md."),
    Column("rate_high", "float64", "1/min", "Upper end of that interval; without events the bound of an exact Poisson interval (Garwood 1936)."),
    Column("rate_flag", "object", "", "What in the recording speaks against the interval: `short` (under 60 analysed s; under 5 there is no rate), `trend` (the rate drifts), `few_clusters` (fewer than 20 clusters or, with a probability of more than 12 %, fewer than 20 correlation times; the fewer, the less often it holds); `n/a` if nothing does, which is no proof: under 10 minutes, a rate that swings over half a minute may show nothing of it (benchmarks/results/coverage.md)."),
    Column("dispersion", "float64", "", "Variance over mean of the long-run count, at least 1; 1 is Poisson (Fano factor)."),
    Column("expected_false_per_min", "float64", "1/min", "Budget, not a measurement: the false alarms per analysed minute in steady noise for which the threshold was set (`false_alarms_per_min`); what was measured of them stands in benchmarks/results/accuracy.md."),
    Column("rate_corrected_per_min", "float64", "1/min", "Rate of potentials of at least `corrected_above_uv`: sum of 1/recovery over those found (Horvitz & Thompson 1952), less the expected false ones; recovery is that of injections with a template for potentials of a unit, that of injections without one for the others."),
    Column("rate_corrected_low", "float64", "1/min", "Lower end of the 95 % interval of `rate_corrected_per_min`."),
    Column("rate_corrected_high", "float64", "1/min", "Upper end of that interval."),
    Column("detectable_uv", "float64", "uV", "Peak-to-peak amplitude at which the recovery of a unit never seen reaches 90 %: where the curve `fitted` of recovery.tsv does; its interval is `detectable_low_uv` to `detectable_high_uv`, wide where few were injected; `n/a` if it is not reached up to the largest injected potential."),
    Column("n_units", "Int64", "", "Motor units among the fasciculations; unassigned ones belong to none."),
    Column("amplitude_median_uv", "float64", "uV", "Median of `amplitude_fit_uv`, of the fasciculations that have one."),
    Column("short_interval_share", "float64", "", "Share of fasciculations followed by the next within 100 ms (Tamborska 2020)."),
    Column("isolated_share", "float64", "", "Share of fasciculations with more than 250 ms without another counted one on both sides (Sleutjes 2016), at the site, whatever their units; `isolated` in `why` of the events is of one unit."),
    Column("noise_uv", "float64", "uV", "Quiet noise RMS of the analysed time in the mild band, median of the channels."),
    Column("short_interval_share_poisson", "float64", "", "What a Poisson process of that rate would give for `short_interval_share`: 1 - exp(-0.1 rate per s)."),
    Column("isolated_share_poisson", "float64", "", "What a Poisson process of that rate would give for `isolated_share`: exp(-0.5 rate per s)."),
    Column("amplitude_q1_uv", "float64", "uV", "First quartile of `amplitude_fit_uv`."),
    Column("amplitude_q3_uv", "float64", "uV", "Third quartile of `amplitude_fit_uv`."),
    Column("amplitude_dispersion", "float64", "", "Quartile coefficient of dispersion of `amplitude_fit_uv`: (q3 - q1) / (q3 + q1)."),
    Column("n_above_50uv", "Int64", "", "Fasciculations of at least 50 uV peak to peak (`amplitude_uv`), for comparison with the norms of 1994 (Electroencephalogr Clin Neurophysiol 93:163)."),
    Column("duration_median_ms", "float64", "ms", "Median duration of the fasciculations."),
    Column("phases_median", "float64", "", "Median number of phases."),
    Column("n_initiations", "Int64", "", "Fasciculations after merging those of one unit that follow each other within 100 ms (doublets, F-response pairs and runs; Kleine 2012)."),
    Column("initiation_rate_per_min", "float64", "1/min", "Initiations per analysed minute; `n/a` where `rate_per_min` is."),
    Column("interval_median_s", "float64", "s", "Median time between successive fasciculations of one analysed span."),
    Column("interval_median_poisson_s", "float64", "s", "What a Poisson process of that rate would give for `interval_median_s`: ln 2 / rate per s."),
    Column("longest_silence_s", "float64", "s", "Longest stretch of one analysed span without a fasciculation; bounds the rate where there are few."),
    Column("top_unit_share", "float64", "", "Share of the most active unit among the fasciculations of all units."),
    Column("trend_ratio", "float64", "", "Expected rate at the end of the recording over that at its start, log-linear fit."),
    Column("trend_p", "float64", "", "p-value of that trend, score test with the dispersion allowed for."),
    Column("n_clusters", "float64", "", "Clusters in the count as the dispersion implies them: 2 n / (1 + dispersion), geometric cluster sizes; where these cannot be told they read as more: a single burst of 10 potentials within 3 minutes as 7."),
    Column("correlation_s", "float64", "s", "Integrated correlation time of the count beyond Poisson: time that is worth one independent look at the rate; 0 without clustering."),
    Column("synchrony_site", "object", "", "Site with the largest share of coincident fasciculations beyond chance."),
    Column("synchrony_excess", "float64", "", "Share of this site's fasciculations within 10 ms of one at `synchrony_site`, less the share expected by chance."),
    Column("synchrony_p", "float64", "", "p-value of that excess over chance (this site shifted by 0.2 to 2 s), times the number of other sites (Bonferroni)."),
    Column("rate_lenient_per_min", "float64", "1/min", "Rate under the lenient exclusion level: potentials that a run at that level counts, whichever is configured; the rule of exclusion alone moves rates 2.6-fold (Bashford 2020)."),
    Column("rate_default_per_min", "float64", "1/min", "Rate under the default exclusion level: potentials that a run at that level counts."),
    Column("rate_strict_per_min", "float64", "1/min", "Rate under the strict exclusion level: potentials that a run at that level counts."),
    Column("analysed_lenient_s", "float64", "s", "Analysed time under the lenient exclusion level."),
    Column("analysed_default_s", "float64", "s", "Analysed time under the default exclusion level."),
    Column("analysed_strict_s", "float64", "s", "Analysed time under the strict exclusion level."),
    *(
        Column(f"excluded_{reason}_s", "float64", "s", f"Time excluded because of: {reason}.")
        for reason in REASONS
    ),
    Column("threshold", "float64", "", "Median threshold of the matched-filter score, in units of its noise."),
    Column("mains_share", "float64", "", "Share of the in-band power that was mains, before its removal."),
    Column("detectable_low_uv", "float64", "uV", "Lower end of the 95 % interval of `detectable_uv`; `n/a` if even this lies beyond the largest injected potential."),
    Column("detectable_high_uv", "float64", "uV", "Upper end of the 95 % interval of `detectable_uv`; `n/a` with a value there: beyond the largest injected potential."),
    Column("recovery_plateau", "float64", "", "Share of large injected potentials that was recovered."),
    Column("recovery_text", "object", "", "The outcome of injection and recovery in a few words."),
    Column("n_injected", "Int64", "", "Potentials injected, in all."),
    Column("corrected_above_uv", "float64", "uV", "Amplitude at which 50 % of the potentials of a unit never seen are recovered: the corrected rate is that of potentials of at least this size."),
)  # fmt: skip
"""One row per site: first the contract's columns, then further ones."""


UNITS = (
    Column("site", "object", "", "Muscle site."),
    Column("unit", "Int64", "", "Motor unit of the site, numbered from 1 by size of the group; a number that is left out has no counted potential (`events.tsv` lists what it has)."),
    Column("n_fasciculations", "Int64", "", "Fasciculations of this unit in the analysed time."),
    Column("share", "float64", "", "Share of this unit among the fasciculations of all units of the site."),
    Column("rate_per_min", "float64", "1/min", "Fasciculations of this unit per analysed minute; `n/a` if less than 5 s were analysed."),
    Column("rate_low", "float64", "1/min", "Lower end of the 95 % interval of its long-run rate."),
    Column("rate_high", "float64", "1/min", "Upper end of that interval."),
    Column("rate_flag", "object", "", "As in the summary."),
    Column("dispersion", "float64", "", "As in the summary."),
    Column("amplitude_median_uv", "float64", "uV", "Median of `amplitude_fit_uv`, of the fasciculations that have one."),
    Column("amplitude_q1_uv", "float64", "uV", "First quartile of `amplitude_fit_uv`."),
    Column("amplitude_q3_uv", "float64", "uV", "Third quartile of `amplitude_fit_uv`."),
    Column("amplitude_dispersion", "float64", "", "Quartile coefficient of dispersion of `amplitude_fit_uv`."),
    Column("duration_median_ms", "float64", "ms", "Median duration."),
    Column("phases_median", "float64", "", "Median number of phases."),
    Column("n_initiations", "Int64", "", "Fasciculations after merging those within 100 ms of the previous one."),
    Column("interval_median_s", "float64", "s", "Median time between successive fasciculations of the unit in one analysed span."),
    Column("interval_median_poisson_s", "float64", "s", "What a Poisson process of that rate would give: ln 2 / rate per s."),
    Column("short_interval_share", "float64", "", "Share of its fasciculations followed by its next within 100 ms (Tamborska 2020)."),
    Column("short_interval_share_poisson", "float64", "", "What a Poisson process of that rate would give: 1 - exp(-0.1 rate per s)."),
    Column("isolated_share", "float64", "", "Share with more than 250 ms of this unit's silence on both sides (Sleutjes 2016)."),
    Column("isolated_share_poisson", "float64", "", "What a Poisson process of that rate would give: exp(-0.5 rate per s)."),
    Column("longest_silence_s", "float64", "s", "Longest stretch of one analysed span without this unit."),
)  # fmt: skip
"""One row per unit of a site."""

MINUTES = (
    Column("site", "object", "", "Muscle site."),
    Column("start_s", "float64", "s", "Start of the minute since the first sample of the recording, gaps included; minutes in which nothing was recorded have no row."),
    Column("analysed_s", "float64", "s", "Time of this minute that may be counted."),
    Column("n", "Int64", "", "Fasciculations in it; `n/a` where nothing of it was analysed."),
    Column("rate_per_min", "float64", "1/min", "Fasciculations per analysed minute; `n/a` where less than 5 s of it were analysed."),
)  # fmt: skip
"""One row per site and minute of the recording; a minute that lies in a gap is none of it."""

SYNCHRONY = (
    Column("site", "object", "", "Muscle site."),
    Column("other", "object", "", "The site it is compared with."),
    Column("n", "Int64", "", "Fasciculations of `site` in time analysed at both."),
    Column("share", "float64", "", "Share of them within 10 ms of one at `other`."),
    Column("chance", "float64", "", "The same share expected by chance: the mean after shifting `site` by 0.2 to 2 s either way."),
    Column("excess", "float64", "", "`share` less `chance`."),
    Column("p", "float64", "", "p-value of so many coincidences by chance: Poisson, scaled by how the shifted counts vary; for one pair, not corrected for the number of pairs."),
)  # fmt: skip
"""One row per ordered pair of sites with analysed time."""

RECOVERY = (
    Column("site", "object", "", "Muscle site."),
    Column("amplitude_uv", "float64", "uV", "Peak-to-peak amplitude of the injected potentials."),
    Column("n_injected", "Int64", "", "Potentials injected at that amplitude that met no template of their own: of the standard set, and of units whose templates were left out."),
    Column("n_recovered", "Int64", "", "Potentials of them that were found again as fasciculations."),
    Column("fitted", "float64", "", "Share recovered according to the curve fitted to these, the median of all that they leave possible; it reaches 0.9 at `detectable_uv` and 0.5 at `corrected_above_uv` of the summary; `n/a` where none could be fitted."),
    Column("n_injected_known", "Int64", "", "Potentials injected at that amplitude that met the template of their own unit."),
    Column("n_recovered_known", "Int64", "", "Potentials of them that were found again as fasciculations."),
    Column("fitted_known", "float64", "", "The same for these; the mean of the curves of which this is the median weighs potentials of units in `rate_corrected_per_min`; `n/a` where none could be fitted."),
)  # fmt: skip
"""One row per site and injected amplitude."""

COMPARISON = (
    Column("site", "object", "", "Muscle site."),
    Column("covariate", "object", "", "Column of the table of sessions."),
    Column("contrast", "object", "", "What the ratio is of: `per unit`, or one level against the reference level."),
    Column("n_persons", "Int64", "", "Persons compared."),
    Column("n_recordings", "Int64", "", "Recordings compared."),
    Column("n_fasciculations", "Int64", "", "Potentials of at least `above_uv` in them."),
    Column("above_uv", "float64", "uV", "Largest `detectable_uv` of the site over the recordings compared; smaller potentials do not count. `n/a` if unknown: all count."),
    Column("rate_ratio", "float64", "", "Ratio of the rates; 1 is no difference."),
    Column("ratio_low", "float64", "", "Lower end of its 95 % interval; 0 where it is open."),
    Column("ratio_high", "float64", "", "Upper end of its 95 % interval; `n/a` where it is open."),
    Column("p", "float64", "", "p-value of no difference."),
    Column("p_holm", "float64", "", "The same, corrected for the number of contrasts at this site (Holm)."),
    Column("method", "object", "", "`gee` (from 20 persons), `permutation within persons`, or `permutation of sessions` (one person, with a trend)."),
    Column("message", "object", "", "Why there is no number; `n/a` if there is one."),
    Column("sentence", "object", "", "The result in words."),
)  # fmt: skip
"""One row per site, covariate and contrast of a comparison of recordings."""

COMPARED = (
    Column("site", "object", "", "Muscle site."),
    Column("covariate", "object", "", "Column of the table of sessions."),
    Column("value", "object", "", "What the table of sessions says there."),
    Column("person", "object", "", "`participant_id`; `n/a` if all recordings are taken as one person's."),
    Column("recording", "object", "", "Recording."),
    Column("order", "float64", "", "Order in time: days since the first session where all compared have an `acq_time`, otherwise the row in the table of sessions."),
    Column("n", "float64", "", "Potentials of at least `above_uv`, as reviewed where the recording was reviewed."),
    Column("analysed_s", "float64", "s", "Time that may be counted, as reviewed where the recording was reviewed."),
    Column("rate_per_min", "float64", "1/min", "Their rate."),
    Column("above_uv", "float64", "uV", "As in the comparison."),
)  # fmt: skip
"""One row per site, covariate and recording compared."""


JOINT = (
    Column("recording", "object", "", "Name of the recording, which is that of its folder."),
    Column("newest_attempt", "object", "", "`ok`, or the code with which the newest attempt at the recording failed: the numbers are then those of an earlier run, whose settings stand in the recording's `run.json`."),
    Column("settings", "object", "", "A word that is the same where configuration, site table and options were: rates made with different ones must not be compared."),
    Column("participant_id", "object", "", "Participant, where the recording's name is that of a BIDS file."),
    Column("session_id", "object", "", "Session, where the recording's name is that of a BIDS file."),
    Column("task", "object", "", "Task, where the recording's name is that of a BIDS file."),
)  # fmt: skip
"""Further columns of the joint summary: the first stands before those of a recording, the others
after them."""

STATUS = (
    Column(
        "input",
        "object",
        "",
        "The file that was given, with its whole path: by it a result is found again. With `--anonymous-names`, too, so that this table must not be passed on with the results.",
    ),
    Column("recording", "object", "", "Name of the recording, which is that of its folder."),
    Column("status", "object", "", "`done` or `failed`."),
    Column("code", "object", "", "`ok`, or the code of what went wrong (emgdetect/CODES.md)."),
    Column("message", "object", "", "What was found, or what went wrong, in a sentence."),
    Column("seconds", "float64", "s", "Time the recording took."),
)
"""One row per input of a batch."""

TABLES = {
    "events": EVENTS, "summary": SUMMARY, "excluded": EXCLUDED, "units": UNITS,
    "minutes": MINUTES, "synchrony": SYNCHRONY, "recovery": RECOVERY,
    "comparison": COMPARISON, "comparison_sessions": COMPARED,
    "status": STATUS,
}  # fmt: skip
"""The columns of each table, by the stem of its file."""


def columns_page() -> str:
    """The documentation page of all tables, as Markdown: one row per column, in their order."""
    lines = [
        "# The tables of `emgdetect`, column by column",
        "",
        "Generated by `emgdetect.columns.columns_page()` from the one list of columns; the side-car "
        "of each table (`.json`) says the same. The joint `summary.tsv` has `recording` in front, "
        "and `newest_attempt` (`ok`, or why the newest attempt failed, whereupon the numbers are "
        "those of an earlier run), `settings` (alike where settings were), `participant_id`, `session_id` and `task` at its end.",
    ]
    for name, columns in TABLES.items():
        lines += ["", f"## `{name}.tsv`", "", "| column | unit | meaning |", "|---|---|---|"]
        lines += [f"| `{c.name}` | {c.unit} | {c.description} |" for c in columns]
    return "\n".join(lines) + "\n"


def empty(columns: tuple[Column, ...]) -> pd.DataFrame:
    """A table of no rows with these columns and dtypes."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in columns})


def table(rows: list[dict[str, object]], columns: tuple[Column, ...]) -> pd.DataFrame:
    """A table of these rows (missing keys become missing values), columns in their fixed order.

    Raises
    ------
    ValueError
        If a row has a key that is no column.
    """
    import pandas as pd

    names = [c.name for c in columns]
    unknown = {key for row in rows for key in row} - set(names)
    if unknown:
        raise ValueError(f"no such columns: {sorted(unknown)}")
    if not rows:
        return empty(columns)
    return pd.DataFrame(rows, columns=names).astype({c.name: c.dtype for c in columns})
