"""A warning where the noise taken for rest is louder than that of a relaxed muscle."""

from __future__ import annotations

from collections.abc import Sequence

from emgdetect.detections import SiteFacts
from emgdetect.findings import Finding, finding

LOUD_UV = 100.0
"""Noise RMS of a site's rest in the mild band, in µV, beyond which it is hardly that of a relaxed
muscle: SPiQE discards what lies above 100 µV (Bashford et al. 2019, Clin Neurophysiol
130:1083-1090). Of the real surface EDF recordings at hand, those of relaxed muscles have 1.6 to
8 µV, and what little is left between the contractions of vastus lateralis 27 to 81 µV."""


def loud_sites(facts: Sequence[SiteFacts]) -> list[Finding]:
    """A warning for each site of surface EMG that is as loud at its quietest as an active muscle.

    Steady activity throughout a recording is told from rest by nothing else: contraction is what
    rises above the quietest, and a rate of 0 would stand for it.

    Parameters
    ----------
    facts : sequence of SiteFacts

    Returns
    -------
    list of Finding
        In the order of `facts`; none of a site without analysed time.
    """
    return [
        finding(
            "noise-high",
            f"{fact.site}: the noise of what was taken for rest is {fact.noise_uv:.3g} uV RMS, "
            "more than a relaxed muscle has. The muscle may be active throughout, or the unit "
            "wrong.",
        )
        for fact in facts
        if len(fact.analysed_s) and fact.noise_uv > LOUD_UV
    ]
