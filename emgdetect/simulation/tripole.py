"""Potentials of fibres: two current tripoles run from the end plate and end at the tendons.

The membrane current of a fibre is three point sources that sum to zero in charge and in first
moment (Merletti, Lo Conte, Avignone & Guglielminotti 1999, IEEE Trans Biomed Eng 46:810–820). At
the end plate the poles appear one by one, at the tendon they stop one by one, which gives the
standing end-of-fibre potential. The volume conductor is an anisotropic half space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgdetect.simulation.electrodes import Electrodes
from emgdetect.simulation.model import Floats, Rng

CHARGES = np.array([24.6, -35.4, 10.8])
"""Strengths of the poles, leading pole first; they sum to zero."""

OFFSETS_MM = np.array([0.0, 2.1, 2.1 * 35.4 / 10.8])
"""Distance of each pole behind the first; the first moment is zero as well."""

ANISOTROPY = 5.0
"""Conductivity along over across the fibres."""


@dataclass(frozen=True)
class Fibres:
    """Bundles of fibres of one motor unit.

    Attributes
    ----------
    across_mm, depth_mm, end_plate_mm : ndarray, shape (n_fibres,)
        Position across, below the skin and of the end plate along the fibres.
    left_mm, right_mm : ndarray, shape (n_fibres,)
        Lengths from the end plate to either tendon.
    velocity_m_per_s, delay_s : ndarray, shape (n_fibres,)
        Conduction velocity, and delay of the nerve branch and end plate.
    """

    across_mm: Floats
    depth_mm: Floats
    end_plate_mm: Floats
    left_mm: Floats
    right_mm: Floats
    velocity_m_per_s: Floats
    delay_s: Floats


def draw_fibres(rng: Rng, n_fibres: int, *, reach_mm: float = 12.0) -> Fibres:
    """Fibres of a unit with a round territory under or beside the electrodes.

    Fat of 1–5 mm lies over the muscle; the innervation zone lies 10–45 mm from the middle of the
    electrodes; fibres reach 45–90 mm to either side. `reach_mm` bounds the territory's middle
    across the fibres.
    """
    depth_mm, across_mm = rng.uniform(2, 12), rng.uniform(-reach_mm, reach_mm)
    radius_mm, fat_mm = rng.uniform(1.5, 5), rng.uniform(1, 5)
    around, out = rng.uniform(0, 2 * np.pi, n_fibres), radius_mm * np.sqrt(rng.random(n_fibres))
    end_plate_mm = rng.choice([-1, 1]) * rng.uniform(10, 45) + rng.uniform(-5, 5, n_fibres)
    lengths = rng.uniform(45, 90, (2, 1)) + rng.uniform(-5, 5, (2, n_fibres))
    velocity = rng.normal(4.0, 0.3) * (1 + 0.04 * rng.standard_normal(n_fibres))
    return Fibres(
        across_mm + out * np.cos(around),
        fat_mm + np.maximum(depth_mm + out * np.sin(around), 1.0),
        end_plate_mm,
        lengths[0],
        lengths[1],
        np.clip(velocity, 2.8, 5.2),
        np.abs(rng.normal(0, rng.uniform(0.0002, 0.001), n_fibres)) + 0.001,
    )


def skin_potential(fibres: Fibres, times_s: Floats, electrodes: Electrodes) -> Floats:
    """Potential of each fibre in each channel, arbitrary scale.

    φ = Σ q / sqrt((z − z_q)² + K r²), summed over three poles and both directions.

    Returns
    -------
    ndarray, shape (n_fibres, n_channels, n_times)
    """
    across = electrodes.across_mm[:, None] - fibres.across_mm
    radial = (across**2 + fibres.depth_mm**2) * ANISOTROPY  # (n_points, n_fibres)
    run_mm = (times_s - fibres.delay_s[:, None]) * fibres.velocity_m_per_s[:, None] * 1e3
    out = np.zeros((len(electrodes.along_mm), *run_mm.shape))
    for side, lengths in ((-1, fibres.left_mm), (1, fibres.right_mm)):
        for charge, offset in zip(CHARGES, OFFSETS_MM, strict=True):
            travelled = np.clip(run_mm - offset, 0, lengths[:, None])
            at_mm = fibres.end_plate_mm[:, None] + side * travelled
            along = electrodes.along_mm[:, None, None] - at_mm
            out += charge / np.sqrt(along**2 + radial[:, :, None])
    return np.asarray(np.einsum("cp,pft->fct", electrodes.montage, out))


def tripole_groups(
    rng: Rng, times_s: Floats, *, electrodes: Electrodes, n_groups: int, n_fibres: int = 24
) -> Floats:
    """Potentials of the fibre groups of one unit, arbitrary scale.

    Drawn on every fourth of the (finely spaced) times, then interpolated by its spectrum.

    Returns
    -------
    ndarray, shape (n_groups, n_channels, n_times)
    """
    n_fibres = max(n_fibres // n_groups, 1) * n_groups
    step = 4 if len(times_s) % 4 == 0 else 1
    reach_mm = 10.0 + float(np.ptp(electrodes.across_mm)) / 2
    fibres = draw_fibres(rng, n_fibres, reach_mm=reach_mm)
    potentials = skin_potential(fibres, times_s[::step], electrodes)
    groups = potentials.reshape(n_groups, -1, *potentials.shape[1:]).sum(axis=1)
    return _finer(groups, step)


def _finer(data: Floats, factor: int) -> Floats:
    n = data.shape[-1]
    return np.asarray(np.fft.irfft(np.fft.rfft(data, axis=-1), n * factor, axis=-1)) * factor
