"""The noun that the analysis hands out: events, excluded spans and the summary of one recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emgdetect.config import Config
from emgdetect.findings import Finding

if TYPE_CHECKING:
    import mne
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Waveform:
    """Average waveform of one unit of a site.

    Attributes
    ----------
    site : str
    unit : int
    n_potentials : int
        Potentials averaged.
    times_s : ndarray, shape (n_times,)
        Time relative to `peak_s`.
    average_uv : ndarray, shape (n_channels, n_times)
        One row per channel of the site, in the order of `Recording.sites`.
    """

    site: str
    unit: int
    n_potentials: int
    times_s: NDArray[np.float64]
    average_uv: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SiteFacts:
    """What detection knows of a site beside its events; the statistics start from it.

    Attributes
    ----------
    site : str
    n_channels : int
        Channels analysed.
    sampling_hz, recorded_s : float
    analysed_s : ndarray, shape (n_spans, 2)
        Start and stop of each analysed span, in order; shape (0, 2) if nothing could be analysed.
    counts_by_level : mapping of str to (int, float)
        Fasciculations and analysed seconds under each exclusion level
        (``lenient``, ``default``, ``strict``): what a detection at that level counts, whichever
        this one was at.
    noise_uv : float
        Median noise RMS of the channels in the mild band.
    threshold : float
        Median of the threshold the matched-filter score had to reach, in units of its noise.
    expected_false_per_min : float
        False alarms per analysed minute promised by that threshold.
    mains_share : float
        Share of the in-band power that was mains, before it was removed.
    notch : (float, float) or None
        Frequency in Hz and quality of the amplifier's notch, if one was undone.
    """

    site: str
    n_channels: int
    sampling_hz: float
    recorded_s: float
    analysed_s: NDArray[np.float64]
    counts_by_level: Mapping[str, tuple[int, float]]
    noise_uv: float
    threshold: float
    expected_false_per_min: float
    mains_share: float
    notch: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Detections:
    """What was found in one recording; equal to itself only.

    Attributes
    ----------
    events : DataFrame
        One row per potential, sorted by onset; columns of `emgdetect.columns.EVENTS`. No rows if
        nothing was found.
    summary : DataFrame
        One row per site, in the order of `Recording.sites`; columns of `emgdetect.columns.SUMMARY`.
    excluded : DataFrame
        Spans not analysed, by site, then by onset; columns of `emgdetect.columns.EXCLUDED`. No
        rows if all was analysed.
    config : Config
        As used.
    waveforms : tuple of Waveform
        Average of each unit, by site, then by unit; empty if no unit was told apart.
    facts : tuple of SiteFacts
        One per site, in the same order.
    findings : tuple of Finding
        Those of the recording and those of the detection.
    seconds : mapping of str to float
        Processing time of each stage in s.
    details : mapping
        Provenance for `run.json`.
    recovery : DataFrame or None
        One row per injected potential (`emgdetect.injection.recover`); None if none were.
    """

    events: pd.DataFrame
    summary: pd.DataFrame
    excluded: pd.DataFrame
    config: Config
    waveforms: tuple[Waveform, ...] = ()
    facts: tuple[SiteFacts, ...] = ()
    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    recovery: pd.DataFrame | None = None

    @property
    def fasciculations(self) -> pd.DataFrame:
        """The counted events."""
        return self.events[self.events["verdict"] == "fasciculation"]

    def __repr__(self) -> str:
        """One line: the tables and averages themselves would fill screens."""
        n, of, at = (len(table) for table in (self.fasciculations, self.events, self.summary))
        return (
            f"<Detections | {n} fasciculation{'s' * (n != 1)} of {of} potential{'s' * (of != 1)} "
            f"at {at} site{'s' * (at != 1)}>"
        )

    def _repr_html_(self) -> str:
        """A card for notebooks: verdicts, excluded time and the rate of each site."""
        from emgdetect.cards import card, short

        counts = self.events["verdict"].value_counts()
        lost_s = self.excluded.groupby("reason")["duration"].sum()
        facts = {
            "potentials": ", ".join(f"{n} {verdict}" for verdict, n in counts.items()) or "none",
            "excluded": ", ".join(f"{short(s)} s {r}" for r, s in lost_s.items()) or "nothing",
        }
        names = ["n_fasciculations", "rate_per_min", "rate_low", "rate_high", "analysed_s"]
        numbers = self.summary[names].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
        rows = [
            (site, *map(short, line))
            for site, line in zip(self.summary["site"], numbers, strict=True)
        ]
        header = ("site", "fasciculations", "per minute", "95 % from", "to", "analysed (s)")
        return card("Detections", facts, header=header, rows=rows)

    def to_annotations(self) -> mne.Annotations:
        """Counted events as MNE annotations (`Fasciculation`, with the channel's name)."""
        import mne

        counted = self.fasciculations
        return mne.Annotations(
            onset=counted["onset"].to_numpy(),
            duration=counted["duration"].to_numpy(),
            description=["Fasciculation"] * len(counted),
            ch_names=[(name,) for name in counted["channel"]],
        )
