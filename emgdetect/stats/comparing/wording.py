"""One rate ratio in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from emgdetect.stats.rates import LEAST_S


def sentence(effect: dict[str, Any]) -> str:
    """One effect in words."""
    site, covariate = effect["site"], effect["covariate"]
    if effect.get("message"):
        return f"{site}, {covariate}: no ratio, since {effect['message']}."
    per_unit = effect["contrast"] == "per unit"
    what = f"one more unit of {covariate}" if per_unit else f"{covariate} {effect['contrast']}"
    high = effect["ratio_high"]
    upper = f"{high:.4g}" if np.isfinite(high) else "open"
    text = (
        f"{site}: with {what} the rate is {effect['rate_ratio']:.4g} times as high "
        f"(95 % {effect['ratio_low']:.4g} to {upper}; p {_p(effect['p'])}, "
        f"Holm {_p(effect['p_holm'])})"
    )
    low_value, high_value = effect["range"]
    if per_unit:
        whole = effect["rate_ratio"] ** (high_value - low_value)
        text += f", {whole:.3g} times over the range seen ({low_value:g} to {high_value:g})"
    above = effect["above_uv"]
    size = f"of at least {above:.3g} µV" if np.isfinite(above) else "of any size, as found"
    text += f"; {effect['n_fasciculations']} potentials {size} in {effect['n_recordings']} "
    text += f"recordings of {effect['n_persons']} person{'s' if effect['n_persons'] > 1 else ''}"
    if effect["missing"]:
        text += f"; {effect['missing']} recordings without {covariate}, or with less than "
        text += f"{LEAST_S:g} s analysed, left out"
    return text + "."


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
