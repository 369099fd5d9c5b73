"""The true sampling rate of a site whose samples were held, found in the signal itself.

Above half of it lie images of what is below: whitened, they look like noise and add up like
potentials. A site is analysed as far as the slowest of its channels tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection.trace.front import band_of
from emgdetect.findings import Finding, finding
from emgdetect.readers.drafts import MIN_SAMPLING_HZ
from emgdetect.readers.holding import held_message, true_share
from emgdetect.recording import Recording, Site

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

HELD_WINDOWS = 24
"""Windows of the first look in which repeats are looked for. Set by judgement; not measured."""


def true_band(
    recording: Recording, site: Site, windows: Sequence[Floats], config: Config
) -> tuple[tuple[float, float], Bools, list[Finding]]:
    """How far a site can be analysed, by the true rates of its channels.

    Parameters
    ----------
    recording : Recording
    site : Site
    windows : sequence of ndarray, shape (n_channels, n_samples)
        Raw, spread over the recording.
    config : Config

    Returns
    -------
    band : tuple of float
        Edges in Hz; those of `band_of` where nothing is held.
    slow : ndarray of bool, shape (n_channels,)
        Channels too slow for EMG, whatever rate they were written at.
    findings : list of Finding
        Channels that are held, unless the reader noticed, and what follows for the site.
    """
    rate, needle = site.sampling_hz, recording.kind == "needle"
    some = windows[:: -(-len(windows) // HELD_WINDOWS)]
    shares = [true_share([window[row] for window in some]) for row in range(len(site.channels))]
    true_hz = rate * np.array([float(share) for share in shares])
    slow = true_hz < MIN_SAMPLING_HZ
    slowest_hz = float(true_hz[~slow].min(initial=rate))
    band = band_of(config, rate, needle=needle, true_hz=slowest_hz)
    findings = _not_said(recording, site, shares, slow)
    if band != band_of(config, rate, needle=needle):
        message = f"Site {site.name} is analysed up to {band[1]:.0f} Hz: a channel was sampled at "
        findings.append(finding("band-narrowed", f"{message}{slowest_hz:g} Hz."))
    return band, slow, findings


def _not_said(
    recording: Recording, site: Site, shares: Sequence[Fraction], slow: Bools
) -> list[Finding]:
    """Findings on held channels of which the reader has said nothing, or that it has kept."""
    said = {found.channel for found in recording.findings if found.code == "signal-held"}
    findings = []
    for index, share, out in zip(site.channels, shares, slow, strict=True):
        name = recording.channels[index].name
        if share < 1 and (out or name not in said):
            message = held_message(name, share, site.sampling_hz) + " It is left out." * bool(out)
            findings.append(finding("signal-held", message, channel=name))
    return findings
