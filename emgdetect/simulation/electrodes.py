"""Where the electrodes of a site lie: a bipolar pair or a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgdetect.simulation.model import Floats


@dataclass(frozen=True)
class Electrodes:
    """Recording points on the skin and how channels are made of them.

    Attributes
    ----------
    across_mm, along_mm : ndarray, shape (n_points,)
        Position across and along the fibres; 0 along is the middle of the electrodes.
    montage : ndarray, shape (n_channels, n_points)
        Weight of each point in each channel.
    rows, columns : ndarray, shape (n_channels,)
        Place on the grid, from 1; NaN for a bipolar pair.
    spacing_mm : float
    reference : str
    """

    across_mm: Floats
    along_mm: Floats
    montage: Floats
    rows: Floats
    columns: Floats
    spacing_mm: float
    reference: str

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return len(self.montage)


def bipolar(*, spacing_mm: float = 20.0) -> Electrodes:
    """One channel: the difference of two electrodes along the fibres (SENIAM: 20 mm apart)."""
    along = np.array([-0.5, 0.5]) * spacing_mm
    nowhere = np.full(1, np.nan)
    return Electrodes(
        np.zeros(2), along, np.array([[1.0, -1.0]]), nowhere, nowhere, spacing_mm, "bipolar"
    )


def grid(*, n_channels: int = 64, n_rows: int = 13, spacing_mm: float = 8.0) -> Electrodes:
    """Monopolar grid, rows along the fibres, filled column by column (13 × 5 without a corner)."""
    index = np.arange(n_channels)
    rows, columns = index % n_rows, index // n_rows
    along = np.asarray((rows - (n_rows - 1) / 2) * spacing_mm, dtype=np.float64)
    across = np.asarray((columns - columns.max() / 2) * spacing_mm, dtype=np.float64)
    return Electrodes(
        across_mm=across,
        along_mm=along,
        montage=np.eye(n_channels),
        rows=np.asarray(rows + 1, dtype=np.float64),
        columns=np.asarray(columns + 1, dtype=np.float64),
        spacing_mm=spacing_mm,
        reference="monopolar",
    )
