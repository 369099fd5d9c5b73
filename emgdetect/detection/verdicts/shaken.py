"""What moves at one site and shows at another: one blow shakes several cables.

Where it is large it is told by its shape; where it is small it looks like a potential. But it comes
at the same moment and has the same waveform, which potentials of two muscles have not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import in_time
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.signal.spans import nearest
from emgdetect.signal.waveform import correlations

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

WITHIN_S = 0.010
"""Seconds between the peaks of one blow at two sites: of ringing each may have another lobe as its
largest. Of 12,968 counted events of four simulators (movement, all at once, healthy, crosstalk; 44
recordings) 17 are shaken so, with the correlation below, one of them a potential; with 5 ms 13 and
none, with 15 ms 17 and one."""
ALIKE = 0.8
"""Correlation of the two waveforms, of either sign, from which they are one blow's. With 0.6 19 and
two."""
REACH_S, SHIFT_S = 0.020, 0.003
"""Seconds to either side of the peak that are compared, and by which they may be shifted: two
amplifiers delay by less. Set by judgement; not measured."""


def judge_shaken(signals: list[SiteSignal], judged: list[Judged]) -> list[Judged]:
    """Mark at each site what another one sees at the same moment, and where it is movement."""
    out = []
    moving = [in_time(s.measured.peak_s, j.verdict == "motion")
              for s, j in zip(signals, judged, strict=True)]  # fmt: skip
    for i, (signal, own) in enumerate(zip(signals, judged, strict=True)):
        shaken = np.zeros(len(own.verdict), dtype=bool)
        free = np.flatnonzero(own.verdict == "fasciculation")
        for j, (other, moved) in enumerate(zip(signals, moving, strict=True)):
            if i != j and other.site.sampling_hz == signal.site.sampling_hz:
                shaken[free] |= _shaken_with(signal, free, other, moved)
        out.append(own.revised(shaken, "motion", "as another site was shaken"))
    return out


def _shaken_with(signal: SiteSignal, free: Ints, other: SiteSignal, moved: Ints) -> Bools:
    """Which potentials of a site have the time and the waveform of another's, in order of time."""
    marked = np.zeros(len(free), dtype=bool)
    if not len(free) or not len(moved):
        return marked
    time_s = signal.measured.peak_s[free]
    partner = moved[nearest(time_s, other.measured.peak_s[moved])]
    later_s = other.measured.peak_s[partner] - time_s
    rate = signal.site.sampling_hz
    reach, shift = round(REACH_S * rate), round(SHIFT_S * rate)
    for k in np.flatnonzero(np.abs(later_s) <= WITHIN_S):
        alike = correlations(signal.measured.snippet_uv[free[k]],
                             other.measured.snippet_uv[partner[k]], reach=reach, shift=shift,
                             later=round(later_s[k] * rate))  # fmt: skip
        marked[k] = np.abs(alike).max() >= ALIKE
    return marked
