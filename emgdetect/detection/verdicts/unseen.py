"""What nobody could see is not counted: the local noise hides it, and no unit vouches for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.second_pass.fitting import fit_amplitudes
from emgdetect.detection.second_pass.measuring import over_noise
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.judging import Judged

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

UNSEEN = 2.0
"""Amplitude over the noise RMS around it that the median of a unit's counted potentials has to
reach: below it no sample rises beyond noise (`signal.waveform.EDGE_RMS`). A unit's pops and
movement, which are not counted, may be far larger and hide that at the second pass's listing. Of
41,600 counted events of three simulators (hold-out 12, seeds 0 and 1; hold-out 10, eight phenomena,
seeds 0 to 3; ours, tuning seeds 1001 to 1004 of five) 9 go so, all of them false; with 2.5, 10
false and 3 true ones."""
HIDDEN = 1.5
"""The same of a single potential that does not resemble its unit. Of a unit that is seen elsewhere
the likeness has to be asked, too: in the same recordings 12 of 18 such faint ones are true, beside
movement that makes the noise ten times its usual size."""
UNLIKE = 0.25
"""Correlation with its unit's waveform below which it does not resemble that: of those hidden, and
unlike, 4 are false and 2 true in the same recordings."""


def judge_unseen(signal: SiteSignal, judged: Judged) -> Judged:
    """Take back what is too small to be seen.

    Parameters
    ----------
    signal : SiteSignal
    judged : Judged
        After all else that is asked of shapes and units.

    Returns
    -------
    Judged
    """
    ratio = over_noise(signal.measured)
    free = judged.verdict == "fasciculation"
    unseen = _of_unseen_units(ratio, signal.found.template, free)
    judged = judged.revised(unseen, "motion", "smaller than the noise, as its unit is")
    return judged.revised(_unlike(signal, free & (ratio < HIDDEN)), "motion",
                          "smaller than the noise, and unlike its unit")  # fmt: skip


def _of_unseen_units(ratio: Floats, template: NDArray[np.int64], free: Bools) -> Bools:
    """Free potentials of units of which those are too small to be seen, by their median."""
    unseen = np.zeros(len(ratio), dtype=bool)
    for unit in np.unique(template[free & (template >= 0)]):
        own = free & (template == unit)
        unseen[own] = np.median(ratio[own]) < UNSEEN
    return unseen


def _unlike(signal: SiteSignal, hidden: Bools) -> Bools:
    """Which of the hidden potentials do not resemble their units."""
    template = signal.found.template
    asked = np.isin(template, template[hidden & (template >= 0)])
    unit = np.where(asked, template + 1, 0)
    _, match = fit_amplitudes(signal.measured.snippet_uv, unit, signal.channel)
    return np.asarray(hidden & (match < UNLIKE))
