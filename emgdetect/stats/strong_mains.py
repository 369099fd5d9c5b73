"""A note where mains was strong and nobody knows what could be seen beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgdetect.findings import Finding, finding

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.5
"""Share of the power at 20-450 Hz from which mains is told. Set by judgement; not measured."""


def strong_mains(summary: pd.DataFrame) -> list[Finding]:
    """A note for each site with strong mains whose detectable amplitude is not known.

    Parameters
    ----------
    summary : DataFrame
        Columns of `emgdetect.columns.SUMMARY`.

    Returns
    -------
    list of Finding
        In the order of the rows.
    """
    numbers = summary[["analysed_s", "mains_share", "detectable_uv"]].astype("Float64")
    known = numbers.to_numpy(dtype=float, na_value=np.nan)
    return [
        finding(
            "mains-strong",
            f"{site}: mains held {share:.0%} of the power at 20-450 Hz before it was taken out, "
            "and it is not known which amplitudes could be seen beside it.",
        )
        for site, (analysed_s, share, detectable_uv) in zip(summary["site"], known, strict=True)
        if analysed_s > 0 and share > SHARE and np.isnan(detectable_uv)
    ]
