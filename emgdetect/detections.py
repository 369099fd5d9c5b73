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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Detections:
    """What was found in one recording.

    Attributes
    ----------
    events : DataFrame
        One row per potential, sorted by onset; columns of `emgdetect.columns.EVENTS`.
    summary : DataFrame
        One row per site.
    excluded : DataFrame
        Spans not analysed; columns of `emgdetect.columns.EXCLUDED`.
    config : Config
    waveforms : tuple of Waveform
    findings : tuple of Finding
        Those of the recording and those of the detection.
    seconds : mapping of str to float
        Time each stage took.
    details : mapping
        Provenance for `run.json`.
    """

    events: pd.DataFrame
    summary: pd.DataFrame
    excluded: pd.DataFrame
    config: Config
    waveforms: tuple[Waveform, ...] = ()
    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fasciculations(self) -> pd.DataFrame:
        """The counted events."""
        return self.events[self.events["verdict"] == "fasciculation"]

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
