"""A warning where hardly any time is left: what was taken for rest may be none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import Finding, finding
from emgdetect.signal.spans import total

Spans = NDArray[np.floating[Any]]

MOSTLY = 0.8
"""Share of the time, without what cannot be used for other reasons, that has to be excluded as
contraction or tremor. Set by judgement; not measured."""


def mostly_active(site: str, excluded: Mapping[str, Spans], *, analysed_s: float) -> list[Finding]:
    """A warning for a site most of whose time was excluded since the muscle was not at rest.

    Contraction is told by how far its noise exceeds the quietest. Where that is of an amplifier
    without its electrode, all the rest is excluded, and no rate is as wrong as the one left.

    Parameters
    ----------
    site : str
    excluded : mapping of str to ndarray, shape (n_spans, 2)
        Excluded spans by reason.
    analysed_s : float

    Returns
    -------
    list of Finding
        Empty where less was excluded.
    """
    active_s = sum(total(excluded[reason]) for reason in ("contraction", "tremor"))
    if not active_s or active_s < MOSTLY * (active_s + analysed_s):
        return []
    message = (
        f"{site}: {active_s:.0f} s were excluded as contraction or tremor and {analysed_s:.0f} s "
        "analysed; the quietest time was taken for rest."
    )
    return [finding("mostly-active", message)]
