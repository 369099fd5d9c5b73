"""What a site hears of the large units of the muscle next to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emgdetect.simulation.amplifier import measured
from emgdetect.simulation.model import Discharges, Rng, Unit

if TYPE_CHECKING:
    from emgdetect.simulation.scenarios import Crosstalk


def neighbour(site: str, sites: tuple[str, ...]) -> str | None:
    """The next site of the same body side (last word of the name) and limb, if there is one."""
    side = site.split()[-1]
    others = [s for s in sites if s != site and s.split()[-1] == side]
    return others[0] if others else None


def heard_units(rng: Rng, plan: Crosstalk, units: tuple[Unit, ...], *, own_noise_uv: float,
                noise_uv: float) -> dict[int, Unit]:  # fmt: skip
    """The far potentials of some of the neighbour's units, by their number there.

    A far potential is wider and has lost the propagating part: the original smoothed over 2–4 ms
    and mixed with its derivative. Its amplitude is a fixed share of the original's in µV.

    Parameters
    ----------
    own_noise_uv, noise_uv : float
        Noise RMS where the units lie and where they are heard.
    """
    heard = {}
    for unit in units:
        if unit.snr < 12 or rng.random() > plan.share:
            continue
        wave = unit.groups_uv[:, unit.channel : unit.channel + 1]
        width = max(3, int(rng.uniform(0.002, 0.004) * unit.fine_hz))
        kernel = np.hanning(width + 2) / np.hanning(width + 2).sum()
        far = np.apply_along_axis(np.convolve, -1, wave, kernel, mode="same")
        slope = np.gradient(far, axis=-1)
        far = far / np.ptp(far) + rng.uniform(-1.5, 1.5) * slope / np.ptp(slope)
        shift = round(rng.uniform(*plan.delay_s) * unit.fine_hz)
        far = np.roll(far, shift, axis=-1)
        height_uv = unit.snr * own_noise_uv * rng.uniform(*plan.ratio)
        far *= height_uv / np.ptp(measured(far.sum(axis=0), sampling_hz=unit.fine_hz))
        heard[unit.number] = replace(
            unit, groups_uv=far, channel=0, snr=height_uv / noise_uv, number=HEARD + unit.number
        )
    return heard


HEARD = 900
"""Numbers of heard units start here."""


def heard_discharges(found: Discharges, heard: dict[int, Unit]) -> Discharges:
    """The neighbour's discharges of the units that are heard, as cross-talk."""
    rows = np.isin(found.units, list(heard))
    n = int(rows.sum())
    return Discharges(
        found.times_s[rows],
        found.units[rows] + HEARD,
        np.full(n, "crosstalk", dtype=object),
        found.patterns[rows],
    )
